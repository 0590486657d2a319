"""Polite downloads: obeys robots.txt, one request at a time, with pauses, retries and limits."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import urllib3

from corpus.errors import UnreadableSource
from corpus.ingest.sources import MAX_FILE_BYTES
from corpus.web.hosts import Guard, make_pool

_ROBOT = "memcon"
_REDIRECTS = 5
_CHUNK = 1 << 16
_ROBOTS_BYTES = 512 * 1024
# No pause is longer than this, in seconds: the address is to be tried again another time.
_LONGEST_WAIT = 60.0
_OK, _NOT_MODIFIED, _TOO_MANY = 200, 304, 429
_REFUSED = {401, 403}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched address: `data` is None if it has not changed since the last time.

    `url` is the address after redirects. With `etag` and `modified`, the next request asks whether
    it has changed.
    """

    url: str
    data: bytes | None
    content_type: str
    etag: str | None
    modified: str | None


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """Limits of downloads.

    In seconds: `delay` between two requests to a host, `timeout` for a silent server, `patience`
    for one whole answer. `attempts` is the number of tries for an address, `most` the largest
    download in bytes.
    """

    delay: float = 1.0
    timeout: float = 30.0
    patience: float = 600.0
    attempts: int = 4
    most: int = MAX_FILE_BYTES


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    data: bytes
    target: str | None


