import gzip
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from corpus.errors import UnreadableSource
from corpus.web.fetching import DownloadLimits, Fetcher
from corpus.web.hosts import Guard
from tests.support.fake_web import FakeWeb, Page, serve


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with serve() as web:
        yield web


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def fetcher(slept: list[float]) -> Fetcher:
    return make_fetcher(slept)


def make_fetcher(
    slept: list[float], guard: Guard | None = None, attempts: int = 4, patience: float = 5.0
) -> Fetcher:
    limits = DownloadLimits(
        delay=0.5, timeout=0.3, patience=patience, attempts=attempts, most=1 << 20
    )
    return Fetcher(limits, private=["127.0.0.1"], sleep=slept.append, guard=guard)


def test_a_page_is_fetched_with_its_kind_and_version(web: FakeWeb, fetcher: Fetcher) -> None:
    web.pages["/a"] = Page(b"The tide.", headers={"ETag": '"1"', "Content-Type": "text/plain"})
    fetched = fetcher.fetch(f"{web.address}/a")
    assert (fetched.data, fetched.content_type, fetched.etag) == (b"The tide.", "text/plain", '"1"')
    assert web.asked[-1][1]["user-agent"].startswith("memcon/")


def test_a_page_that_has_not_changed_is_not_sent_again(web: FakeWeb, fetcher: Fetcher) -> None:
    def page(headers: dict[str, str]) -> Page:
        known = (headers.get("if-none-match"), headers.get("if-modified-since"))
        return Page(status=304) if known == ('"1"', "then") else Page(b"The tide.")

    web.pages["/a"] = page
    assert fetcher.fetch(f"{web.address}/a", '"1"', "then").data is None
    assert fetcher.fetch(f"{web.address}/a", '"2"').data == b"The tide."


def test_what_robots_are_asked_to_leave_is_left(web: FakeWeb, fetcher: Fetcher) -> None:
    web.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /private/\nCrawl-delay: 7\n")
    web.pages["/private/a"] = web.pages["/b"] = Page(b"The tide.")
    with pytest.raises(UnreadableSource, match=r"robots\.txt"):
        fetcher.fetch(f"{web.address}/private/a")
    assert fetcher.fetch(f"{web.address}/b").data == b"The tide."
    assert web.paths() == ["/b"]


@pytest.mark.parametrize(("status", "allowed"), [(401, False), (403, False), (404, True)])
def test_robots_that_cannot_be_read(
    status: int, allowed: bool, web: FakeWeb, fetcher: Fetcher
) -> None:
    web.pages["/robots.txt"] = Page(status=status)
    web.pages["/a"] = Page(b"The tide.")
    if allowed:
        assert fetcher.fetch(f"{web.address}/a").data
    else:
        with pytest.raises(UnreadableSource):
            fetcher.fetch(f"{web.address}/a")


def test_between_two_requests_there_is_a_pause(
    web: FakeWeb, fetcher: Fetcher, slept: list[float]
) -> None:
    web.pages["/robots.txt"] = Page(b"User-agent: memcon\nCrawl-delay: 7\n")
    web.pages["/a"] = Page(b"The tide.")
    fetcher.fetch(f"{web.address}/a")
    fetcher.fetch(f"{web.address}/a")
    # Before the page the pause that robots.txt asks for, and again before the second one.
    assert [round(pause) for pause in slept] == [7, 7]


def test_trouble_that_passes_is_waited_for_longer_each_time(
    web: FakeWeb, fetcher: Fetcher, slept: list[float]
) -> None:
    answers = iter([Page(status=503), Page(status=500), Page(b"The tide.")])
    web.pages["/a"] = lambda _: next(answers)
    assert fetcher.fetch(f"{web.address}/a").data == b"The tide."
    assert [pause for pause in slept if pause in {0.5, 1.0}] == [0.5, 1.0]


@pytest.mark.parametrize("ask", ["5", "date"])
def test_a_server_that_names_a_time_is_given_it(
    ask: str, web: FakeWeb, fetcher: Fetcher, slept: list[float]
) -> None:
    import time

    when = ask if ask == "5" else formatdate(time.time() + 5, usegmt=True)
    answers = iter([Page(status=429, headers={"Retry-After": when}), Page(b"The tide.")])
    web.pages["/a"] = lambda _: next(answers)
    assert fetcher.fetch(f"{web.address}/a").data == b"The tide."
    assert any(3 <= pause <= 5 for pause in slept)


def test_trouble_that_stays_is_given_up(web: FakeWeb, fetcher: Fetcher) -> None:
    web.pages["/a"] = Page(status=502)
    with pytest.raises(UnreadableSource, match=r"answers 502 \(4 tries\)"):
        fetcher.fetch(f"{web.address}/a")
    assert len(web.paths()) == 4


def test_redirects_are_followed_but_not_for_ever(web: FakeWeb, fetcher: Fetcher) -> None:
    web.pages["/a"] = Page(status=301, headers={"Location": "/b"})
    web.pages["/b"] = Page(b"The tide.")
    web.pages["/round"] = Page(status=302, headers={"Location": "/round"})
    web.pages["/out"] = Page(status=302, headers={"Location": "file:///etc/hostname"})
    assert fetcher.fetch(f"{web.address}/a").url == f"{web.address}/b"
    with pytest.raises(UnreadableSource, match="without end"):
        fetcher.fetch(f"{web.address}/round")
    with pytest.raises(UnreadableSource, match="no address of a web page"):
        fetcher.fetch(f"{web.address}/out")


