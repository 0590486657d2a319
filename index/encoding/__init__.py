"""From words to vectors: the encoder, its export, pooling and quantisation."""

import os

# onnxruntime would report to its makers, and does so from the moment it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
