import csv
import json

import pytest

from corpus.documents import Provenance
from corpus.errors import UnreadableSource
from corpus.readers import Reading, Skipped
from corpus.readers.tables import read_csv, read_json, read_json_lines
from tests.support.samples import RICE, WHEAT


def test_a_row_of_a_table_is_a_document_with_its_provenance() -> None:
    table = (
        "ID,Title,Text,Date,Author,Kind,URL,Tags,shelf\r\n"
        f'N 12,The Talks,"{RICE}\r\n\r\nThen, ""wheat"".",1993-9-27,Orla Brandt; Ivo Keel,cable,'
        "https://a.test/12,rice; trade,4\r\n"
        f",,{WHEAT},,,,,,\r\n"
    )
    assert list(read_csv(table.encode("utf-8-sig"))) == [
        Reading(
            f'{RICE}\n\nThen, "wheat".',
            Provenance(
                title="The Talks",
                document_date="1993-09-27",
                creators=("Orla Brandt", "Ivo Keel"),
                kind="cable",
                url="https://a.test/12",
                tags=("rice", "trade"),
            ),
            name="N 12",
        ),
        Reading(WHEAT, Provenance(), name="row-3"),
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_cells_are_parted_as_the_first_row_parts_them(mark: str) -> None:
    table = f"title{mark}text\nOne{mark}{RICE}\n"
    (reading,) = read_csv(table.encode())
    assert reading == Reading(RICE, Provenance(title="One"), name="row-2")


def test_bad_rows_are_reported_with_their_number_and_the_rest_is_read() -> None:
    table = f"title,date,text\nA,soon,{RICE}\n\nB,1993,{RICE},more\nC,1993,\nD,1993,{WHEAT}\n"
    assert list(read_csv(table.encode())) == [
        Reading(
            RICE,
            Provenance(title="A"),
            name="row-2",
            remarks=(
                "row 2: left out document_date: 'soon' is not a date such as 1993-09-27 or 1993-09",
            ),
        ),
        Skipped("row 4", "has more cells than the first row has names"),
        Skipped("row 5", "no text"),
        Reading(WHEAT, Provenance(title="D", document_date="1993"), name="row-6"),
    ]


@pytest.mark.parametrize("table", ["title,date\nA,1993\n", "Only words, and no table.\n"])
def test_a_table_without_a_column_for_texts_is_refused(table: str) -> None:
    with pytest.raises(UnreadableSource, match="no column for texts, such as “text”, among "):
        list(read_csv(table.encode()))


def test_a_very_long_cell_is_read_whole() -> None:
    text = f"{RICE} " * 10_000
    (reading,) = read_csv(f'text\n"{text}"\n'.encode())
    assert isinstance(reading, Reading)
    assert reading.text == text


def test_a_line_of_json_is_a_document() -> None:
    lines = [
        json.dumps({"doc_id": 7, "text": RICE, "creators": ["Orla Brandt"], "from": "Ivo Keel"}),
        "{broken",
        "",
        "[1]",
        json.dumps({"title": "no text"}),
        "[" * 100_000,
        json.dumps({"body": WHEAT, "to": ["Ada Keel"], "event_date": "1993"}),
    ]
    first, *skipped, last = read_json_lines("\n".join(lines).encode())
    assert first == Reading(RICE, Provenance(creators=("Ivo Keel",)), name="7")
    assert [
        (each.name, each.reason.split(" (")[0]) for each in skipped if isinstance(each, Skipped)
    ] == [
        ("line 2", "no JSON"),
        ("line 4", "no names and values"),
        ("line 5", "no text"),
        ("line 6", "nested too deeply"),
    ]
    assert last == Reading(
        WHEAT, Provenance(recipients=("Ada Keel",), event_date="1993"), name="line-7"
    )


@pytest.mark.parametrize("read", [read_json, read_json_lines])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_list_an_object_and_a_list_with_a_name_are_read_whatever_the_suffix(
    read: object, indent: int | None
) -> None:
    assert callable(read)
    rows = [{"text": RICE}, {"text": WHEAT}]
    for value in (rows, {"documents": rows, "count": 2}):
        data = json.dumps(value, indent=indent).encode()
        assert [each.text for each in read(data)] == [RICE, WHEAT]
    (reading,) = read(json.dumps(rows[0], indent=indent).encode())
    assert (reading.text, reading.name) in {(RICE, ""), (RICE, "line-1")}
    lines = "\n".join(map(json.dumps, rows)).encode()
    assert [each.text for each in read(lines)] == [RICE, WHEAT]


@pytest.mark.parametrize("data", [b"Only words.", b"{", b"[" * 100_000, b"[]", b'"text"'])
@pytest.mark.parametrize("read", [read_json, read_json_lines])
def test_what_is_no_json_is_refused_or_skipped(read: object, data: bytes) -> None:
    assert callable(read)
    try:
        items = list(read(data))
    except UnreadableSource as error:
        assert error.message.startswith("the file is ")  # noqa: PT017 - either is right
    else:
        assert {item.reason for item in items} <= {"no names and values"}


def test_reading_a_small_table_leaves_larger_ones_readable() -> None:
    before = csv.field_size_limit()
    assert list(read_csv(b"title,text\nShort,A few words.\n"))
    assert csv.field_size_limit() >= before


def test_columns_of_one_name_are_all_read_where_they_hold_texts() -> None:
    table = f"title,Text,title,text\nA,{RICE},B,{WHEAT}\nC,{RICE},,\n"
    first, second = list(read_csv(table.encode()))
    assert isinstance(first, Reading)
    assert (first.text, first.provenance.title) == (f"{RICE}\n\n{WHEAT}", "A")
    assert first.remarks == (
        "2 columns are called “title”: the first is read",
        "2 columns are called “text”: all are read, one below the other",
    )
    assert second == Reading(RICE, Provenance(title="C"), name="row-3")


def test_an_object_that_has_a_text_twice_keeps_both() -> None:
    data = f'{{"title": "A", "text": "{RICE}", "text": "{WHEAT}"}}'
    (reading,) = read_json(data.encode())
    assert isinstance(reading, Reading)
    assert reading.text == f"{RICE}\n\n{WHEAT}"
