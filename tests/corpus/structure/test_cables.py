from dataclasses import replace

import pytest

from corpus.structure.cables import Cable, read_cable
from tests.support.pdf_maker import STAMP, Telegram, sheet


def read(telegram: Telegram | None = None, *others: str, **known: str) -> Cable:
    cable = read_cable([*(telegram or Telegram()).lines(), *others, *sheet(**known)])
    assert cable is not None
    return cable


def test_every_field_of_the_header_comes_into_the_provenance() -> None:
    assert read().provenance.to_dict() == {
        "title": "HERRING QUOTAS: THE HARBOR COUNCIL ASKS FOR AN EARLY ANSWER",
        "kind": "cable",
        "subject": "HERRING QUOTAS: THE HARBOR COUNCIL ASKS FOR AN EARLY ANSWER",
        "creators": ["AMEMBASSY ELSINORE"],
        "recipients": ["SECSTATE WASHDC 2210"],
        "copied_to": ["AMEMBASSY UTOPIA", "AMCONSUL SHANGRI LA"],
        "document_date": "1977-02-14",
        "number": "1977ELSINO00417",
        "classification": "UNCLASSIFIED",
        "original_classification": "CONFIDENTIAL",
        "file_number": "D770052-0113",
        "tags": ["EFIS", "PFOR", "DA", "(YORICK, A B)"],
    }


def test_without_the_archivists_sheet_the_cable_speaks_for_itself() -> None:
    cable = read_cable(Telegram().lines())
    assert cable is not None
    known = cable.provenance
    assert (known.number, known.classification) == ("ELSINORE 0417", "CONFIDENTIAL")
    assert (known.original_classification, known.file_number) == (None, None)


def test_what_the_cable_does_not_say_is_told_from_the_sheet() -> None:
    telegram = replace(Telegram(), subject=(), captions=("E.O. 11652: GDS",), group="GARBLED")
    known = read(telegram, Subject="HERRING \\'QUOTAS\\'", Draft_Date="15 feb 1977").provenance
    assert known.subject == "HERRING 'QUOTAS'"
    assert known.document_date == "1977-02-15"
    assert known.tags == ("EFIS", "PFOR", "DA", "(YORICK, A B)")


@pytest.mark.parametrize("value", ["n/a", "N/A", "", "///////////", "****"])
def test_what_the_sheet_leaves_open_stays_unknown(value: str) -> None:
    known = read(replace(Telegram(), subject=()), Subject=value, Film_Number=value).provenance
    assert (known.subject, known.title, known.file_number) == (None, None, None)


def test_a_sheet_alone_tells_of_a_cable_whose_header_was_garbled() -> None:
    cable = read_cable(["EMX AMEMBASSY", "", "THE HERRING HAS COME.", *sheet(Subject="HERRING")])
    assert cable is not None
    assert (cable.provenance.creators, cable.provenance.recipients) == (("ELSINORE",), ("STATE",))
    assert (cable.provenance.subject, cable.provenance.document_date) == ("HERRING", "1977-02-14")


@pytest.mark.parametrize(
    ("group", "date"),
    [
        ("R 141630Z FEB 77", "1977-02-14"),
        ("O P R 132355Z FEB 77 ZFF4", "1977-02-13"),
        ("Z 141630 FEBRUARY 1977", "1977-02-14"),
        ("R 141630Z FEB 72", "1977-02-14"),  # garbled: the sheet has the day
        ("R 311630Z FEB 77", "1977-02-14"),
    ],
)
def test_the_date_time_group_dates_the_cable(group: str, date: str) -> None:
    assert read(replace(Telegram(), group=group)).provenance.document_date == date


@pytest.mark.parametrize(
    ("marking", "meant", "number", "part"),
    [
        ("C O N F I D E N T I A L ELSINORE 0417", "CONFIDENTIAL", "ELSINORE 0417", None),
        ("UNCLAS ELSINORE 0417", "UNCLASSIFIED", "ELSINORE 0417", None),
        ("UNCLS ELSINORE 0417", "UNCLASSIFIED", "ELSINORE 0417", None),
        ("LIMITED OFFICIAL USE ELSINORE 0417", "LIMITED OFFICIAL USE", "ELSINORE 0417", None),
        ("S E C R E T SECTION 1 OF 2 ELSINORE 0417", "SECRET", "ELSINORE 0417", "1 of 2"),
        ("SECRET NOFORN SECTION 02 OF 03 ELSINORE 417/2", "SECRET", "ELSINORE 417", "02 of 03"),
        ("T O P S E C R E T STATE 019224", "TOP SECRET", "STATE 019224", None),
    ],
)
def test_the_marking_is_spelled_in_full(
    marking: str, meant: str, number: str, part: str | None
) -> None:
    cable = read_cable(replace(Telegram(), marking=marking).lines())
    assert cable is not None
    known = cable.provenance
    assert (known.classification, known.number, known.part) == (meant, number, part)


