from pathlib import Path

import pytest

from tests.support.pdf_maker import Telegram, print_cable, sheet
from tests.tools import accuracy
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
