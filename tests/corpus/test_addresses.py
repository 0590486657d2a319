import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.addresses import address_key, is_address


def test_addresses_are_told_from_paths() -> None:
    assert is_address("https://example.org/a")
    assert is_address("HTTP://example.org")
    assert not is_address("papers/http.txt")
    assert not is_address("C:/papers")


@pytest.mark.parametrize(
    "url",
    [
        "https://archive.test/document/7034",
        "http://archive.test/document/7034",
        "https://www.archive.test/document/7034/",
        "https://ARCHIVE.test:443/document/7034#top",
        "https://archive.test/document/%37034?utm_source=mail&fbclid=1",
        " https://archive.test/document/7034 ",
    ],
)
def test_one_address_may_be_written_in_many_ways(url: str) -> None:
    assert address_key(url) == "archive.test/document/7034"


def test_other_addresses_stay_apart() -> None:
    urls = [
        "https://archive.test/a", "https://archive.test/A", "https://archive.test/a?b=1",
        "https://archive.test/a?b=2", "https://archive.test:8080/a", "https://other.test/a",
    ]  # fmt: skip
    assert len({address_key(url) for url in urls}) == len(urls)


@pytest.mark.parametrize("words", ["", "papers/a.txt", "ftp://a/b", "https://", "https://[::1"])
def test_what_is_no_address_has_no_key(words: str) -> None:
    assert address_key(words) is None


@given(st.text(max_size=30))
def test_the_key_of_any_words_can_be_stored(words: str) -> None:
    key = address_key(f"https://archive.test/{words}")
    assert key is None or key.encode().decode() == key