def test_a_redirect_does_not_lead_past_robots(web: FakeWeb, fetcher: Fetcher) -> None:
    web.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /private\n")
    web.pages["/a"] = Page(status=301, headers={"Location": "/private"})
    with pytest.raises(UnreadableSource, match=r"robots\.txt"):
        fetcher.fetch(f"{web.address}/a")


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(status=404), "answers 404"),
        (Page(endless=True), "more than 1 MB"),
        (Page(b"The ti", cut=True), "broke off"),
        (Page(b"The tide.", silent=0.6), "silent"),
        (Page(gzip.compress(bytes(1 << 24)), headers={"Content-Encoding": "gzip"}), "more than"),
        (Page(b"no gzip", headers={"Content-Encoding": "gzip"}), "failed"),
    ],
)
def test_a_page_that_does_not_come_whole_is_refused(
    page: Page, reason: str, web: FakeWeb, slept: list[float]
) -> None:
    fetcher = make_fetcher(slept, attempts=2)
    web.pages["/a"] = page
    with pytest.raises(UnreadableSource, match=reason):
        fetcher.fetch(f"{web.address}/a")


@pytest.mark.parametrize("dripping", ["body", "headers"])
def test_a_page_that_comes_byte_by_byte_is_not_waited_for(
    dripping: str, web: FakeWeb, slept: list[float]
) -> None:
    fetcher = make_fetcher(slept, patience=0.5)
    web.pages["/a"] = Page(dripping=dripping)
    with pytest.raises(UnreadableSource, match=r"not finished after 0\.5 s"):
        fetcher.fetch(f"{web.address}/a")


def test_a_server_that_wants_a_long_time_is_left_for_another_day(
    web: FakeWeb, fetcher: Fetcher, slept: list[float]
) -> None:
    web.pages["/a"] = Page(status=429, headers={"Retry-After": "7200"})
    with pytest.raises(UnreadableSource, match="come back in 7200 s"):
        fetcher.fetch(f"{web.address}/a")
    assert len(web.paths()) == 1
    web.pages["/robots.txt"] = Page(b"User-agent: *\nCrawl-delay: 3600\n")
    with pytest.raises(UnreadableSource, match="3600 s between two requests"):
        make_fetcher(slept).fetch(f"{web.address}/b")


def test_what_is_of_no_use_is_not_downloaded(web: FakeWeb, fetcher: Fetcher) -> None:
    def accept(url: str, kind: str) -> None:
        assert url.endswith("/film")
        raise UnreadableSource(f"no use for {kind}")

    web.pages["/film"] = Page(endless=True, headers={"Content-Type": "video/mp4"})
    web.pages["/a"] = Page(status=302, headers={"Location": "/film"})
    with pytest.raises(UnreadableSource, match="no use for video/mp4"):
        fetcher.fetch(f"{web.address}/a", accept=accept)


def test_a_host_is_looked_up_once_and_asked_where_it_was_found(
    web: FakeWeb, slept: list[float]
) -> None:
    looked_up: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        # A name that means one address when it is checked, and another a moment later.
        looked_up.append(host)
        return ["127.0.0.1" if len(looked_up) <= 2 else "10.0.0.1"]

    fetcher = make_fetcher(slept, Guard(["127.0.0.1"], resolve))
    port = web.address.rpartition(":")[2]
    web.pages["/a"] = Page(b"The tide.")
    assert fetcher.fetch(f"http://rebinding.test:{port}/a").data == b"The tide."
    assert looked_up == ["rebinding.test"] * 2  # for robots.txt, and for the page
    with pytest.raises(UnreadableSource, match="not on the public internet"):
        fetcher.fetch(f"http://rebinding.test:{port}/a")
    assert web.asked[-1][1]["host"] == f"rebinding.test:{port}"


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
    ],
)
def test_a_redirect_does_not_lead_into_a_private_network(
    target: str, web: FakeWeb, fetcher: Fetcher
) -> None:
    web.pages["/a"] = Page(status=302, headers={"Location": target})
    with pytest.raises(UnreadableSource, match="not on the public internet"):
        fetcher.fetch(f"{web.address}/a")
    assert web.paths() == ["/a"]


def test_robots_do_not_lead_into_a_private_network_either(web: FakeWeb, fetcher: Fetcher) -> None:
    web.pages["/robots.txt"] = Page(status=302, headers={"Location": "http://192.168.0.1/"})
    web.pages["/a"] = Page(b"The tide.")
    with pytest.raises(UnreadableSource, match="not on the public internet"):
        fetcher.fetch(f"{web.address}/a")
    assert web.paths() == []


def test_who_asks_says_who_he_is(web: FakeWeb, slept: list[float]) -> None:
    web.pages["/a"] = Page(b"The tide.")
    fetcher = Fetcher(private=["127.0.0.0/8"], contact="keeper@archive.test", sleep=slept.append)
    fetcher.fetch(f"{web.address}/a")
    assert "keeper@archive.test" in web.asked[-1][1]["user-agent"]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/a", "file:///etc/hostname", "http:///a", "a"])
def test_what_is_no_web_address_is_not_asked(url: str, fetcher: Fetcher) -> None:
    with pytest.raises(UnreadableSource, match="no address of a web page"):
        fetcher.fetch(url)


def test_a_host_that_is_not_there_is_said(fetcher: Fetcher) -> None:
    with pytest.raises(UnreadableSource, match="cannot be reached"):
        fetcher.fetch("http://127.0.0.1:9/a")
