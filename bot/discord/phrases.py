"""The bot's own words, in English or Japanese; independent of the Discord library.

The English text is the key, as in gettext. `phrases.toml` has the tables: "commands" for the names
and descriptions of commands, "phrases" for what the code writes with `Phrases`, and the others for
finished English text, such as errors, which `Phrases.known` takes apart. There, a placeholder with
the name of a table (and a digit) matches what that table translates.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from corpus.dates import in_words
from corpus.word_lists import read_lists

COMMANDS, PHRASES = "commands", "phrases"
# The longest text that is taken apart.
_LONGEST = 1000
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# What a placeholder counts, in the plural: "{count:,} documents", "{count} more changes".
_COUNTED = re.compile(
    r"(?P<count>\{(?P<name>\w+)(?::,)?\} (?:more )?)(?P<one>search(?=es\b)|[a-z]+(?=s\b))e?s\b"
)


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of a language; without any they are English."""

    phrases: Mapping[str, str] = field(default_factory=dict)
    sentences: Mapping[str, Sequence[tuple[re.Pattern[str], str]]] = field(default_factory=dict)

    def __call__(self, phrase: str, **values: object) -> str:
        """Translate a phrase, and fill in its placeholders; of one, English has the singular."""
        if not self.phrases:
            phrase = _COUNTED.sub(
                lambda match: (
                    f"{match['count']}{match['one']}"
                    if values.get(match["name"]) == 1
                    else match[0]
                ),
                phrase,
            )
        return self.phrases.get(phrase, phrase).format(**values)

    def known(self, text: str, table: str = "sentences") -> str:
        """Translate a finished English text; one that the table does not have stays English."""
        found = self._translate(text, table) if len(text) <= _LONGEST else None
        return found or text

    def _translate(self, text: str, table: str) -> str | None:
        for pattern, translated in self.sentences.get(table, ()):
            match = pattern.fullmatch(text)
            if match:
                values = {}
                for name, part in match.groupdict().items():
                    named = _table_of(name)
                    is_free = named not in self.sentences
                    values[name] = part if is_free else self._translate(part, named)
                if None not in values.values():
                    return translated.format(**values)
        return None

    def date(self, date: str, write: Callable[[str], str] = in_words) -> str:
        """Write an ISO date, which may be partial: "1901年5月7日", or in English by `write`."""
        if not self.phrases:
            return write(date)
        parts = zip(date.split("-"), "年月日", strict=False)
        return "".join(f"{int(number)}{unit}" for number, unit in parts)


ENGLISH = Phrases()


def read_tables() -> dict[str, dict[str, str]]:
    """Read the tables of English phrases with their Japanese."""
    return read_lists(__file__)


@cache
def japanese() -> Phrases:
    """Return the phrases in Japanese."""
    tables = read_tables()
    finished = {name: table for name, table in tables.items() if name not in {COMMANDS, PHRASES}}
    return Phrases(
        tables[PHRASES],
        {
            name: [(re.compile(_pattern(key, finished)), words) for key, words in table.items()]
            for name, table in finished.items()
        },
    )


def _pattern(key: str, tables: Mapping[str, Mapping[str, str]]) -> str:
    """Return the pattern of the texts that a key stands for."""
    parts = _PLACEHOLDER.split(key)
    parts[::2] = map(re.escape, parts[::2])
    for place in range(1, len(parts), 2):
        texts = tables.get(_table_of(parts[place]), ())
        # Texts that have placeholders themselves are matched one after the other.
        is_open = not texts or any(map(_PLACEHOLDER.search, texts))
        inner = ".+?" if is_open else "|".join(map(re.escape, texts))
        parts[place] = f"(?P<{parts[place]}>{inner})"
    return f"(?s:{''.join(parts)})"


def _table_of(placeholder: str) -> str:
    return placeholder.rstrip("0123456789")
