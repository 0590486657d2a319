import pytest

from index.answering.answer import answer
from index.answering.leads import LEADS, Hint, Refusal, find_hints
from index.answering.verdict import Judgement, Level, Verdict
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters

OIL = "How many barrels of kerosene did the keeper buy each autumn?"


def test_what_comes_near_is_unsure_and_what_does_not_is_silent(records: Archive) -> None:
    unsure = answer("How many barrels of kerosene did Zebulon Quux buy?", records)
    assert unsure.refusal is Refusal.UNSURE
    assert "forty barrels" in unsure.leads[0].text
    silent = answer("quaternions", records)
    assert (silent.refusal, silent.leads) == (Refusal.SILENT, ())
    answered = answer(OIL, records)
    assert (answered.refusal, answered.leads, answered.hints) == (None, (), ())


def test_leads_are_as_many_however_many_quotations_are_asked_for(records: Archive) -> None:
    question = "Did Zebulon Quux find the ledger of the lighthouse keeper?"
    found = [answer(question, records, limit=limit).leads for limit in (1, 3, 10)]
    assert 1 < len(found[0]) <= LEADS
    assert found[0] == found[1] == found[2][:LEADS]


def test_a_filter_that_hides_the_answer_is_hinted_at(records: Archive) -> None:
    filters = Filters(date_from="2001-01-01", collection="ports")
    given = answer(OIL, records, filters=filters)
    assert given.refusal is Refusal.SILENT
    assert given.hints[-1] == Hint(None, ("date_from", "collection"), is_answered=True)
    given = answer(OIL, records, filters=Filters(collection="ports"))
    assert given.hints == (Hint(None, ("collection",), is_answered=True),)
    assert answer("quaternions", records, filters=filters).hints == ()


@pytest.mark.parametrize(
    ("level", "confidence", "hinted"),
    [
        (Level.STRICT, 0.69, Level.BALANCED),
        (Level.STRICT, 0.4, Level.EAGER),
        (Level.BALANCED, 0.4, Level.EAGER),
        (Level.BALANCED, 0.1, None),
        (Level.EAGER, 0.1, None),
    ],
)
def test_a_level_is_hinted_at_only_where_it_would_answer(
    level: Level, confidence: float, hinted: Level | None
) -> None:
    def look(_: Filters) -> tuple[Judgement, Refusal]:
        raise AssertionError("no filter was given")

    hints = find_hints(Filters(), level, confidence, Refusal.UNSURE, look)
    assert [hint.level for hint in hints] == ([hinted] if hinted else [])


def test_no_filter_is_left_out_that_may_stay() -> None:
    asked: list[Filters] = []

    def look(filters: Filters) -> tuple[Judgement, Refusal]:
        asked.append(filters)
        found = filters.date_from is None
        verdict = Verdict.ANSWERED if found else Verdict.NOT_FOUND
        return Judgement(verdict, 0.9), Refusal.UNSURE

    filters = Filters(date_from="1871-01-01", person="Marsh")
    hints = find_hints(filters, Level.BALANCED, 0.1, Refusal.UNSURE, look)
    assert hints == (Hint(None, ("date_from",), is_answered=True),)
    assert asked == [Filters(person="Marsh"), Filters(date_from="1871-01-01")]


def test_what_only_comes_near_is_hinted_at_where_nothing_did() -> None:
    def look(_: Filters) -> tuple[Judgement, Refusal]:
        return Judgement(Verdict.NOT_FOUND, 0.1), Refusal.UNSURE

    filters = Filters(person="Marsh")
    silent = find_hints(filters, Level.BALANCED, 0.0, Refusal.SILENT, look)
    assert silent == (Hint(None, ("person",), is_answered=False),)
    assert find_hints(filters, Level.BALANCED, 0.0, Refusal.UNSURE, look) == ()
