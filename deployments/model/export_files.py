"""The files of an export."""

NETWORK = "network.onnx"
NETWORK_INT8 = "network-int8.onnx"
TOKENIZER = "tokenizer.json"
DESCRIPTION = "description.json"
REFUSAL = "refusal.json"  # why there is no network: this model runs with torch only
