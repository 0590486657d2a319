"""Follow-up questions: which lean on what was said, and what they are asked as."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.authority.names import Person, bundled_entries
from index.understanding.conversation.exchange import TURNS, EarlierQuote, Exchange
from index.understanding.conversation.rewriting import rewrite_question
from index.understanding.names import Names

NAMES = Names(
    (entry.forms, isinstance(entry, Person)) for entry in bundled_entries() if entry.names
)


def asked_as(question: str, last: str, people: tuple[str, ...] = (), **known: object) -> str:
    turn = Exchange(last, "answered", (), people, **known)  # type: ignore[arg-type]
    return rewrite_question(question, [turn], NAMES).question


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        # A piece takes the place of what is of its kind.
        ("When did Kuriyama retire?", "And Hatano?", "When did Hatano retire?"),
        ("What did Clinton tell Yeltsin?", "And Gore?", "What did Gore tell Yeltsin?"),
        ("Where is the Ministry?", "And the Embassy?", "Where is the Embassy?"),
        (
            "What was agreed in March 1961?",
            "And in June?",
            "What was agreed in June 1961?",
        ),
        ("How many ships came in 1871?", "What about 1872?", "How many ships came in 1872?"),
        ("How many ships came to Kobe?", "In 1872?", "How many ships came to Kobe in 1872?"),
        ("Who signed cable no. 17?", "And cable no. 18?", "Who signed cable no. 18?"),
        (
            "Where was the first session held?",
            "And the third?",
            "Where was the third session held?",
        ),
        ("How high were tea prices?", "What about coal prices?", "How high were coal prices?"),
        ("Who was Clinton's driver?", "And Clinton's cook?", "Who was Clinton's cook?"),
        (
            "What did Clinton say about tariffs in Tokyo?",
            "And the yen?",
            "What did Clinton say about the yen in Tokyo?",
        ),
        # Another word of asking.
        ("When did the talks fail?", "Why?", "Why did the talks fail?"),
        ("Where was NAFTA signed?", "And when?", "When was NAFTA signed?"),
        # Pronouns.
        (
            "When was NAFTA signed?",
            "When did it enter into force?",
            "When did NAFTA enter into force?",
        ),
        (
            "When did the talks fail?",
            "When did they resume in Geneva?",
            "When did the talks resume in Geneva?",
        ),
        (
            "What did Clinton visit in Kyoto?",
            "Which emperor lived there?",
            "Which emperor lived in Kyoto?",
        ),
        (
            "What was decided in May 1961?",
            "Which ministers resigned that year?",
            "Which ministers resigned in 1961?",
        ),
        (
            "Which cable deals with tea?",
            "Who wrote about it in Tokyo?",
            "Who wrote about the cable that deals with tea in Tokyo?",
        ),
        # Japanese.
        ("公電12号の主題は何ですか。", "では13号は？", "公電13号の主題は何ですか。"),
        ("Who sent cable no. 1412?", "では1413号は？", "Who sent cable no. 1413?"),
        # A year is no number of a record.
        ("What fell in May 1871?", "では1413号は？", "fell May 1871について、では1413号は？"),
        ("細川首相はいつ訪米しましたか。", "宮澤首相は？", "宮澤首相はいつ訪米しましたか。"),
        ("細川首相はいつ訪米しましたか。", "なぜですか。", "細川首相はなぜ訪米しましたか。"),
        (
            "細川首相はいつ訪米しましたか。",
            "彼は何と述べましたか。",
            "細川首相は何と述べましたか。",
        ),
        ("1993年9月の会談の議題は？", "1994年2月は？", "1994年2月の会談の議題は？"),
        (
            "1993年9月の会談の議題は？",
            "それはどこで開かれましたか。",
            "1993年9月の会談の議題はどこで開かれましたか。",
        ),
    ],
)
def test_a_question_that_leans_is_asked_as_it_was_meant(
    last: str, question: str, expected: str
) -> None:
    assert asked_as(question, last) == expected


def test_who_was_asked_for_is_meant_by_he() -> None:
    last = "Who was the ambassador in Tokyo in 1994?"
    assert asked_as("Who came before him?", last, ("Walter Mondale",)).startswith(
        "Who came before Walter Mondale"
    )
    described = asked_as("Did his daughter marry a prince?", "Who is Owada Hisashi?", ("Naruhito",))
    assert described.startswith("Did Owada Hisashi’s daughter marry a prince")


def test_the_other_party_replies() -> None:
    last = "Did Hosokawa invite Clinton to Japan?"
    assert asked_as("What did he reply?", last).startswith("What did Clinton reply")
    assert asked_as("Why did he invite a stranger?", last).startswith("Why did Hosokawa invite")


def test_what_cannot_be_told_brings_the_last_topic_along() -> None:
    heard = asked_as(
        "Who took part?", "Where did the small meeting of 11 February 1994 take place?"
    )
    assert heard == "Who took part (small meeting 11 February 1994)?"
    assert "harbour dues" in asked_as("How did Miyazawa react?", "Who raised the harbour dues?")


@pytest.mark.parametrize(
    "question",
    [
        "When did Hosokawa resign?",
        "Why is it so hard for Japan to get a seat?",
        "Is it true that Clinton came to Tokyo?",
        "Did Hosokawa keep his promise?",
        "When did Clinton and Miyazawa hold their first summit?",
        "When he came to Tokyo, what did Clinton see?",
        "Who said he would resign?",
        "Who lost his seat in July 1993?",
        "What was the plan that Gore proposed?",
        "How many parties were there in the coalition?",
        "Who translated these records?",
        "What happened in 1993 and who resigned that year?",
        "May I guess how long a redacted passage is?",
        "GDP per head, Japan and the US",
        "Hosokawa",
        "細川護熙とは？",
        "ラオスの首都は？",
        "細川首相はその後何をしましたか。",
        "この記録は誰が翻訳しましたか。",
        "どこの国の話ですか。",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    given = EarlierQuote("d", 0, 30, "A stranger tuned the organ.")
    turn = Exchange("Who tuned the organ of Leeds?", "answered", (given,))
    understood = rewrite_question(question, [turn], NAMES)
    assert (understood.question, understood.without) == (question, ())
    assert not understood.is_reworded


def test_what_is_joined_and_can_be_read_alone_may_bring_the_topic_along() -> None:
    given = EarlierQuote("d", 0, 30, "A stranger tuned the organ.")
    turn = Exchange("Who tuned the organ of Leeds?", "answered", (given,))
    understood = rewrite_question("And when did the Uruguay Round begin?", [turn], NAMES)
    assert not understood.is_reworded
    assert understood.wider == "When did the Uruguay Round begin (tuned organ Leeds)?"
    assert understood.without == (("d", 0, 30),)


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        # Persons are called by their offices, and the other party answers.
        (
            "When did Mr. Lamb ask the German Emperor for help in Velsk?",
            "And what was his answer?",
            "What was the German Emperor’s answer",
        ),
        (
            "What did the consul at Samoa write to Mr. Lamb?",
            "When did he come home to Ohio?",
            "When did the consul at Samoa come home to Ohio?",
        ),
        (
            "When was Captain Lamb seen by the regent?",
            "What did he tell him about the harbor dues?",
            "What did Captain Lamb tell the regent about the harbor dues?",
        ),
        (
            "What did Ana Torrel propose to France?",
            "Where was she taught law?",
            "Where was Ana Torrel taught law?",
        ),
        # Who did it may be known to nobody.
        (
            "Who shot William Wilson at Rama?",
            "Was he put on trial by the governor?",
            "Was the one who shot William Wilson at Rama put on trial by the governor?",
        ),
        (
            "What did Minister Orel think of the Harbor League?",
            "When did it found a newspaper?",
            "When did the Harbor League found a newspaper?",
        ),
        # An office gives way to a person, rather than a place does.
        (
            "What did the Foreign Minister advise the cabinet of Tarsina to do?",
            "And Minister Orel?",
            "What did Minister Orel advise the cabinet of Tarsina to do?",
        ),
        # What is counted, and of whom.
        (
            "How many barrels of oil did the Amity carry?",
            "And how many were given back?",
            "How many barrels of oil were given back?",
        ),
        (
            "Where was the crew of the Amity lodged?",
            "How many of them had a fever?",
            "How many of the crew of the Amity had a fever?",
        ),
        (
            "When did the transport Thomas leave Kobe with the railway men?",
            "Why did they not work there?",
            "Why did the railway men not work in Kobe",
        ),
        (
            "What was built on Corran?",
            "How many soldiers were stationed there?",
            "How many soldiers were stationed on Corran?",
        ),
        # What is named only tells which.
        (
            "When did the election of the Harbor League begin?",
            "Who won it?",
            "Who won the election",
        ),
        (
            "When was Lamb instructed to sail to Kobe?",
            "And when did he do it?",
            "When did Lamb do it (instructed sail Kobe)",
        ),
        (
            "What rent was offered in June 1957?",
            "And what was agreed in October?",
            "What was agreed in October (rent June 1957)",
        ),
        ("What did Minister Orel say about flags?", "And the Premier?", "What did the Premier say"),
        (
            "What port dues were asked for the Amity?",
            "And what damages did her owners claim?",
            "What damages did the Amity’s owners claim",
        ),
        (
            "What did Count Orel write to Lamb about rice?",
            "What did he answer?",
            "What did Lamb answer",
        ),
        # A ship is a woman.
        (
            "Who fired on the Amity?",
            "Where was her cargo of tea kept?",
            "Where was the Amity’s cargo of tea kept?",
        ),
        (
            "On what day did Peru want the conference to open?",
            "Why that day?",
            "Why did Peru want the conference to open?",
        ),
    ],
)
def test_the_antecedent_is_found(last: str, question: str, expected: str) -> None:
    assert asked_as(question, last).startswith(expected)


@pytest.mark.parametrize(
    ("text", "is_stale"),
    [
        ("Mr. Lamb read the complaint to the count.", True),
        ("The count answered that he knew of no ship.", False),
        ("The count refused.", False),
    ],
)
def test_an_answer_is_no_question_again(text: str, *, is_stale: bool) -> None:
    turn = Exchange(
        "What did Mr. Lamb read to the count?", "answered", (EarlierQuote("d", 0, 9, text),)
    )
    assert bool(rewrite_question("And what was his answer?", [turn], NAMES).without) == is_stale


def test_a_first_question_leans_on_nothing() -> None:
    assert rewrite_question("And Gore?", [], NAMES).question == "And Gore?"


@pytest.mark.parametrize(
    ("question", "stale"),
    [
        ("And the United States?", (0,)),
        ("And Denmark?", (0, 1)),
        ("And Brazil?", ()),
        ("And in March?", (1,)),
        ("Why?", ()),
        ("Where was it printed?", ()),
    ],
)
def test_what_was_quoted_and_has_not_what_is_asked_now_is_no_answer(
    question: str, stale: tuple[int, ...]
) -> None:
    given = (
        EarlierQuote(
            "a", 0, 60, "Great Britain recognized the Brazilian flag.", "Mr. Lamb March 3, 1871"
        ),
        EarlierQuote("b", 9, 80, "The American minister was with Brazil, and recognized nothing."),
    )
    turns = [
        Exchange("Who rang the bell?", "answered", (EarlierQuote("c", 1, 2, "Nobody."),)),
        Exchange("When did Great Britain recognize the flag?", "answered", given),
    ]
    expected = tuple(given[place].place for place in stale)
    assert rewrite_question(question, turns, NAMES).without == expected


def test_a_turn_is_kept_as_json() -> None:
    given = EarlierQuote("b", 0, 9, "He came.", "Mr. Lamb")
    turn = Exchange("When did Gore come?", "answered", (given,), ("Al Gore",), ("1993",))
    assert Exchange.from_dict(json.loads(json.dumps(turn.to_dict()))) == turn
    assert Exchange.from_dict({"question": "When?"}) == Exchange("When?")
    # Earlier versions kept the documents that were quoted.
    assert Exchange.from_dict({"question": "When?", "doc_ids": ["d"]}) == Exchange("When?")


_WORDS = st.lists(
    st.sampled_from(
        """and what about he him his it they them there that this year those When Why did was Gore
        Clinton Tokyo the second meeting in 1993 September cable 5516 no too ? , ( ) " 細川 首相 は
        その それ 彼 では なぜ ですか 号 also reply react""".split()
    ),
    min_size=1,
    max_size=9,
).map(" ".join)


@given(_WORDS, st.lists(st.tuples(_WORDS, st.sampled_from([(), ("Al Gore",)])), max_size=TURNS + 1))
def test_understanding_is_total_and_deterministic(
    question: str, before: list[tuple[str, tuple[str, ...]]]
) -> None:
    turns = [
        Exchange(words, "answered", (EarlierQuote("d", 0, 9, "Gore came."),), people)
        for words, people in before
    ]
    understood = rewrite_question(question, turns, NAMES)
    assert understood.question.strip()
    assert understood.typed == question
    assert understood == rewrite_question(question, turns, NAMES)
    assert len(understood.question) <= max(1000, len(question))
    if not understood.is_reworded and not turns:
        assert understood.without == ()


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_said(question: str, last: str) -> None:
    assert rewrite_question(question, [Exchange(last)], NAMES).typed == question


@given(st.sampled_from(["And Gore?", "In 1872?", "And cable no. 18?", "Why?"]))
def test_what_was_understood_stands_alone(question: str) -> None:
    last = "Where did Clinton read cable no. 17 in 1871?"
    once = asked_as(question, last)
    assert once != question
    assert asked_as(once, last) == once


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What did Clinton say about rice?", "Why did Clinton say that about rice?"),
        ("What did Clinton tell Hosokawa?", "Why did Clinton tell Hosokawa that?"),
        ("What was the deficit in 1993?", "Why was the deficit in 1993?"),
    ],
)
def test_why_asks_for_the_reason_of_what_was_said(question: str, asked: str) -> None:
    turns = [Exchange(question, "answered")]
    assert rewrite_question("Why?", turns, NAMES).question == asked
