"""The files of an export."""

NETWORK = "network.onnx"
TOKENIZER = "tokenizer.json"
DESCRIPTION = "description.json"
INT8 = "int8.json"  # in a model's folder and its int8 export: see quantization.py
NOT_EXPORTABLE = "not-exportable.json"  # why there is no network: this model runs with torch only
