"""The transport compressions that a client may ask of the gateway."""

import importlib
import zlib
from typing import Any, Protocol


class Compressor(Protocol):
    """Turns each payload into the bytes of one websocket message."""

    def __call__(self, text: str) -> bytes:
        """Compress one payload and flush it."""
        ...


class ZlibStream:
    """One zlib stream over the whole connection, flushed after each payload."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def __call__(self, text: str) -> bytes:
        """Compress one payload and flush it."""
        return self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    """One zstandard frame over the whole connection, flushed after each payload."""

    def __init__(self) -> None:
        # discord.py asks for zstd only where this package is installed, so here it is too.
        module: Any = importlib.import_module("zstandard")
        self._stream: Any = module.ZstdCompressor().compressobj()
        self._flush_block: int = module.COMPRESSOBJ_FLUSH_BLOCK

    def __call__(self, text: str) -> bytes:
        """Compress one payload and flush it."""
        data: bytes = self._stream.compress(text.encode()) + self._stream.flush(self._flush_block)
        return data


def compressor(name: str | None) -> Compressor | None:
    """Return a new compressor for a connection, or nothing for plain text."""
    if name == "zlib-stream":
        return ZlibStream()
    if name == "zstd-stream":
        return ZstdStream()
    return None
