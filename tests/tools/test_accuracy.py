from pathlib import Path

import pytest

from corpus.documents import Provenance
from corpus.readers.xml_tree import parse_xml
from tests.support.frus_volume import volume
from tests.support.pdf_maker import Telegram, print_cable, sheet
from tests.tools import accuracy, frus_accuracy
from tests.tools.accuracy import AGREES, DIFFERS, RUNS_ON

COLUMNS = (
    "source_file,cable_from,cable_to,cable_subject,cable_date,classification,cable_tags,doc_number"
)
GOOD = "HERRING QUOTAS: THE HARBOR COUNCIL ASKS FOR AN EARLY ANSWER"


@pytest.mark.parametrize(
    ("subject", "date", "outcomes"),
    [
        (GOOD.lower(), "14 feb 1977", (AGREES, AGREES)),
        (f"{GOOD} REF: STATE 019223", "15 FEB 1977", (RUNS_ON, DIFFERS)),
        ("NA", "soon", (None, DIFFERS)),
    ],
)
def test_fields_are_compared_with_what_a_person_wrote(
    tmp_path: Path, subject: str, date: str, outcomes: tuple[str | None, str]
) -> None:
    (tmp_path / "a.pdf").write_bytes(print_cable(Telegram().lines(), sheet()))
    row = f'a.pdf,AMEMBASSY ELSINORE,SECSTATE WASHDC 2210,"{subject}",{date},UNCLASSIFIED,NA,NA'
    (tmp_path / "metadata.csv").write_text(f"{COLUMNS}\n{row}\n", "utf-8")
    found = {each.field: each.outcome for each in accuracy.compare(tmp_path)}
    assert (found.get("subject"), found["date"]) == outcomes
    assert found["from"] == found["to"] == found["classification"] == AGREES
    assert "tags" not in found


def test_the_header_fields_of_real_cables_are_read_right(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared / "samples" / "cables"
    counts = accuracy.tally(list(accuracy.compare(folder)))
    for name in ("from", "to", "subject", "date", "classification", "tags", "number"):
        count = counts[name]
        fairly = count.total() - count[RUNS_ON]
        assert count[AGREES] >= 0.95 * fairly, (name, count)
    accuracy.main(folder)
    assert "| subject | 30 |" in capsys.readouterr().out


def test_a_volume_is_compared_with_what_it_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enclosed = (
        '<frus:attachment xmlns:frus="http://history.state.gov/frus/ns/1.0"><head>Mr. Pine to Mr. '
        "Ash</head><dateline>Tarnby, May 2, 1871</dateline><p>Tar.</p></frus:attachment>"
    )
    letter = "<head>Mr. Ash to Mr. Tarn</head><dateline>Tarnby, May 3, 1871</dateline><p>Corn.</p>"
    document = f'<div type="document" xml:id="d1" n="1">{letter}{enclosed}</div>'
    (tmp_path / "v.xml").write_bytes(volume(document))
    accuracy.main(tmp_path)
    table = capsys.readouterr().out
    assert "| v | 2 | 2 | 0 | 0 | 2 | 2 | 0 | 0 | 2 | 2 | 0 | 0 |" in table
    assert "differs:" not in table


@pytest.mark.parametrize(
    ("printed", "found", "outcome"),
    [
        ("Tarnby, May 3d, 1871", "May 3, 1871", "agrees"),
        ("Tarnby, May 3, 1871", "May 13, 1871", "differs"),
        ("Tarnby, May 3, 1871", "May 1871", "differs"),
        ("Tarnby, circa May 3, 1871", "May 3, 1871", "differs"),
        ("Tarnby, undated", "undated [received May 3, 1871]", "agrees"),
        ("Tarnby, May 3, 1871", "", "not read"),
    ],
)
def test_a_date_agrees_where_all_of_it_is_printed(printed: str, found: str, outcome: str) -> None:
    letter = f"<head>Note</head><dateline>{printed}</dateline><p>Corn.</p>"
    node = parse_xml(volume(f'<div type="document" n="1">{letter}</div>'))
    document = next(each for each in node.iter("{*}div") if each.get("type") == "document")
    known = Provenance(printed_date=found or None)
    (compared,) = frus_accuracy.compare_document("v", "d1", document, known)
    assert compared.outcome == outcome
