from corpus.readers import load_reader
from corpus.readers.formats import BY_SUFFIX, suffix_of
from tests.support.samples import make_every_format


def test_there_is_a_sample_of_every_suffix() -> None:
    names = tuple(make_every_format())
    assert [
        suffix for suffix in BY_SUFFIX if not any(name.endswith(suffix) for name in names)
    ] == []


def test_every_sample_is_read() -> None:
    samples = make_every_format()
    readers = {name: load_reader(BY_SUFFIX[suffix_of(name)]) for name in samples}
    assert {name for name, read in readers.items() if list(read(samples[name]))} == set(samples)
