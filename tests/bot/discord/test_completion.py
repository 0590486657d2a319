"""Autocompletion: documents by words in any order, number and date, in rows that differ."""

from types import SimpleNamespace

import pytest

from bot.discord.commands.read import find_document
from bot.discord.completion import Completion, complete_documents, split_value
from bot.discord.text import LIMITS, length
from corpus.documents import Enclosure, Provenance, Span
from corpus.errors import UnknownDocument, UsageError


def letter(writer: str, reader: str, date: str, **known: object) -> Provenance:
    return Provenance(
        title=f"{writer} to {reader}",
        kind="despatch",
        creators=(writer,),
        recipients=(reader,),
        document_date=date,
        **known,  # type: ignore[arg-type]
    )


class Shelf:
    """An archive of one document."""

    def document(self, doc_id: str) -> SimpleNamespace:
        if doc_id != "port1901/d9":
            raise UnknownDocument(doc_id)
        return SimpleNamespace(doc_id=doc_id)


HARBOUR = complete_documents(
    [
        ("port1901/d268", letter("Odo Finch", "Ada Dray", "1901-05-07", subject="The indemnity")),
        ("port1901/d26", letter("Odo Finch", "Ada Dray", "1901-05-17")),
        ("port1901/d7", letter("Émile Tarn", "Odo Finch", "1901-08-02", subject="May day, 1901")),
        ("port1902/d268", letter("Odo Finch", "Ada Dray", "1901-05-07")),
        ("port1901/notes", Provenance(title="港の記録、明治34年", event_date="1901-06")),
    ]
)


def found(typed: str, known: Completion = HARBOUR) -> list[str]:
    return [known.values[row] for row in known.find(typed)[1]]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("may 7 1901", ["port1901/d268", "port1902/d268"]),
        ("7 May 1901 finch", ["port1901/d268", "port1902/d268"]),
        ("7.5.1901", ["port1901/d268", "port1902/d268"]),
        ("5/17/1901", ["port1901/d26"]),
        ("1901-5-17", ["port1901/d26"]),
        ("august 1901", ["port1901/d7"]),
        ("indemnity FINCH", ["port1901/d268"]),
        ("indem", ["port1901/d268"]),
        ("emile", ["port1901/d7"]),
        ("doc 268 port1902", ["port1902/d268"]),
        ("d268", ["port1901/d268", "port1902/d268"]),
        ("document no. 7", ["port1901/d7"]),
        # The number in full comes before those that begin with it.
        ("26", ["port1901/d26", "port1901/d268", "port1902/d268"]),
        # A date that no document has may stand in a title.
        ("1901 may day", ["port1901/d7"]),
        ("記録", ["port1901/notes"]),
        ("明治34", ["port1901/notes"]),
        ("zeppelin", []),
        ("may " * 2000, ["port1901/d268", "port1902/d268", "port1901/d26", "port1901/d7"]),
    ],
)
def test_documents_are_found_by_words_in_any_order_by_number_and_by_date(
    typed: str, expected: list[str]
) -> None:
    assert found(typed) == expected


def test_rows_say_date_parties_and_number_and_differ() -> None:
    rows = HARBOUR.labels
    assert rows[2] == "17 May 1901 · Odo Finch → Ada Dray · d26"
    assert rows[:2] == (
        "7 May 1901 · Odo Finch → Ada Dray · port1901/d268",
        "7 May 1901 · Odo Finch → Ada Dray · port1902/d268",
    )
    assert rows[3] == "June 1901 · 港の記録、明治34年 · notes"


def test_enclosures_are_found_by_their_own_words_and_their_senders() -> None:
    dues = Enclosure(Span(40, 90), "Memorandum on the dues", document_date="1901-04-30")
    enclosures = (dues, Enclosure(Span(90, 99)))
    known = complete_documents(
        [
            ("port1901/d9", letter("Odo Finch", "Ada Dray", "1901-05-02", enclosures=enclosures)),
            ("port1901/d8", letter("Ada Dray", "Emil Tarn", "1901-05-03", container="Odo's Port")),
        ]
    )
    assert found("finch dues", known) == ["port1901/d9#40"]
    assert found("april 30 1901", known) == ["port1901/d9#40"]
    assert known.labels[1] == "30 April 1901 · Memorandum on the dues · in d9"
    # Who wrote a record counts for more than the volume that it is in.
    assert found("odo dray", known) == ["port1901/d9", "port1901/d8", "port1901/d9#40"]
    assert [split_value(value) for value in known.values[:2]] == [
        ("port1901/d9", None),
        ("port1901/d9", 40),
    ]
    # The document itself, by its name or where all rows are of it; else an enclosure.
    for typed, start in (("port1901/d9", 0), ("d9", 0), ("port1901/d9#40", 40), ("dues", 40)):
        assert find_document(typed, Shelf(), known) == ("port1901/d9", start)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="may be"):
        find_document("dray", Shelf(), known)  # type: ignore[arg-type]
    # A document's name may have the mark.
    assert split_value("a#b") == ("a#b", None)


def test_offers_keep_to_discords_limits_however_long_names_are() -> None:
    endless = "🍣" * 90
    known = complete_documents(
        (f"{endless[:n]}/{endless}{n}", letter(endless, endless, "1901-05-07")) for n in range(30)
    )
    many = complete_documents(
        (f"d{n}", letter(endless, "x" * 200, "1901-05-07")) for n in range(60)
    )
    assert known.choices("") == []
    offered = many.choices("may")
    assert len(offered) == LIMITS.choices
    assert len({name for name, _ in offered}) == len(offered)
    assert all(0 < length(name) <= LIMITS.choice for name, _ in offered)


def test_an_archive_without_names_offers_none() -> None:
    assert Completion(()).choices("a") == []
