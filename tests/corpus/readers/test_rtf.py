from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Provenance
from corpus.errors import UnreadableSource
from corpus.ingest.recognition import recognise
from corpus.readers import Reading
from corpus.readers.rtf import read_rich_text

FONTS = r"{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\froman\fcharset204 Times Cyr;}}"


def rtf(body: str, head: str = "") -> bytes:
    text = rf"{{\rtf1\ansi\ansicpg1252\deff0{FONTS}{head}\pard\plain {body}}}"
    return text.encode("latin-1")


def read(data: bytes) -> Reading:
    (reading,) = read_rich_text(data)
    return reading


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"The lock\par was closed.\par", "The lock\n\nwas closed."),
        (r"The caf\'e9 at the \u8220?lock\u8221?.", "The café at the “lock”."),
        ("The café.", "The café."),
        (r"\f1\'cf\'f0\'e8\f0  lock", "При lock"),
        (r"one\line two", "one\ntwo"),
        (r"It was {\strike seven }nine.", "It was nine."),
        (r"It was \strike seven \strike0 nine.", "It was nine."),
        (r"It was {\striked1 seven }nine.", "It was nine."),
        (r"It was {\deleted seven }nine.", "It was nine."),
        (r"It was {\v all \u8364?}nine.", "It was nine."),
        (r"It was \v all \plain nine.", "It was nine."),
        (r"In 1740{\super 2} it sank.", "In 1740 it sank."),
        (r"In 1740\super 2\nosupersub  it sank.", "In 1740 it sank."),
        (r"About 10{\up6 4} eggs.", "About 10⁴ eggs."),
        (r"The 2{\super nd} barge.", "The 2nd barge."),
        (r"H{\sub 2}O", "H2O"),
        (r"See {\field{\*\fldinst{HYPERLINK lock}}{\fldrslt{the ledger}}}.", "See the ledger."),
        (r"\trowd Year\cell Toll\cell\row\trowd 1740\cell 9\cell\row", "Year | Toll\n\n1740 | 9"),
        (r"a{\pict\wmetafile8 0102}b{\*\unheard of}c", "abc"),
        (r"a{\pict\bin4 }}}}}b", "ab"),
    ],
)  # fmt: skip
def test_rich_text_is_read_as_it_is_shown(body: str, text: str) -> None:
    assert read(rtf(body)).text == text


def test_footnotes_stand_at_the_end_and_are_never_quoted() -> None:
    reading = read(rtf(r"It sank.{\super\chftn{\footnote \pard {\super\chftn} See the \'e9tat.}}"))
    assert reading.text == "It sank.\n\n[1] See the état."
    assert [span.of(reading.text) for span in reading.boilerplate or ()] == ["[1] See the état."]


def test_title_and_author_are_what_the_file_says() -> None:
    head = r"{\info{\title The Lock}{\author Ada Keel}{\creatim\yr1999\mo2\dy3}}"
    assert read(rtf("It sank.", head)).provenance == Provenance(
        title="The Lock", creators=("Ada Keel",)
    )


def test_rich_text_is_recognised_whatever_its_name_says() -> None:
    assert recognise("a.doc", rtf("It sank.")) == ".rtf"


@pytest.mark.parametrize("data", [b"", b"plain words", rtf(""), rb"{\rtf1{\v hidden}}"])
def test_what_has_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableSource):
        read(data)


@given(st.text(st.sampled_from("{}\\'*09afuv super\n"), max_size=60))
def test_any_rich_text_is_read_or_refused(body: str) -> None:
    with suppress(UnreadableSource):
        assert read(rtf(body)).text.strip()
