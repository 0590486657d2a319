"""Questions of historians over invented records: telegrams, despatches, notes, minutes, a treaty.

The persons, places and events have never existed; some texts have the errors of a scan. A row of
`questions.jsonl` is one of a questionnaire of `memcon eval`; `held_out` stands with conversations
that were kept aside while the rules of follow-up questions were written.
"""

import json
from dataclasses import replace
from pathlib import Path

from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.evaluating.questionnaires import Questionnaire, read_questionnaire
from index.storage.inventory import gather

RECORDS = Path(__file__).parent / "records"
QUESTIONS = Path(__file__).parent / "questions.jsonl"


def build_records(root: Path, cache: Path) -> None:
    """Build the archive of the records in `root`."""
    from tests.support.archives import Silence

    gathered = gather([RECORDS], Silence())
    build_archive(root, gathered, model=DEFAULT_MODEL, cache=cache, progress=Silence())


def read_questions() -> Questionnaire:
    """Return the questions, called after the records."""
    return replace(read_questionnaire(QUESTIONS), name="invented records")


def held_out() -> frozenset[str]:
    """Return the ids of the conversations that were kept aside."""
    rows = map(json.loads, QUESTIONS.read_text("utf-8").splitlines())
    return frozenset(row["id"] for row in rows if row.get("held_out"))