class Fetcher:
    """Downloads one address after another.

    `private` names hosts and networks that are allowed though not public; `contact` is sent to
    servers, for those who run them.
    """

    def __init__(
        self,
        limits: DownloadLimits | None = None,
        *,
        private: Iterable[str] = (),
        contact: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        guard: Guard | None = None,
    ) -> None:
        """Prepare, without connecting to anything."""
        self.limits = limits or DownloadLimits()
        self._sleep = sleep
        self._guard = guard or Guard(private)
        self._pool = make_pool(self._guard)
        self._agent = f"memcon/0.1 (a research tool for historical archives; {contact or _ROBOT})"
        self._robots: dict[str, RobotFileParser] = {}
        self._last: dict[str, float] = {}

    def fetch(
        self,
        url: str,
        etag: str | None = None,
        modified: str | None = None,
        accept: Callable[[str, str], object] = lambda _url, _kind: None,
    ) -> Fetched:
        """Fetch an address; raises UnreadableSource with the reason if that fails.

        Before the download, `accept` gets the last address and its media type, and raises
        UnreadableSource to refuse it.
        """
        known = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {name: value for name, value in known.items() if value}
        url, answer = self._follow(url, headers, self._ask_robots, accept)
        if answer.status == _NOT_MODIFIED and headers:
            return Fetched(url, None, "", etag, modified)
        if answer.status != _OK:
            raise UnreadableSource(f"the server answers {answer.status}")
        return Fetched(
            url,
            answer.data,
            answer.headers.get("Content-Type", ""),
            answer.headers.get("ETag"),
            answer.headers.get("Last-Modified"),
        )

    def _follow(
        self,
        url: str,
        headers: dict[str, str],
        allow: Callable[[str], None],
        accept: Callable[[str, str], object],
        most: int | None = None,
    ) -> tuple[str, _Answer]:
        """Follow redirects and return the last address and its answer; `allow` checks each."""
        for _ in range(_REDIRECTS + 1):
            self._guard.check_url(url)
            allow(url)
            answer = self._request(url, headers, accept, most or self.limits.most)
            if answer.target is None:
                return url, answer
            url = urljoin(url, answer.target)
        raise UnreadableSource("the server sends from one address to the next without end")

    def _ask_robots(self, url: str) -> None:
        """Raise UnreadableSource if the site's robots.txt forbids an address."""
        site = _site(url)
        if site not in self._robots:
            robots = RobotFileParser()
            _, answer = self._follow(
                f"{site}/robots.txt", {}, lambda _: None, lambda _url, _kind: None, _ROBOTS_BYTES
            )
            words = answer.data.decode("utf-8", "replace") if answer.status == _OK else ""
            if answer.status in _REFUSED:
                words = "User-agent: *\nDisallow: /"
            robots.parse(words.splitlines())
            self._robots[site] = robots
        if not self._robots[site].can_fetch(_ROBOT, url):
            raise UnreadableSource("the site's robots.txt asks programs to leave this address")

    def _request(
        self, url: str, headers: dict[str, str], accept: Callable[[str, str], object], most: int
    ) -> _Answer:
        """Return the answer to one request, repeated while the trouble may pass."""
        # tenacity needs as many lines: each try also pauses for the host, and a long Retry-After
        # gives up at once.
        why = ""
        for attempt in range(self.limits.attempts):
            if attempt:
                self._sleep(self.limits.delay * 2 ** (attempt - 1))
            self._pause(url)
            try:
                answer = self._ask(url, headers, accept, most)
            except urllib3.exceptions.HTTPError as error:
                why = _why(error)
                continue
            if answer.status != _TOO_MANY and answer.status < 500:
                return answer
            why = f"the server answers {answer.status}"
            wait = _retry_after(answer.headers.get("Retry-After"))
            if wait and wait > _LONGEST_WAIT:
                raise UnreadableSource(f"{why}, and asks to come back in {wait:.0f} s")
            if wait and attempt + 1 < self.limits.attempts:
                self._sleep(wait)
        raise UnreadableSource(f"{why} ({self.limits.attempts} tries)")

    def _ask(
        self, url: str, headers: dict[str, str], accept: Callable[[str, str], object], most: int
    ) -> _Answer:
        """Send one request and return its whole answer; raises urllib3's errors."""
        with self._in_time():
            response = self._pool.request(
                "GET",
                url,
                headers={"User-Agent": self._agent, "Accept-Encoding": "identity", **headers},
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=urllib3.Timeout(self.limits.timeout),
            )
            try:
                data = b""
                if response.status == _OK:
                    accept(url, response.headers.get("Content-Type", ""))
                    data = _read(response, most)
                target = response.get_redirect_location() or None
                return _Answer(response.status, response.headers, data, target)
            finally:
                response.close()

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Break off an answer that takes longer than `patience`, even if it keeps coming.

        Raises UnreadableSource.
        """
        late = threading.Event()

        def break_off() -> None:
            late.set()
            self._guard.break_off()

        timer = threading.Timer(self.limits.patience, break_off)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (urllib3.exceptions.HTTPError, OSError) as error:
            if late.is_set():
                raise UnreadableSource(f"not finished after {self.limits.patience:g} s") from error
            raise
        finally:
            timer.cancel()
            # Each request has its own connection, to an address just checked.
            self._pool.clear()
            self._guard.forget()
        if late.is_set():
            # An answer of unknown length looks whole when it is broken off.
            raise UnreadableSource(f"not finished after {self.limits.patience:g} s")

    def _pause(self, url: str) -> None:
        """Wait until a host may be asked again; raises UnreadableSource if that is too long."""
        site = _site(url)
        robots = self._robots.get(site)
        asked = robots.crawl_delay(_ROBOT) if robots else None
        pause = max(self.limits.delay, float(asked or 0))
        if pause > _LONGEST_WAIT:
            raise UnreadableSource(f"the site asks for {pause:.0f} s between two requests")
        since = time.monotonic() - self._last.get(site, -pause)
        if since < pause:
            self._sleep(pause - since)
        self._last[site] = time.monotonic()


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _read(response: urllib3.BaseHTTPResponse, most: int) -> bytes:
    """Return a whole body; raises UnreadableSource if it is longer than `most` bytes."""
    body = bytearray()
    for chunk in response.stream(_CHUNK):
        body += chunk
        if len(body) > most:
            raise UnreadableSource(f"more than {most / 2**20:g} MB")
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
    """Return the seconds that a Retry-After header asks for, as a number or a date."""
    if not value:
        return None
    if value.isascii() and value.isdecimal():
        return float(value)
    with suppress(ValueError, TypeError, OverflowError):
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    return None
