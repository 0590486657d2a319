"""Patterns that are compiled on first use."""

import re

import pytest

from corpus.patterns import lazy_pattern


def test_a_lazy_pattern_matches_as_a_compiled_one() -> None:
    lazy, compiled = (
        make(r"(?P<day>\d+) june", re.IGNORECASE) for make in (lazy_pattern, re.compile)
    )
    text = "5 June and 17 JUNE"
    assert lazy.findall(text) == compiled.findall(text)
    assert [match["day"] for match in lazy.finditer(text)] == ["5", "17"]
    assert lazy.sub("then", text) == "then and then"
    assert lazy.fullmatch(text) is None
    assert (lazy.pattern, lazy.flags) == (compiled.pattern, compiled.flags)


def test_it_is_compiled_on_first_use_only(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    lazy, original = lazy_pattern("a(b)"), re.compile

    def compile_noted(expression: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(expression)
        return original(expression, flags)

    monkeypatch.setattr(re, "compile", compile_noted)
    assert not compiled
    for _ in range(3):
        assert lazy.search("cab")
    assert compiled == ["a(b)"]
