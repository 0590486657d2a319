"""A web server on 127.0.0.1 that answers as a test tells it to."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Page:
    """An answer: its status, headers and body.

    `endless` never stops, `cut` breaks off, `silent` waits before it begins, in seconds; of what
    is `dripping` ("body" or "headers") a byte comes now and then, for ever.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    endless: bool = False
    cut: bool = False
    silent: float = 0.0
    dripping: str = ""


@dataclass
class FakeWeb:
    """The pages of the server by path, or functions that make one, and what was asked for."""

    address: str = ""
    pages: dict[str, Page | Callable[[dict[str, str]], Page]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    busy: int = 0
    most_at_once: int = 0

    def paths(self) -> list[str]:
        """Return the paths asked for, robots.txt left out."""
        return [path for path, _ in self.asked if path != "/robots.txt"]


class _Handler(BaseHTTPRequestHandler):
    web: FakeWeb
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.web.busy += 1
        self.web.most_at_once = max(self.web.most_at_once, self.web.busy)
        try:
            self._answer()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            self.web.busy -= 1

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.web.asked.append((self.path, headers))
        known = self.web.pages.get(self.path, Page(status=404))
        page = known if isinstance(known, Page) else known(headers)
        time.sleep(page.silent)
        if page.dripping == "headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            self._drip(b"x", 0.02)
        self.send_response(page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        if page.endless or page.dripping:
            self.end_headers()
            self._drip(b"x" * 65536 if page.endless else b"x", 0 if page.endless else 0.02)
        size = len(page.body) + (10 if page.cut else 0)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write(page.body)
        if page.cut:
            self.close_connection = True

    def _drip(self, piece: bytes, every: float) -> None:
        while True:
            self.wfile.write(piece)
            time.sleep(every)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serve() -> Iterator[FakeWeb]:
    """Run a server while the block runs."""
    web = FakeWeb()

    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"web": web}))
    server.daemon_threads = True
    web.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
