"""The files of an export."""

NETWORK = "network.onnx"
TOKENIZER = "tokenizer.json"
DESCRIPTION = "description.json"
NOT_EXPORTABLE = "not-exportable.json"  # why there is no network: this model runs with torch only
