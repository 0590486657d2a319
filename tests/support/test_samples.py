from corpus.readers import READERS, find_reader
from tests.support.samples import make_every_format


def test_there_is_a_sample_of_every_format() -> None:
    names = tuple(make_every_format())
    assert [suffix for suffix in READERS if not any(name.endswith(suffix) for name in names)] == []


def test_every_sample_is_read() -> None:
    samples = make_every_format()
    readers = {name: find_reader(name) for name in samples}
    assert None not in readers.values()
    read = {name for name, reader in readers.items() if reader and list(reader(samples[name]))}
    assert read == set(samples)
