"""English words: the list of symspellpy, 82,765 words from books."""

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

_FILE = "frequency_dictionary_en_82_765.txt"
_DIGITS = b"0123456789"
_END = ord("\n")
# The first words are searched in the bytes of the file, half a millisecond each; for more, a set is
# made, which takes as long as forty searches.
_FEW = 20
_REMEMBERED = 10_000


@lru_cache(maxsize=_REMEMBERED)
def is_english(word: str) -> bool:
    """Return whether a word is a common English one, in any case."""
    wanted = word.lower().encode()
    if is_english.cache_info().misses > _FEW:
        return wanted in _read_set()
    known, wanted = _read_list(), wanted + b" "
    place = known.find(wanted)
    while place > 0 and known[place - 1] != _END:
        place = known.find(wanted, place + 1)
    return place > 0


@cache
def _read_set() -> frozenset[bytes]:
    return frozenset(_read_list().translate(None, _DIGITS).split())


@cache
def _read_list() -> bytes:
    """Return the list, a word and its frequency on each line; empty if it is missing."""
    spec = find_spec("symspellpy")
    places = spec.submodule_search_locations if spec else None
    path = Path(places[0], _FILE) if places else None
    if path is None or not path.is_file():
        return b""
    return b"\n" + path.read_bytes().replace(b"\r", b"").removeprefix(b"\xef\xbb\xbf")
