"""The words of a message: Discord's markup removed, quotations found. Independent of the archive.

Markup that Discord would show as it is, such as a single asterisk, stays.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import discord

# Fewer words are a name or a title rather than a quotation.
_LEAST_WORDS = 3

_QUOTED_LINES = re.compile(r"(?:^[ \t]*>[ ].*(?:\n|$))+", re.MULTILINE)
_QUOTED_REST = re.compile(r"^[ \t]*>>>[ ](.*)", re.MULTILINE | re.DOTALL)
_MARKS = (("“", "”"), ("„", "“”"), ("«", "»"), ("»", "«"), ("「", "」"), ("『", "』"), ('"', '"'))
_SPANS = tuple(
    re.compile(rf"(?<!\w){opens}([^{opens}{closes}]+)[{closes}](?!\w)") for opens, closes in _MARKS
)

_ESCAPED = re.compile(r"\\([\\*_~`|>\[\]()<:#\-+.@])")
_FENCE = re.compile(r"```(?:[a-z0-9+\-]+\n)?(.*?)```", re.DOTALL | re.IGNORECASE)
# Mentions of users, roles, channels, commands and places, custom emoji, and times.
_TOKEN = re.compile(
    r"<(?:@[!&]?\d+|#\d+|/[^:<>\n]+:\d+|id:\w+|a?:\w+:\d+|t:-?\d+(?::[A-Za-z])?)>"
    r"|(?<!\w)@(?:everyone|here)\b"
)
_LINK = re.compile(r"\[([^\[\]\n]+)\]\(<?[a-z]+://[^\s()<>]+>?(?: \"[^\"\n]*\")?\)", re.IGNORECASE)
_ADDRESS = re.compile(r"<([a-z]+://[^\s<>]+)>", re.IGNORECASE)
_LINE = re.compile(r"^[ \t]*(?:>>>[ ]|>[ ]|-#[ ]|#{1,3}[ ]|[-*][ ])+", re.MULTILINE)
# Longer marks first: "***" is bold and italic. Underscores inside a word are no markup.
_PAIRS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"`+([^`\n]+)`+",
        r"\|\|(.+?)\|\|",
        r"~~(?=\S)(.+?)~~",
        r"\*\*\*(?=\S)(.+?)\*\*\*",
        r"\*\*(?=\S)(.+?)\*\*",
        r"(?<!\w)__(?=\S)(.+?)__(?!\w)",
        r"\*(?=[^\s*])([^*\n]*[^\s*])\*",
        r"(?<!\w)_(?=[^\s_])([^\n]*?[^\s])_(?!\w)",
    )
)
# The part of a custom_id that names a card.
_CARD_ID = re.compile(r"(?<![0-9a-z])[0-9a-f]{16}(?![0-9a-z])")
# Stands for an escaped character until the markup is removed.
_PLANE = 0xF0000


def plain(text: str) -> str:
    """Return `text` as Discord shows it: without markup, mentions, custom emoji and times."""
    kept = _ESCAPED.sub(lambda match: chr(_PLANE + ord(match[1])), text.replace("\u200b", ""))
    kept = _TOKEN.sub("", _FENCE.sub(r"\1", kept))
    kept = _LINE.sub("", _ADDRESS.sub(r"\1", _LINK.sub(r"\1", kept)))
    for pair in _PAIRS:
        # Twice, as marks may lie inside others of their kind.
        kept = pair.sub(r"\1", pair.sub(r"\1", kept))
    shown = "".join(chr(ord(c) - _PLANE) if _PLANE < ord(c) < _PLANE + 128 else c for c in kept)
    return "\n".join(" ".join(line.split()) for line in shown.strip().splitlines())


def find_quotations(text: str) -> list[str]:
    """Return the quotations of `text`: its quoted lines, else the words in quotation marks."""
    rest = _QUOTED_REST.search(text)
    before = text[: rest.start()] if rest else text
    blocks = [match[0] for match in _QUOTED_LINES.finditer(before)] + ([rest[1]] if rest else [])
    if blocks:
        return [words for block in blocks if (words := plain(block))]
    shown = plain(text)
    spans = sorted(
        (match.start(), match[1].strip()) for span in _SPANS for match in span.finditer(shown)
    )
    return list(dict.fromkeys(words for _, words in spans if len(words.split()) >= _LEAST_WORDS))


def texts_of(message: discord.Message | discord.MessageSnapshot) -> list[str]:
    """Return the texts of a message, its embeds and components, and of what it forwards."""
    texts = [message.content]
    for embed in message.embeds:
        texts += [embed.description or "", *(field.value or "" for field in embed.fields)]
    texts += [
        each.content for each in _walk(message.components) if isinstance(each, discord.TextDisplay)
    ]
    for snapshot in getattr(message, "message_snapshots", ()):
        texts += texts_of(snapshot)
    return [text for text in texts if text.strip()]


def card_id_of(message: discord.Message | discord.MessageSnapshot) -> str | None:
    """Return the id of the card that a message is or forwards; None for any other message."""
    for each in _walk(message.components):
        custom_id = getattr(each, "custom_id", None) or ""
        found = _CARD_ID.search(custom_id) if custom_id.startswith("memcon:") else None
        if found:
            return found[0]
    forwarded = map(card_id_of, getattr(message, "message_snapshots", ()))
    return next(filter(None, forwarded), None)


def _walk(components: Iterable[Any]) -> Iterator[Any]:
    for component in components:
        yield component
        yield from _walk(getattr(component, "children", ()) or ())
        accessory = getattr(component, "accessory", None)
        if accessory is not None:
            yield accessory
