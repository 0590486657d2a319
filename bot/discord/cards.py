"""The cards on the archive itself."""

from collections.abc import Sequence

from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.layout import Card, Text, small
from bot.discord.render.sources import date_in_words
from bot.discord.text import clip, escape
from index.storage.generation import Manifest

_READING = (
    "An answer is quoted word for word from a document. Its source says who wrote to whom, when, "
    "and where that is printed or kept; Cite has the whole citation. A citation that begins with "
    "“memcon” is to a finding aid written for memcon, about the record that it names. “Attributed "
    "to” means that one side's record says so, not that the words were taken down as spoken; where "
    "the archive has what the other side wrote of the same meeting, Read shows it."
)


def about_card(
    manifest: Manifest,
    collections: Sequence[str],
    kinds: Sequence[str],
    tr: Phrases = ENGLISH,
) -> Card:
    """Make the card on the archive's contents and on reading citations."""
    dates = tr("not known")
    if manifest.date_from and manifest.date_to:
        first, last = (
            tr.date(each, date_in_words) for each in (manifest.date_from, manifest.date_to)
        )
        dates = tr("{first} to {last}", first=first, last=last)
    shown_kinds = tr(", ").join(tr.known(each, "kind") for each in kinds)
    rows = {
        tr("Documents"): f"{manifest.documents:,}",
        tr("Passages"): f"{manifest.passages:,}",
        tr("Dates"): dates,
        tr("Collections"): clip(tr(", ").join(collections) or tr("none"), 600),
        tr("Kinds of document"): clip(shown_kinds or tr("not known"), 600),
    }
    lines = [f"**{name}:** {escape(value)}" for name, value in rows.items()]
    return Card(
        (
            Text(f"## {tr('About this archive')}"),
            Text("\n".join(lines)),
            Text(tr(_READING)),
            Text(small(_state(manifest, tr))),
        )
    )


def status_card(manifest: Manifest, tr: Phrases = ENGLISH) -> Card:
    """Make the card on the index that answers."""
    size = tr(
        "{documents:,} documents, {passages:,} passages",
        documents=manifest.documents,
        passages=manifest.passages,
    )
    if manifest.skipped:
        size = f"{size} · {tr('{count:,} files skipped', count=manifest.skipped)}"
    heading = f"## {tr('Status of the archive')}"
    return Card((Text(heading), Text(f"{size}\n{_state(manifest, tr)}")))


def _state(manifest: Manifest, tr: Phrases) -> str:
    name, built = manifest.generation, manifest.built
    return escape(tr("index {name}, built {built}", name=name, built=built))
