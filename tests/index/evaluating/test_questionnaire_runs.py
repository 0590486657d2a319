from dataclasses import replace
from pathlib import Path

import pytest

from index.answering import answer as answering
from index.answering.turns import hear
from index.answering.verdict import Verdict
from index.evaluating import questionnaire_runs as inquiry
from index.evaluating.comparison import compare_runs
from index.evaluating.evaluation import Evaluation
from index.evaluating.questionnaire_runs import ASKED, ask_questionnaire, summarize_kinds
from index.evaluating.questionnaires import Item, Questionnaire
from index.evaluating.runs import read_run, write_run
from index.retrieval.archive import Archive
from tests.support.archives import Silence

BARRELS = "How many barrels of kerosene did the keeper buy each autumn?"


def item(question: str, pattern: str, *, kind: str = "fact", turns: tuple[str, ...] = ()) -> Item:
    return Item("q", question, kind, bool(pattern), ("ledger",) if pattern else (), pattern, turns)


def ask(archive: Archive, *items: Item) -> Evaluation:
    numbered = tuple(replace(each, item_id=f"q{n}") for n, each in enumerate(items))
    return ask_questionnaire(Questionnaire("lamps", numbered), archive, Silence())


def test_questions_are_measured_by_kind_and_stage(records: Archive, tmp_path: Path) -> None:
    evaluation = ask(
        records,
        item(BARRELS, "forty barrels"),
        item(BARRELS, "whale oil burned in a lighthouse of Oregon", kind="number"),
        item("What did Napoleon Bonaparte Starbuck think of tea?", "", kind="near"),
    )
    right, missed, declined = evaluation.outcomes
    assert (right.stage, right.rank, right.right) == ("first", 1, True)
    assert right.measures == {
        **dict.fromkeys(ASKED),
        "first": 1,
        "any": 1,
        "visible": 1,
        "refused": 0,
        "misled": 0,
        "found@10": 1,
        "found@100": 1,
    }
    assert "forty barrels" in right.texts[0]
    assert (missed.stage, missed.rank, missed.measures["misled"]) == ("not_found", None, 1)
    assert (declined.stage, declined.measures["declined"]) == ("declined", 1)

    measured = summarize_kinds(evaluation)
    assert measured["schema"] == "memcon.eval/1"
    assert measured["ndcg@10"] is measured["quote@1"] is None
    assert (measured["first"], measured["misled"], measured["declined"]) == (0.5, 0.3333, 1.0)
    assert [*measured["kinds"]] == ["fact", "near", "number"]
    assert measured["kinds"]["near"]["first"] is None
    assert measured["kinds"]["number"]["stages"]["not_found"] == 1
    assert sum(measured["stages"].values()) == 3

    write_run([evaluation], tmp_path / "run.jsonl")
    assert [replace(o, milliseconds=0) for o in read_run(tmp_path / "run.jsonl")[0].outcomes] == [
        replace(o, milliseconds=0) for o in evaluation.outcomes
    ]


def test_what_is_shown_as_a_lead_was_refused(
    records: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = answering.answer

    def refuse(*words: object, **options: object) -> answering.Answer:
        given = real(*words, **options)  # type: ignore[arg-type]
        return replace(given, verdict=Verdict.NOT_FOUND, quotes=(), leads=given.quotes)

    monkeypatch.setattr(inquiry, "answer", refuse)
    (outcome,) = ask(records, item(BARRELS, "forty barrels")).outcomes
    assert outcome.stage == "refused"
    known = {name: outcome.measures[name] for name in ("first", "visible", "refused", "misled")}
    assert known == {"first": 0, "visible": 1, "refused": 1, "misled": 0}
    # It goes by what is shown first, whatever the verdict, as confidence does.
    assert outcome.right


def test_a_right_passage_without_its_sentence_was_not_chosen(records: Archive) -> None:
    asked = item(BARRELS, "burned in the lamp until kerosene came from Yokohama")
    (outcome,) = ask(records, replace(asked, question="Who is the lighthouse keeper?")).outcomes
    assert outcome.rank is not None
    assert outcome.stage == "not_chosen"


def test_a_kind_of_thing_that_no_right_sentence_has_was_misunderstood(records: Archive) -> None:
    asked = item("When was the lighthouse keeper at the lamp?", "burned in the lamp until kerosene")
    assert ask(records, asked).outcomes[0].stage == "misunderstood"


def test_a_conversation_is_judged_by_its_last_question(
    records: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = ("Who was the lighthouse keeper?", "How many barrels of kerosene did he buy?")
    asked = item(BARRELS, "forty barrels", kind="follow", turns=turns)
    (outcome,) = ask(records, asked).outcomes
    assert outcome.stage == "first"
    assert outcome.question == BARRELS
    assert outcome.asked_as != turns[1]

    real = hear
    monkeypatch.setattr(
        inquiry,
        "hear",
        lambda words, turns, archive: replace(
            real(words, turns, archive), question="Harbour dues of Nagasaki?" if turns else words
        ),
    )
    assert ask(records, asked).outcomes[0].stage == "misunderstood"


def test_runs_are_compared_by_the_measures_of_a_questionnaire(records: Archive) -> None:
    questions = (item(BARRELS, "forty barrels"), item("Who lit the lamp in 1921?", "Ogata Ren"))
    evaluation = ask(records, *questions, item("What did Starbuck think?", ""))
    (compared,) = compare_runs([evaluation], [evaluation])
    known = {each.measure: each for each in compared.differences}
    assert known["first"].queries == 2
    assert known["misled"].queries == 3
    assert known["declined"].difference == 0
    assert "first_auroc" in known
    assert "quote@1" not in known
