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
    """An answer: its status, headers and body; `endless` never stops, `cut` breaks off."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    endless: bool = False
    cut: bool = False
    silent: float = 0.0


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


@contextmanager
def serve() -> Iterator[FakeWeb]:
    """Run a server while the block runs."""
    web = FakeWeb()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            web.busy += 1
            web.most_at_once = max(web.most_at_once, web.busy)
            try:
                self._answer()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            finally:
                web.busy -= 1

        def _answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            web.asked.append((self.path, headers))
            known = web.pages.get(self.path, Page(status=404))
            page = known if isinstance(known, Page) else known(headers)
            time.sleep(page.silent)
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if page.endless:
                self.end_headers()
                while True:
                    self.wfile.write(b"x" * 65536)
            size = len(page.body) + (10 if page.cut else 0)
            self.send_header("Content-Length", str(size))
            self.end_headers()
            self.wfile.write(page.body)
            if page.cut:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
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
