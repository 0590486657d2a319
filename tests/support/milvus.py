"""Milvus Lite behind a port of 127.0.0.1: the same requests as to Milvus, also from processes.

With a token it refuses who does not bring it, as Milvus does.
"""

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from index.location import Location
from index.milvus.address import MilvusAddress
from index.storage.inventory import Progress

if TYPE_CHECKING:
    from index.milvus.publishing import Published

MISSING = [name for name in ("pymilvus", "milvus_lite") if find_spec(name) is None]
# Builds an archive of texts, publishes it, and returns the generation's name.
Publish = Callable[..., str]
needs_milvus = pytest.mark.skipif(bool(MISSING), reason=f"needs {' and '.join(MISSING)}")


@dataclass
class Server:
    """A running server: `refuse` is called with the name of each request, and may raise."""

    uri: str
    refuse: Callable[[str], None] = lambda _: None

    def address(self, name: str, **options: Any) -> MilvusAddress:
        """Return an archive of its own on this server."""
        return MilvusAddress(self.uri, name, **{"timeout": 20.0, **options})


def publish(
    root: Path, address: MilvusAddress, progress: Progress, *, force: bool = False
) -> "Published":
    """Publish the archive in `root`."""
    published = Location(root, root / "cache", address).publish(progress, force=force)
    assert published
    return published


@contextmanager
def served(folder: Path, token: str = "") -> Iterator[Server]:
    """Serve the data in a folder until the end."""
    import grpc
    from milvus_lite.adapter.grpc.servicer import MilvusServicer
    from milvus_lite.db import MilvusLite
    from pymilvus.grpc_gen import milvus_pb2_grpc

    running = Server("")
    expected = base64.b64encode(token.encode()).decode()

    class Guard(grpc.ServerInterceptor):  # type: ignore[misc]
        """Lets in who brings the token; answers what a test wants refused with its reason."""

        def intercept_service(self, proceed: Any, details: Any) -> Any:
            given = dict(details.invocation_metadata).get("authorization")
            if token and given != expected:
                words = f"auth check failure, please check {given} is correct"
                return self._abort(grpc.StatusCode.UNAUTHENTICATED, words)
            try:
                running.refuse(details.method.rpartition("/")[2])
            except ConnectionError as error:
                return self._abort(grpc.StatusCode.UNAVAILABLE, str(error))
            return proceed(details)

        def _abort(self, code: Any, words: str) -> Any:
            return grpc.unary_unary_rpc_method_handler(
                lambda _, context: context.abort(code, words)
            )

    data = MilvusLite(str(folder))
    pool = ThreadPoolExecutor(8)
    server = grpc.server(pool, interceptors=[Guard()])
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(MilvusServicer(data), server)
    running.uri = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield running
    finally:
        server.stop(grace=0).wait()
        pool.shutdown()
        data.close()
