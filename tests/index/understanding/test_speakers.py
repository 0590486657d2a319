import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.understanding.questions import read_question
from index.understanding.speakers import (
    find_speaker,
    name_of,
    speaker_terms,
    split_speakers,
    without_titles,
)


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        (
            "What did Lord Edgar Quillfeather tell Marsh about the dredging?",
            "Lord Edgar Quillfeather",
        ),
        ("What did viceroy Tang Wei-lo tell the engineers?", "viceroy Tang Wei-lo"),
        ("What reason did Ostrander give for the delay?", "Ostrander"),
        ("What fault did Sir Hugh Penhale find with the lamps?", "Sir Hugh Penhale"),
        ("What was the Portuguese minister's remark about the ferry?", "Portuguese minister"),
        ("What did the Danish Minister Kjeldsen tell Marsh?", "Danish Minister Kjeldsen"),
        ("How did Ostrander describe the harbour?", "Ostrander"),
        ("What did Marsh telegraph on May 3, 1871 about the keeper?", "Marsh"),
        ("What did Quillfeather in 1871 say of the lamps?", "Quillfeather"),
        ("What does Ostrander himself say about the storm?", "Ostrander"),
        ("What had Marsh promised the pilots?", "Marsh"),
        ("what did ostrander tell marsh about the men off the quay", "ostrander"),
        ("According to Captain Penhale, why was the ferry late?", "Captain Penhale"),
        ("Of what use was the lamp, in Ostrander’s view?", "Ostrander"),
        ("How many lamps were lit, by Marsh’s letter of March 1871?", "Marsh"),
        ("What did Penhale’s telegram claim about the pilots?", "Penhale"),
        ("Why was the ferry late, as Ostrander told the council?", "Ostrander"),
        ("What was Marsh told by Ostrander about the ferry?", "Ostrander"),
        ("Who paid for the lamps, said Penhale?", "Penhale"),
        ("Edgar Marsh on how slowly the ferry ran", "Edgar Marsh"),
        ("What did the magistrate at Port Elder tell Marsh?", "magistrate at Port Elder"),
        ("What did the King of Brixwold say to Marsh?", "King of Brixwold"),
        ("What did Prince Oro and Tang Wei-lo answer?", "Prince Oro and Tang Wei-lo"),
        ("What statement by Ostrander was printed?", "Ostrander"),
        # A body has one voice.
        ("What did the Portuguese Government answer about the ferry?", "Portuguese Government"),
        ("What did the Netherlands reply to Marsh?", "Netherlands"),
        ("What did the Brixwold Times say of the lamps?", "Brixwold Times"),
        # Names that end as plurals do.
        ("What did Ambassador Powers tell the keeper?", "Ambassador Powers"),
        ("what did phillips tell the keeper", "phillips"),
        ("What did the German say to the keeper?", "German"),
        ("What had the pilots promised, according to Ostrander?", "Ostrander"),
        ("What did the King of the Danes reply?", "King of the Danes"),
        ("What did the head of state in Brixwold think of dues?", "head of state in Brixwold"),
        ("What did Phillips still hope to get?", "Phillips"),
    ],
)
def test_whose_words_are_asked_for(question: str, speaker: str) -> None:
    assert find_speaker(question) == speaker
    assert read_question(question).speaker_name == speaker


@pytest.mark.parametrize(
    "question",
    [
        "Who lit the lamp?",
        "What did he say about the lamp?",
        "What does document 54 say about the lamp?",
        "What did the telegram of June 5 say about the lamp?",
        "What does the treaty say about dues?",
        "What did they tell the keeper?",
        "How much did the Danish state pay for the ferry?",
        "When had the keeper been advised of the storm?",
        "According to the report, when was the ferry late?",
        # Several people have no one voice.
        "Why did the powers insist on the dues?",
        "What did the Allied Powers demand of the harbour?",
        "What did the Ministers say about the lamps?",
        "What did delegates from Brixwold ask for?",
        "Why did the governments object to the ferry?",
        "What did the Japanese reply about the ferry?",
        "What did Germans say of the ferry?",
        "What did the French and Danish ministers answer?",
        "What did the commanders of the Otter and the Heron reply?",
        "Why did Lisbon bankers think the ferry would pay?",
        "What did the pilots say, by the sailors' statement?",
        "What did most of the pilots say?",
        # Words between a verb and a noun are no name.
        "How did Marsh first read the report of the storm?",
        "Who was handed the Harbour Office's message about the storm?",
        "Whom did Marsh put forward as keeper of the Brixwold claim?",
        "What did the keeper get in the reply of June 7?",
        "Why did critics in Brixwold grumble about Denmark's reply?",
        "",
    ],
)
def test_nobodys_words_are_asked_for(question: str) -> None:
    assert find_speaker(question) == ""


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Lord Edgar Quillfeather", "Edgar Quillfeather"),
        ("Captain Penhale of the Otter", "Penhale"),
        ("Danish Minister Kjeldsen", "Kjeldsen"),
        ("Prince Oro", "Oro"),
        ("ostrander", "ostrander"),
        ("King of Brixwold", ""),
        ("Foreign Minister", ""),
        ("Lisbon bankers", ""),
    ],
)
def test_a_name_stands_beside_titles_and_offices(words: str, name: str) -> None:
    assert name_of(words) == name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Prime Minister Quillfeather", "Quillfeather"),
        ("Penhale Rowan Deputy Prime Minister", "Penhale Rowan"),
        ("Vice President Oro", "Oro"),
        ("Prime Minister", "Prime Minister"),
    ],
)
def test_titles_around_a_name_are_removed_whole(words: str, name: str) -> None:
    assert without_titles(words) == name


def test_terms_are_those_of_the_name_or_of_the_office() -> None:
    assert speaker_terms("Lord Edgar Quillfeather") == {"edgar", "quillfeath"}
    assert speaker_terms("Portuguese minister") == {"portugues"}
    assert speaker_terms("Prince Oro and Captain Penhale") == {"oro", "penhal"}


def test_two_speakers_are_told_apart_from_a_company() -> None:
    assert split_speakers("Prince Oro and the Captain") == ("Prince Oro", "Captain")
    assert split_speakers("Marsh of Penhale and Company") == ("Marsh of Penhale and Company",)


@given(st.text(max_size=200))
def test_a_speaker_is_named_in_words_of_the_question(question: str) -> None:
    assert find_speaker(question) in question