@pytest.mark.parametrize(
    "word", ["SUBJECT:", "SUBJ:", "SUBJ.", "SUBJECT-", "USBJ:", "SUBJECTS:", "SUBJECT;"]
)
def test_the_subject_is_found_however_the_word_is_spelled(word: str) -> None:
    assert read(replace(Telegram(), subject=(f"{word} HERRING",))).provenance.subject == "HERRING"


@pytest.mark.parametrize(
    "below", ["TO: MR. FORTINBRAS", "REF: STATE 019223", "1. THE FLEET", "A. THE FLEET", ""]
)
def test_the_subject_ends_where_something_else_begins(below: str) -> None:
    long = "HERRING QUOTAS AND THE DECISION OF THE HARBOR COUNCIL NOT"
    telegram = replace(Telegram(), subject=(f"SUBJECT: {long}", "TO SAIL", below), reference=())
    assert read(telegram).provenance.subject == f"{long} TO SAIL"


def test_the_subject_of_a_reference_is_not_that_of_the_cable() -> None:
    telegram = replace(
        Telegram(),
        captions=("E.O. 11652: N/A",),
        subject=("REF: STATE 019223", "TAGS ABLD, ACOM", 'SUBJ: "ROOF OF THE CHANCERY"'),
        reference=(),
    )
    known = read(telegram).provenance
    assert known.subject is None
    assert known.tags == ("EFIS", "PFOR", "DA", "(YORICK, A B)")


def test_tags_go_on_below_a_comma_or_an_open_bracket_alone() -> None:
    wrapped = ("TAGS: EFIS, PFOR,", "DA (YORICK,", "A B)")
    ended = ("TAGS: EFIS PFOR", "UTOPIA FOR FISHERIES ATTACHE")
    assert read(replace(Telegram(), captions=wrapped)).provenance.tags == (
        "EFIS", "PFOR", "DA", "(YORICK, A B)",
    )  # fmt: skip
    assert read(replace(Telegram(), captions=ended)).provenance.tags == ("EFIS", "PFOR")


def test_who_is_exempt_from_a_collective_address_did_not_get_it() -> None:
    addressees = ("TO ALL DIPLOMATIC POSTS", "XMT AMEMBASSY UTOPIA", "AMEMBASSY LILLIPUT")
    known = read(replace(Telegram(), addressees=addressees)).provenance
    assert (known.recipients, known.copied_to) == (("ALL DIPLOMATIC POSTS",), ())


def words(cable: Cable, lines: list[str]) -> list[str]:
    around = cable.furniture | cable.formal
    return [line for number, line in enumerate(lines) if line and number not in around]


def test_only_the_paragraphs_are_text() -> None:
    lines = [*Telegram().lines(), *sheet()]
    cable = read_cable(lines)
    assert cable is not None
    assert words(cable, lines) == [line for part in Telegram().paragraphs for line in part]


def test_a_later_section_repeats_the_header_which_is_no_text() -> None:
    first = replace(
        Telegram(),
        marking="C O N F I D E N T I A L SECTION 1 OF 2 ELSINORE 0417",
        captions=("LIMDIS", "UTOPIA FOR FISHERIES ATTACHE", "E.O. 11652: GDS", "TAGS: EFIS"),
        paragraphs=(("1. THE COUNCIL WILL MEET AGAIN WHEN THE",),),
        signature="",
    )
    second = replace(
        first,
        marking="C O N F I D E N T I A L FINAL SECTION OF 2 ELSINORE 0417",
        captions=("LIMDIS", "UTOPIA FOR FISHERIES ATTACHE"),
        subject=(),
        reference=(),
        paragraphs=(("FIGURES FOR THE YEAR ARE KNOWN.",),),
    )
    # The stamp stands between the sheets of the two.
    lines = [*first.lines(), STAMP, *second.lines()[1:], *sheet()]
    cable = read_cable(lines)
    assert cable is not None
    assert words(cable, lines) == [
        "1. THE COUNCIL WILL MEET AGAIN WHEN THE",
        "FIGURES FOR THE YEAR ARE KNOWN.",
    ]
    assert cable.provenance.part is None, "both sections are there"
    assert cable.provenance.source_note == STAMP
    assert cable.provenance.side == "United States"


def test_a_word_that_is_also_a_marking_stays_in_its_sentence() -> None:
    telegram = replace(
        Telegram(), paragraphs=(("1. THE REPORT WAS", "SECRET", "FOR TEN YEARS."),), signature=""
    )
    lines = telegram.lines()
    cable = read_cable(lines)
    assert cable is not None
    assert words(cable, lines) == ["1. THE REPORT WAS", "SECRET", "FOR TEN YEARS."]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["FM is a kind of radio.", "TO be heard, it needs an aerial."],
        ["From Elsinore to Utopia", "TO whom it may concern", "", "1. Dear sir"],
        ["Message Attributes", "Subject: none"],
    ],
)
def test_other_texts_are_no_cables(lines: list[str]) -> None:
    assert read_cable(lines) is None
