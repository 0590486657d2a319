"""Regular expressions that are compiled when first used.

A question needs few of the parsers' patterns, and compiling all of them takes a fifth of the time
of `memcon ask`.
"""

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")


class _LazyPattern:
    """Compiles an expression on first access, and then has the compiled pattern's methods."""

    def __init__(self, expression: str, flags: int) -> None:
        self._given = expression, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._given)
        vars(self).update((method, getattr(compiled, method)) for method in _METHODS)
        return getattr(compiled, name)


def lazy_pattern(expression: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern that is compiled, and checked, on first use.

    A match's `re` is the compiled pattern, not this one.
    """
    return cast("re.Pattern[str]", _LazyPattern(expression, flags))
