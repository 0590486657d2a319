"""The cards on the archive itself."""

from collections.abc import Sequence

from bot.discord.render.layout import Card, Text, small
from bot.discord.text import clip, escape
from corpus.dates import in_words
from index.storage.generation import Manifest

_READING = (
    "An answer is quoted word for word from a document. Its source says who wrote to whom, when, "
    "and where that is printed or kept; Cite has the whole citation. A citation that begins with "
    "“memcon” is to a finding aid written for memcon, about the record that it names. “Attributed "
    "to” means that one side's record says so, not that the words were taken down as spoken; where "
    "the archive has what the other side wrote of the same meeting, Read shows it."
)


def about_card(manifest: Manifest, collections: Sequence[str], kinds: Sequence[str]) -> Card:
    """Make the card on the archive's contents and on reading citations."""
    dates = "not known"
    if manifest.date_from and manifest.date_to:
        dates = f"{in_words(manifest.date_from)} to {in_words(manifest.date_to)}"
    rows = {
        "Documents": f"{manifest.documents:,}",
        "Passages": f"{manifest.passages:,}",
        "Dates": dates,
        "Collections": clip(", ".join(collections) or "none", 600),
        "Kinds of document": clip(", ".join(kinds) or "not known", 600),
    }
    lines = [f"**{name}:** {escape(value)}" for name, value in rows.items()]
    return Card(
        (
            Text("## About this archive"),
            Text("\n".join(lines)),
            Text(_READING),
            Text(small(_state(manifest))),
        )
    )


def status_card(manifest: Manifest) -> Card:
    """Make the card on the index that answers."""
    skipped = f" · {manifest.skipped:,} files skipped" if manifest.skipped else ""
    size = f"{manifest.documents:,} documents, {manifest.passages:,} passages{skipped}"
    return Card((Text("## Status of the archive"), Text(f"{size}\n{_state(manifest)}")))


def _state(manifest: Manifest) -> str:
    return escape(f"index {manifest.generation}, built {manifest.built}")
