"""Broken files of every format: only documents and reasons come out, and always something."""

import random

import pytest

from corpus.documents import Document, Problem
from corpus.errors import UnreadableSource
from corpus.ingest.expansion import Expansion, Opened
from corpus.ingest.isolation import ReadingLimits, read_isolated
from tests.support.samples import make_samples

SAMPLES = make_samples()
ROUNDS = 40


def breakages(data: bytes, chance: random.Random) -> list[bytes]:
    """Return the data cut off, with bits flipped, bytes put in and taken out, and doubled."""
    found = [b"", data[:1], data[: len(data) // 2], data[:-1], data[len(data) // 3 :], data * 2]
    for _ in range(ROUNDS):
        broken = bytearray(data)
        for _ in range(chance.choice((1, 3, 30))):
            place = chance.randrange(len(broken))
            match chance.randrange(4):
                case 0:
                    broken[place] ^= 1 << chance.randrange(8)
                case 1:
                    broken[place] = chance.choice(b'\0\xff <>&"\n')
                case 2:
                    del broken[place : place + chance.randrange(1, 20)]
                case 3:
                    broken[place:place] = chance.randbytes(chance.randrange(1, 20))
            if not broken:
                break
        found.append(bytes(broken))
    return found


def read(name: str, data: bytes) -> list[Document | Problem]:
    try:
        items = list(Expansion(Opened(name, name)).read(data))
    except UnreadableSource as error:
        assert error.message.strip()  # noqa: PT017 - either is right
        return [Problem(name, error.message)]
    return [item for item in items if isinstance(item, Document | Problem)]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_whole_file_gives_documents_and_no_problem(name: str) -> None:
    found = read(name, SAMPLES[name])
    assert [type(item) for item in found] == [Document] * len(found) != []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_broken_file_gives_documents_or_reasons_and_nothing_else(name: str) -> None:
    chance = random.Random(name)
    for data in breakages(SAMPLES[name], chance):
        items = read(name, data)
        assert items
        for item in items:
            if isinstance(item, Document):
                assert item.text.strip()
                item.text.encode()
                assert "\0" not in item.text
                spans = [*item.structure.headings, *item.structure.boilerplate]
                assert all(0 <= span.start <= span.end <= len(item.text) for span in spans)
                assert all(0 <= page.start <= len(item.text) for page in item.structure.pages)
            else:
                assert item.reason
                assert "\n" not in item.reason


@pytest.mark.parametrize("name", SAMPLES)
def test_any_file_under_any_name_is_read_or_refused(name: str) -> None:
    found = {other: read(other, SAMPLES[name]) for other in SAMPLES}
    assert [other for other, items in found.items() if not items] == []


def test_noise_under_any_name_is_read_or_refused_by_the_process_that_reads() -> None:
    chance = random.Random(5)
    for name in SAMPLES:
        noise = Opened(name, name), chance.randbytes(3000)
        items = list(read_isolated(*noise, ReadingLimits(seconds=20)))
        assert items
        for item in items:
            assert isinstance(item, Document | Problem)
            if isinstance(item, Problem):
                assert item.reason not in {"the reader crashed", "took longer than 20 s"}
