"""Words of English: the list that comes with symspellpy, 82,765 words that books have."""

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

_FILE = "frequency_dictionary_en_82_765.txt"
_DIGITS = b"0123456789"
_END = ord("\n")
# So many words are looked for in the list as it lies in its file, which takes half a millisecond;
# for more a set of it is made, which takes as long as forty.
_FEW = 20
_REMEMBERED = 10_000


@lru_cache(maxsize=_REMEMBERED)
def is_english(word: str) -> bool:
    """Tell whether a word is a common one of English, whatever its capitals."""
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
    """Return the list, a word and how often it is found on each line; empty where it is missing."""
    spec = find_spec("symspellpy")
    places = spec.submodule_search_locations if spec else None
    path = Path(places[0], _FILE) if places else None
    if path is None or not path.is_file():
        return b""
    return b"\n" + path.read_bytes().replace(b"\r", b"").removeprefix(b"\xef\xbb\xbf")
