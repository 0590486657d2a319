"""The text of /help, which a bare mention gets too, and the welcome to a new server."""

from bot.discord.client import Bot
from bot.discord.examples import find_examples
from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.text import clip, escape
from index.retrieval.archive import Archive
from index.storage.generation import Manifest

_HELP = """\
**I answer from an archive of {documents:,} documents{dates}, word for word and with the source.** \
Where the archive does not say, I say so.

Ask with `/ask`, mention me, or write to me directly. To follow up, reply to my answer and mention \
me, or ask in a thread.{examples}

- `/search` ranks passages for words; `/read` opens a document
- `/verify` checks a quotation; on a message: *Apps → Verify this quotation*
- `/bibliography` lists what was cited here; `/replay` checks a receipt
- `/about` says what the archive holds; `/privacy` what is kept about you, and deletes it
- `/manage` is for this server's managers"""

WELCOME = """\
Thank you for adding me. I answer questions from an archive of historical documents with verbatim \
quotations and their sources. Try `/ask`, or mention me with a question; `/help` has examples. \
Managers choose with `/manage settings` where I answer and how. I read only what is addressed to \
me; `/privacy` says what is kept."""


async def write_help(bot: Bot, tr: Phrases) -> str:
    """Write the help with examples that this archive answers."""
    return await bot.pool.run(
        lambda archive: format_help(archive.manifest, _examples(bot, archive), tr)
    )


def format_help(manifest: Manifest, examples: tuple[str, ...], tr: Phrases = ENGLISH) -> str:
    """Format the help, within the length of a message."""
    years = [date[:4] for date in (manifest.date_from, manifest.date_to) if date]
    dates = ""
    if years:
        dates = tr(
            ", {first} to {last}" if len({*years}) > 1 else " of {first}",
            first=years[0],
            last=years[-1],
        )
    shown = "".join(f"\n- {escape(clip(each, 150))}" for each in examples)
    return tr(
        _HELP,
        documents=manifest.documents,
        dates=dates,
        examples=f"{tr(' For example:')}{shown}" if shown else "",
    )


def _examples(bot: Bot, archive: Archive) -> tuple[str, ...]:
    generation = archive.manifest.generation
    if bot.examples is None or bot.examples[0] != generation:
        bot.examples = (generation, find_examples(archive))
    return bot.examples[1]
