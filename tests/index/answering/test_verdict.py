import pytest

from index.answering.answer import answer
from index.answering.evidence import compute_evidence
from index.answering.redaction import mentions_redaction
from index.answering.verdict import Judgement, Level, Verdict, estimate, judge, kind_of
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
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
    assert judge(records.parse_query("dues"), [], records) == Judgement(Verdict.NOT_FOUND, 0.0)


def test_unknown_names_lower_the_confidence(records: Archive) -> None:
    known = answer("When did the keeper Ogata Ren light the lamp?", records)
    unknown = answer("When did the keeper Zebulon Quux light the lamp?", records)
    assert unknown.confidence <= 0.2 < known.confidence


def test_evidence_lies_between_nothing_and_all(bundled: Archive) -> None:
    quoted = 0
    for question in ("What is Super 301?", "zebra crossings", "🙂", "Who was Kuriyama?"):
        query = bundled.parse_query(question)
        given = answer(question, bundled)
        for quote in (*given.quotes, *given.leads):
            quoted += 1
            evidence = compute_evidence(query, quote, bundled)
            known = weights("confidence", kind_of(query))
            assert set(evidence) >= set(known) - {"intercept"}
            near = {"cosine", "nearest", "matched", "aligned"}
            free = near | {"score", "margin", "passage", "agreed"}
            assert all(-0.5 <= evidence[name] <= 5 for name in near)
            assert 0 <= evidence["agreed"] <= 2
            assert all(0 <= evidence[name] <= 1 + 1e-6 for name in set(evidence) - free)
            assert 0 < estimate(evidence, known) < 1
    assert quoted > 2


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
        "犬は何を言いましたか。",
        "What did they say?",
        "What happened?",
        # Another year, and somebody whom no record names.
        "Which cables did Ambassador Kuriyama send in 1996?",
        "What did Reagan tell Nakasone about semiconductors?",
    ],
)
def test_words_of_another_person_or_year_are_no_answer(question: str, bundled: Archive) -> None:
    given = answer(question, bundled, level=Level.EAGER)
    assert given.verdict is Verdict.NOT_FOUND
    assert given.confidence <= 0.2


@pytest.mark.parametrize(
    "question",
    [
        "What did Clinton and Hosokawa say about North Korea?",
        "What did Clinton tell Hosokawa about North Korea?",
        "What was discussed at the working lunch about North Korea?",
        "What does cable 1459 say?",
        "What did Clinton say in the blacked out part of cable 5517?",
    ],
)
def test_words_that_were_withheld_are_redacted_not_answered(
    question: str, bundled: Archive
) -> None:
    found = answer(question, bundled)
    assert found.verdict is Verdict.REDACTED
    assert mentions_redaction(found.quotes[0])
    assert found.leads == ()


@pytest.mark.parametrize(
    "question",
    [
        # A part was withheld, and the rest answers.
        "What was said about Russia?",
        "What did Clinton say about Russia?",
        "What did cable 5520 say about the Uruguay Round?",
        "What was said about China?",
    ],
)
def test_what_a_record_does_say_comes_before_its_gaps(question: str, bundled: Archive) -> None:
    found = answer(question, bundled, level=Level.EAGER)
    assert found.verdict is Verdict.ANSWERED
    gaps = [mentions_redaction(quote) for quote in found.quotes]
    assert gaps == sorted(gaps)
    assert not gaps[0]


@pytest.mark.parametrize(
    "question", ["What was withheld on North Korea?", "Which cable was withheld in full?"]
)
def test_a_question_about_a_gap_is_answered(question: str, bundled: Archive) -> None:
    found = answer(question, bundled)
    assert found.verdict is Verdict.ANSWERED
    assert mentions_redaction(found.quotes[0])


def test_the_verdict_does_not_depend_on_how_much_is_shown(bundled: Archive) -> None:
    for question in ("What was said about Russia?", "What did Clinton say about North Korea?"):
        one, three = (answer(question, bundled, limit=limit) for limit in (1, 3))
        assert (one.verdict, one.confidence) == (three.verdict, three.confidence)
        assert one.quotes == three.quotes[:1]
