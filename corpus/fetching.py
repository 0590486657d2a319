"""Polite downloads: robots.txt obeyed, one request at a time, pauses, patience, limits."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import urllib3

from corpus.errors import UnreadableSource
from corpus.sources import MAX_FILE_BYTES

USER_AGENT = "memcon/0.1 (a research tool for historical archives; robots: memcon)"
_ROBOT = "memcon"
_REDIRECTS = 5
_CHUNK = 1 << 16
_NOT_MODIFIED, _TOO_MANY = 304, 429


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave: `data` is None where it has not changed since the last time.

    `etag` and `modified` are what the next request says to be told so.
    """

    url: str
    data: bytes | None
    content_type: str
    etag: str | None
    modified: str | None


@dataclass
class Fetcher:
    """Downloads one address after another.

    `delay` is the pause between two requests to a host, `timeout` how long a server may be silent,
    `patience` how long one download may take in all, each in seconds; `attempts` how often an
    address is tried; `most` the size in bytes from which a download is given up.
    """

    delay: float = 1.0
    timeout: float = 30.0
    patience: float = 600.0
    attempts: int = 4
    most: int = MAX_FILE_BYTES
    sleep: Callable[[float], None] = time.sleep
    _pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(headers={"User-Agent": USER_AGENT}), init=False
    )
    _robots: dict[str, RobotFileParser] = field(default_factory=dict, init=False)
    _last: dict[str, float] = field(default_factory=dict, init=False)

    def fetch(self, url: str, etag: str | None = None, modified: str | None = None) -> Fetched:
        """Return what an address gives; raises UnreadableSource, saying why it gives nothing."""
        known = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {name: value for name, value in known.items() if value}
        url, response = self._follow(url, headers, self._ask_robots)
        with response:
            if response.status == _NOT_MODIFIED:
                return Fetched(url, None, "", etag, modified)
            if response.status != 200:
                raise UnreadableSource(f"the server answers {response.status}")
            return Fetched(
                url,
                self._body(response),
                response.headers.get("Content-Type", ""),
                response.headers.get("ETag"),
                response.headers.get("Last-Modified"),
            )

    def _follow(
        self, url: str, headers: dict[str, str], allow: Callable[[str], None]
    ) -> tuple[str, urllib3.BaseHTTPResponse]:
        """Return the last address and its answer; `allow` is asked before each."""
        for _ in range(_REDIRECTS + 1):
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.netloc:
                raise UnreadableSource(f"{url} is no address of a web page")
            allow(url)
            response = self._request(url, headers)
            target = response.get_redirect_location()
            if not target:
                return url, response
            response.close()
            url = urljoin(url, target)
        raise UnreadableSource("the server sends from one address to the next without end")

    def _ask_robots(self, url: str) -> None:
        """Raise UnreadableSource where a site does not want an address to be read by machines."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._robots:
            robots = RobotFileParser()
            _, response = self._follow(f"{site}/robots.txt", {}, lambda _: None)
            with response:
                words = self._body(response).decode("utf-8", "replace")
            if response.status in {401, 403}:
                words = "User-agent: *\nDisallow: /"
            elif response.status != 200:
                words = ""
            robots.parse(words.splitlines())
            self._robots[site] = robots
        if not self._robots[site].can_fetch(_ROBOT, url):
            raise UnreadableSource("the site's robots.txt asks programs to leave this address")

    def _request(self, url: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        """Return the answer to one request, tried again where the trouble may pass."""
        why = ""
        for attempt in range(self.attempts):
            self._pause(url)
            try:
                response = self._pool.request(
                    "GET",
                    url,
                    headers={"User-Agent": USER_AGENT, **headers},
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    timeout=urllib3.Timeout(self.timeout),
                )
            except urllib3.exceptions.HTTPError as error:
                why = _why(error)
            else:
                if response.status != _TOO_MANY and response.status < 500:
                    return response
                why = f"the server answers {response.status}"
                wait = _retry_after(response.headers.get("Retry-After"))
                response.close()
                if wait and attempt + 1 < self.attempts:
                    self.sleep(min(wait, 60.0))
                    continue
            if attempt + 1 < self.attempts:
                self.sleep(self.delay * 2**attempt)
        raise UnreadableSource(f"{why} ({self.attempts} tries)")

    def _pause(self, url: str) -> None:
        """Wait until the host may be asked again."""
        parts = urlsplit(url)
        robots = self._robots.get(f"{parts.scheme}://{parts.netloc}")
        asked = robots.crawl_delay(_ROBOT) if robots else None
        pause = max(self.delay, float(asked or 0))
        since = time.monotonic() - self._last.get(parts.netloc, -pause)
        if since < pause:
            self.sleep(pause - since)
        self._last[parts.netloc] = time.monotonic()

    def _body(self, response: urllib3.BaseHTTPResponse) -> bytes:
        """Return a whole body within the limits of size and time."""
        ends = time.monotonic() + self.patience
        body = bytearray()
        try:
            for chunk in response.stream(_CHUNK):
                body += chunk
                if len(body) > self.most:
                    raise UnreadableSource(f"more than {self.most // 2**20} MB")
                if time.monotonic() > ends:
                    raise UnreadableSource(f"not finished after {self.patience:.0f} s")
        except urllib3.exceptions.HTTPError as error:
            raise UnreadableSource(_why(error)) from error
        return bytes(body)


def _why(error: urllib3.exceptions.HTTPError) -> str:
    match error:
        case urllib3.exceptions.NameResolutionError():
            return "the address's host is not known"
        case urllib3.exceptions.NewConnectionError():
            return "the server cannot be reached"
        case urllib3.exceptions.TimeoutError():
            return "the server is silent"
        case urllib3.exceptions.SSLError():
            return "the server's certificate is not valid"
        case urllib3.exceptions.IncompleteRead() | urllib3.exceptions.ProtocolError():
            return "the connection broke off"
        case _:
            return "the download failed"


def _retry_after(value: str | None) -> float | None:
    """Return how many seconds a server asks to wait, given as such or as a date."""
    if not value:
        return None
    if value.isdecimal():
        return float(value)
    with suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    return None
