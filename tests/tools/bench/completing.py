"""Discord's autocompletion of documents, from memory."""

import random
import time
from collections.abc import Iterator, Sequence

from bot.discord.completion import complete_documents
from corpus.documents import Provenance
from tests.tools.bench.contest import Measured
from tests.tools.bench.table import Table, amount

TYPED = ("", "m", "a b c d e f g h", "doc 268", "may 7 1901", "7.5.1901", "telegram may 1901")
_ROUNDS = 20
_SYLLABLES = "bri xwo ld or me qui llan tu ha rrow ta rn fi nch dra mo ss ke el by".split()


def measure(sizes: Sequence[int]) -> Table:
    """Measure at numbers of documents how long the list takes, and what is offered for it."""
    rows = []
    for size in sizes:
        given = [*records(size)]
        before = time.process_time()
        known = complete_documents(given)
        built = time.process_time() - before
        measured = Measured()
        for typed in TYPED * _ROUNDS:
            before = time.perf_counter()
            known.choices(typed)
            measured.times.append(1000 * (time.perf_counter() - before))
        spent = [amount(measured.at(share)) for share in (0.5, 0.95, 0.99)]
        rows.append([f"{size:,}", amount(built), *spent])
    heads = ("documents", "list, s", "an offer, median ms", "95 %", "99 %")
    return Table("Discord's autocompletion of documents", heads, rows)


def records(size: int) -> Iterator[tuple[str, Provenance]]:
    """Yield invented letters and telegrams, the same on every run."""
    dice = random.Random(5)

    def words(count: int, syllables: int) -> str:
        made = ("".join(dice.choices(_SYLLABLES, k=syllables)) for _ in range(count))
        return " ".join(made)

    people = [words(2, 2).title() for _ in range(8000)]
    for number in range(size):
        volume, place = divmod(number, 500)
        writer, reader = dice.choices(people, k=2)
        yield (
            f"papers{volume}/d{place + 1}",
            Provenance(
                title=f"{writer} to {reader}",
                subject=words(6, 2),
                kind=dice.choice(("telegram", "despatch", "letter")),
                creators=(writer,),
                recipients=(reader,),
                people=tuple(dice.choices(people, k=3)),
                document_date=f"{1861 + number % 99}-{1 + number % 12:02}-{1 + number % 28:02}",
                number=str(place + 1),
                container=f"Papers of the Harbour Office, {1861 + volume}",
                chapter=words(3, 2),
            ),
        )
