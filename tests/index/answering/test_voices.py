import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.authority.names import Person
from corpus.documents import Document, Provenance, Span
from index.answering.voice_wording import describe_voice
from index.answering.voices import Voice, Voices, is_other_speaker
from index.understanding.names import Names
from tests.support.archives import document

LETTER = """\
Mr. Marsh to Mr. Ostrander

Sir: The harbour of Brixwold is silted up, and I have ordered a dredger.

Mr. Penhale, in reply, frankly informed me that the pilots would strike. He added that they had no \
lamps. Captain Vane was there, and I asked Mr. Quill. He said that it would rain.

I was told by Lord Oro that the ferry is lost. The Danish minister then stated that it is not. \
Mr. Penhale was informed of the loss.

The keeper wrote: “I have lit the lamp. Nobody thanked me.”
"""


def letter() -> Document:
    return document(LETTER, title="Mr. Marsh to Mr. Ostrander", creators=("Marsh",))


def voice(speaker: str, words: str, source: Document | None = None) -> Voice | None:
    source = source or letter()
    start = source.text.index(words)
    span = Span(start, start + len(words))
    turn = next((turn for turn in source.structure.turns if turn.span.holds(span)), None)
    return Voices(speaker).of(source, turn, span)


@pytest.mark.parametrize(
    ("speaker", "words", "expected"),
    [
        ("Marsh", "Sir: The harbour of Brixwold is silted up", Voice.AUTHOR),
        ("Mr. Edgar Marsh", "Sir: The harbour of Brixwold is silted up", Voice.AUTHOR),
        ("Penhale", "Mr. Penhale, in reply, frankly informed me", Voice.REPORT),
        ("penhale", "Mr. Penhale, in reply, frankly informed me", Voice.REPORT),
        ("Penhale", "He added that they had no lamps.", Voice.REPORT),
        ("Lord Oro", "I was told by Lord Oro that the ferry is lost.", Voice.REPORT),
        ("Danish minister", "The Danish minister then stated that it is not.", Voice.REPORT),
        # Somebody else has come in between, and who is meant is open.
        ("Penhale", "He said that it would rain.", None),
        # Who is informed says nothing.
        ("Penhale", "Mr. Penhale was informed of the loss.", None),
        ("Ostrander", "Sir: The harbour of Brixwold is silted up", None),
        ("Portuguese minister", "The Danish minister then stated that it is not.", None),
        # Words in quotation marks are not their writer's.
        ("Marsh", "Nobody thanked me.", None),
    ],
)
def test_three_voices_are_told_apart(speaker: str, words: str, expected: Voice | None) -> None:
    assert voice(speaker, words) is expected


def test_what_is_enclosed_is_whose_name_stands_under_it() -> None:
    text = (
        "The ferry ran late.\n\nEdgar Marsh.\n\n[Inclosure.]\n\n"
        "The lamp went out.\n\nHugh Penhale,\nKeeper.\n"
    )
    found = document(text, title="Report on the ferry", creators=("Marsh",))
    apart = ("Edgar Marsh.", "[Inclosure.]", "Hugh Penhale,\nKeeper.")
    spans = tuple(Span(text.index(words), text.index(words) + len(words)) for words in apart)
    structure = found.structure
    found = Document(
        found.doc_id,
        found.text,
        found.provenance,
        type(structure)(structure.blocks, structure.headings, boilerplate=spans),
        found.source,
        found.sha256,
    )
    assert voice("Marsh", "The ferry ran late.", found) is Voice.AUTHOR
    assert voice("Marsh", "The lamp went out.", found) is None
    assert voice("Hugh Penhale", "The lamp went out.", found) is Voice.AUTHOR
    assert voice("Penhale", "The ferry ran late.", found) is None


def test_a_turn_is_its_speakers() -> None:
    record = document("(Mayor) The lamps are dear.\n\n(Engineer Marsh) They are not.\n")
    assert voice("Marsh", "They are not.", record) is Voice.TURN
    assert voice("Marsh", "The lamps are dear.", record) is None
    first, second = record.structure.turns
    assert is_other_speaker(Voices("Marsh"), record, first)
    assert is_other_speaker(Voices("Quill"), record, second)


def test_an_office_is_that_of_who_sent_the_record() -> None:
    title = "The Consul in Brixwold (Marsh) to the Keeper"
    record = document("The ferry ran late.\n", title=title, creators=("Marsh",))
    assert voice("Consul in Brixwold", "The ferry ran late.", record) is Voice.AUTHOR
    assert voice("Brixwold", "The ferry ran late.", record) is None


def test_an_abstract_is_nobodys_but_its_writers() -> None:
    about = Provenance(creators=("Marsh",))
    record = document("The ferry ran late.\n", creators=("Marsh",), about=about)
    assert voice("Marsh", "The ferry ran late.", record) is None


def test_other_given_names_are_other_people() -> None:
    record = document("The ferry ran late.\n", creators=("Robert Marsh",))
    assert voice("Robert Marsh", "The ferry ran late.", record) is Voice.AUTHOR
    assert voice("Edgar Marsh", "The ferry ran late.", record) is None
    report = document("Tang Wei-lo said no. Chang Wei-lo said yes.\n")
    assert voice("Tang Wei-lo", "Tang Wei-lo said no.", report) is Voice.REPORT
    assert voice("Tang Wei-lo", "Chang Wei-lo said yes.", report) is None


def test_names_are_known_under_their_other_forms() -> None:
    names = Names([(Person("Ogata Ren", ("Ren Ogata", "緒方蓮")).forms, True)])
    record = document("Ren Ogata said that oil is dear.\n")
    span = Span(0, len("Ren Ogata said that oil is dear."))
    assert Voices("Ogata Ren").of(record, None, span) is None
    assert Voices("Ogata Ren", names).of(record, None, span) is Voice.REPORT


def test_another_cannot_have_said_what_a_record_without_them_has() -> None:
    source = letter()
    assert not is_other_speaker(Voices("Vane"), source, None)
    assert not is_other_speaker(Voices("Swedish minister"), source, None)
    assert is_other_speaker(Voices("Zebulon Quux"), source, None)


def test_a_label_says_which_voice_it_is() -> None:
    known = Provenance(kind="letter", creators=("Marsh",), recipients=("Ostrander",))
    assert describe_voice(Voice.AUTHOR, "Marsh", known, None) == "From a letter that Marsh wrote"
    assert describe_voice(Voice.REPORT, "Danish minister", known, None) == (
        "From a letter that Marsh wrote; reports what the Danish minister said"
    )
    assert describe_voice(None, "Penhale", known, None) == (
        "From a letter that Marsh wrote; whether Penhale said this is left open"
    )
    assert describe_voice(Voice.AUTHOR, "Penhale", known, None) == (
        "From a letter that Marsh wrote, in a part that Penhale signed"
    )
    bare = Provenance(creators=("Secretary of State",), recipients=("Marsh",))
    assert describe_voice(Voice.AUTHOR, "Secretary of State", bare, None) == (
        "From what the Secretary of State wrote to Marsh"
    )


@given(st.text(max_size=60), st.text(min_size=1, max_size=200))
def test_any_words_have_one_voice_or_none(speaker: str, text: str) -> None:
    source = document(text)
    found = Voices(speaker).of(source, None, Span(0, len(text)))
    assert found in {None, Voice.AUTHOR, Voice.REPORT}
    assert found is Voices(speaker).of(source, None, Span(0, len(text)))
