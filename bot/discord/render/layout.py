"""The parts of a card, as plain values in the order in which they are shown.

A card is one container of Discord's Components V2: at most 40 components and 4,000 characters.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.discord.phrases import ENGLISH, Phrases

GREEN, YELLOW, BLUE, GREY = 0x2E7D32, 0xF9A825, 0x1565C0, 0x616161


@dataclass(frozen=True, slots=True)
class Button:
    """A button: what it does, and the quotation or page of the card that it is about.

    `page` is a page of the document of that quotation. Buttons of one card differ in these.
    """

    label: str
    action: str
    place: int = 0
    page: int | None = None
    primary: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens an address."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Select:
    """A menu of values with their labels and descriptions."""

    hint: str
    action: str
    place: int
    options: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Words in Discord's markup, escaped."""

    words: str


@dataclass(frozen=True, slots=True)
class Section:
    """Words with a button beside them."""

    words: str
    button: Button


@dataclass(frozen=True, slots=True)
class Row:
    """At most five buttons, or one menu."""

    items: tuple[Button | Link | Select, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An attached picture, by its file's name."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Attached:
    """An attached file, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line between two parts."""


Part = Text | Section | Row | Picture | Attached | Line


@dataclass(frozen=True, slots=True)
class Card:
    """One container: its parts and the colour of its edge."""

    parts: tuple[Part, ...]
    colour: int = BLUE

    @property
    def texts(self) -> tuple[str, ...]:
        """The words of each part that has some."""
        return tuple(part.words for part in self.parts if isinstance(part, Text | Section))

    @property
    def buttons(self) -> Iterator[Button | Link | Select]:
        """The buttons, links and menus."""
        for part in self.parts:
            if isinstance(part, Section):
                yield part.button
            elif isinstance(part, Row):
                yield from part.items

    @property
    def components(self) -> int:
        """The number of components, as Discord counts them: the container and everything in it."""
        return 1 + sum(
            3 if isinstance(part, Section) else 1 + len(part.items) if isinstance(part, Row) else 1
            for part in self.parts
        )

    def without_buttons(self) -> "Card":
        """Return the card with its words, pictures and files alone."""
        parts = (
            Text(part.words) if isinstance(part, Section) else part
            for part in self.parts
            if not isinstance(part, Row)
        )
        return Card(tuple(parts), self.colour)


def small(words: str) -> str:
    """Return a line of markup in small type."""
    return f"-# {words}"


def turn_pages(
    action: str, place: int | None, page: int, count: int, tr: Phrases = ENGLISH
) -> tuple[Button | Link | Select, ...]:
    """Return the buttons to the page before and after; none for a single page.

    The pages are those of a card if `place` is None, else of the document of a quotation.
    """
    if count < 2:
        return ()

    def step(label: str, to: int) -> Button:
        disabled = not 0 <= to < count
        # A disabled button needs an id of its own too.
        to = to if to >= 0 else count
        if place is None:
            return Button(label, action, to, disabled=disabled)
        return Button(label, action, place, to, disabled=disabled)

    return step(tr("Previous"), page - 1), step(tr("Next"), page + 1)
