"""The styles of a Word document: which are headings, and which hide, strike or raise words."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|title|überschrift|titre|見出し|標題)\s*\d?", re.IGNORECASE)
_OFF = frozenset({"0", "false", "off", "none"})
# Properties that strike words through or hide them.
_UNSEEN = ("strike", "dstrike", "vanish")
_LEVELS = {"superscript": 1, "subscript": -1, "baseline": 0}
# A style may be based on another one, this deep.
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Face:
    """How a run is set: `unseen` if struck through or hidden; `level` as in `raised`."""

    unseen: bool
    level: int


class Styles:
    """The styles of a document by their ids."""

    def __init__(self, styles: "_Element") -> None:
        """Index the styles of an element."""
        self._styles: dict[str, _Element] = {
            style.get(f"{_W}styleId") or "": style for style in styles.iter(f"{_W}style")
        }
        self._known: dict[str, dict[str, str]] = {}

    def is_heading(self, style: str) -> bool:
        """Return whether a style is one of headings, whatever it is called in a language."""
        own = self._styles.get(style)
        if own is None:
            return False
        name, level = own.find(f"{_W}name"), own.find(f"{_W}pPr/{_W}outlineLvl")
        return (name is not None and bool(_HEADING.fullmatch(name.get(f"{_W}val") or ""))) or (
            level is not None and (level.get(f"{_W}val") or "9") < "9"
        )

    def face_of(self, run: "_Element", paragraph_style: str) -> Face:
        """Return how a run is set, in a paragraph of this style."""
        properties = run.find(f"{_W}rPr")
        own: dict[str, str] = {}
        named = ""
        if properties is not None:
            own = _read(properties)
            style = properties.find(f"{_W}rStyle")
            named = style.get(f"{_W}val") or "" if style is not None else ""
        elif not paragraph_style:
            return Face(unseen=False, level=0)
        values = {**self._resolve(paragraph_style), **self._resolve(named), **own}
        return Face(
            unseen=any(values.get(name, "0") not in _OFF for name in _UNSEEN),
            level=_LEVELS.get(values.get("vertAlign", ""), 0),
        )

    def _resolve(self, style: str) -> dict[str, str]:
        """Return the properties of a style's runs, with those it inherits."""
        if style not in self._known:
            chain: list[dict[str, str]] = []
            name, seen = style, set[str]()
            while name in self._styles and name not in seen and len(seen) < _DEPTH:
                seen.add(name)
                properties = self._styles[name].find(f"{_W}rPr")
                chain.append(_read(properties) if properties is not None else {})
                base = self._styles[name].find(f"{_W}basedOn")
                name = base.get(f"{_W}val") or "" if base is not None else ""
            self._known[style] = {
                key: value for each in reversed(chain) for key, value in each.items()
            }
        return self._known[style]


def _read(properties: "_Element") -> dict[str, str]:
    found = {}
    for name in (*_UNSEEN, "vertAlign"):
        each = properties.find(f"{_W}{name}")
        if each is not None:
            found[name] = (each.get(f"{_W}val") or "1").lower()
    return found
