"""Loading an encoder, whatever runs it."""

from pathlib import Path

from index.encoding.encoder import Encoder
from index.encoding.onnx_encoder import OnnxEncoder


def load_encoder(folder: Path, *, threads: int = 0) -> Encoder:
    """Load the exported model in `folder`; `threads` encode passages, 0 means one per core.

    Raises DamagedIndex if the export is incomplete or altered.
    """
    return OnnxEncoder(folder, threads=threads)
