"""Ports of this machine."""

import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager


@contextmanager
def reserved_port() -> Iterator[int]:
    """Keep a free port of 127.0.0.1 for a server of the test.

    On Linux, nothing else is given a port to which a socket is bound that does not listen, while a
    server that sets SO_REUSEADDR, as servers do, may listen on it.
    """
    with closing(socket.socket()) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = int(held.getsockname()[1])
        if sys.platform != "linux":
            held.close()
        yield port
