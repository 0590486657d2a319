import pytest

from index.answering.answer import answer
from index.answering.verdict import Judgement, Level, Verdict, estimate, judge, kind_of, weigh
from index.retrieval.archive import Archive
from index.retrieval.search import Filters
from index.weights import weights

THRESHOLD = Level.BALANCED.threshold


@pytest.mark.parametrize(
    "question",
    [
        "How many barrels of kerosene did the keeper buy each autumn?",
        "Where was the ledger of the lighthouse found?",
    ],
)
def test_what_the_archive_says_is_answered(question: str, records: Archive) -> None:
    given = answer(question, records)
    assert given.verdict is Verdict.ANSWERED
    assert given.confidence >= THRESHOLD
    assert given.quotes
    assert given.leads == ()


@pytest.mark.parametrize(
    "question",
    [
        "How many barrels of kerosene did Captain Ahab Starbuck buy?",
        "Where did Napoleon Bonaparte find the ledger of the lighthouse in 1815?",
        "🙂🙂",
        "?!",
        "the of and",
        "Ωμέγα",
    ],
)
def test_what_the_archive_does_not_know_is_not_found(question: str, records: Archive) -> None:
    given = answer(question, records)
    assert given.verdict is Verdict.NOT_FOUND
    assert 0 <= given.confidence < THRESHOLD
    assert given.quotes == ()


def test_filters_that_leave_nothing_leave_no_answer(records: Archive) -> None:
    given = answer("Where was the ledger found?", records, filters=Filters(date_from="2001-01-01"))
    assert (given.verdict, given.confidence) == (Verdict.NOT_FOUND, 0.0)
    assert given.quotes == given.leads == ()
    assert judge(records.ask("dues"), [], records) == Judgement(Verdict.NOT_FOUND, 0.0)


def test_unknown_names_lower_the_confidence(records: Archive) -> None:
    known = answer("When did the keeper Ogata Ren light the lamp?", records)
    unknown = answer("When did the keeper Zebulon Quux light the lamp?", records)
    assert unknown.confidence <= 0.2 < known.confidence


def test_evidence_lies_between_nothing_and_all(bundled: Archive) -> None:
    for question in ("What is Super 301?", "zebra crossings", "🙂", "Who was Kuriyama?"):
        query = bundled.ask(question)
        given = answer(question, bundled)
        for quote in (*given.quotes, *given.leads):
            evidence = weigh(query, quote, bundled)
            known = weights("confidence", kind_of(query))
            assert set(evidence) == set(known) - {"intercept"}
            free = {"score", "margin", "passage"}
            assert all(0 <= evidence[name] <= 1 + 1e-6 for name in set(evidence) - free)
            assert 0 < estimate(evidence, known) < 1


@pytest.mark.parametrize("question", ["What is Super 301?", "Who was Kuriyama?", "zebra crossings"])
def test_a_stricter_level_answers_no_more(question: str, bundled: Archive) -> None:
    found = [answer(question, bundled, level=level) for level in Level]
    assert [level.value for level in Level] == ["strict", "balanced", "eager"]
    assert len({given.confidence for given in found}) == 1
    answered = [given.verdict is Verdict.ANSWERED for given in found]
    assert answered == sorted(answered)
    for given, level in zip(found, Level, strict=True):
        assert (given.verdict is Verdict.NOT_FOUND) == (given.confidence < level.threshold)
        assert len(given.leads) <= 3


@pytest.mark.parametrize(
    "question",
    [
        # The other leader said it.
        "What did Hosokawa say against economic blocs?",
        "What did Al Gore say about having climbed high mountains?",
        # About nothing at all.
        "What did Hosokawa say?",
        "細川総理は何を言いましたか。",
        # Another year, and somebody whom no record names.
        "Which cables did Ambassador Kuriyama send in 1996?",
        "What did Reagan tell Nakasone about semiconductors?",
    ],
)
def test_words_of_another_person_or_year_are_no_answer(question: str, bundled: Archive) -> None:
    given = answer(question, bundled, level=Level.EAGER)
    assert given.verdict is Verdict.NOT_FOUND
    assert given.confidence <= 0.2


def test_words_that_were_withheld_are_redacted_not_answered(bundled: Archive) -> None:
    found = answer("What did Clinton and Hosokawa say about North Korea?", bundled)
    assert found.verdict is Verdict.REDACTED
    assert "not known from the released Japanese records" in found.quotes[0].text
    assert found.leads == ()
    about = answer("What was withheld on North Korea?", bundled)
    assert about.verdict is Verdict.ANSWERED
    assert "withheld" in about.quotes[0].text
