import codecs
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Provenance
from corpus.errors import UnreadableSource
from corpus.readers import Reader, Reading, load_reader
from corpus.readers.encodings.decoding import decode
from corpus.readers.formats import BY_SUFFIX, FORMATS, suffix_of
from corpus.readers.markdown import read_markdown
from corpus.readers.plain_text import read_text

GERMAN = (
    "Die Gespräche über den Überschuß waren schwierig. Der Außenminister erklärte, größere Zölle "
    "wären für beide Länder schädlich, und kündigte für später weitere Gespräche an. "
)
FRENCH = (
    "Le premier ministre a déclaré que la négociation serait très difficile. Il a été reçu au "
    "château par le président, où ils ont parlé de l’économie et de la sécurité des deux pays. "
)


def markdown(text: str) -> Reading:
    (reading,) = read_markdown(text.encode())
    return reading


def reader_for(name: str) -> Reader:
    return load_reader(BY_SUFFIX[suffix_of(name)])


@pytest.mark.parametrize("name", ["a.txt", "b/c.TXT", "a.b.text"])
def test_text_files_are_read_as_text(name: str) -> None:
    assert reader_for(name) is read_text


@pytest.mark.parametrize("name", ["a.md", "A.Markdown"])
def test_markdown_files_are_read_as_markdown(name: str) -> None:
    assert reader_for(name) is read_markdown


@pytest.mark.parametrize("name", ["a.png", "txt", ".md", "a.txt.7z", ""])
def test_other_files_have_no_reader(name: str) -> None:
    assert suffix_of(name) not in BY_SUFFIX


def test_every_reader_is_registered_by_a_suffix_in_lower_case() -> None:
    known = {
        ".csv",
        ".docx",
        ".eml",
        ".epub",
        ".html",
        ".jsonl",
        ".md",
        ".pdf",
        ".tar",
        ".txt",
        ".xml",
        ".zip",
    }
    assert known <= set(BY_SUFFIX)
    assert all(re.fullmatch(r"(?:\.[a-z0-9]+)+", suffix) for suffix in BY_SUFFIX)
    assert all(callable(load_reader(each)) for each in FORMATS)


def test_no_two_formats_share_a_suffix_a_kind_or_a_name() -> None:
    suffixes = [suffix for each in FORMATS for suffix in each.suffixes]
    kinds = [kind for each in FORMATS for kind in each.media_types]
    names = [each.name for each in FORMATS]
    for values in (suffixes, kinds, names):
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("text", ["Rice.\n", "会談は東京で行われた。", "naïve 🍚 façade"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_text_is_the_same_in_every_unicode_encoding(
    text: str, mark: bytes, encoding: str
) -> None:
    assert decode(mark + text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (FRENCH, "cp1252"),
        ("首相は努力すると述べた。大統領は結構であると答えた。", "shift_jis"),
    ],
)
def test_an_older_encoding_is_recognised(text: str, encoding: str) -> None:
    assert decode((text * 3).encode(encoding)) == text * 3


def test_lines_are_parted_by_line_feeds_however_they_were_saved() -> None:
    assert decode(b"one\r\ntwo\rthree\n\r\nfour") == "one\ntwo\nthree\n\nfour"


@given(st.text(min_size=1).filter(lambda text: text.strip() and "\0" not in text))
def test_a_text_is_kept_code_point_by_code_point(text: str) -> None:
    marked = codecs.BOM_UTF8 + text.replace("\r", "\n").encode()
    assert decode(marked) == text.replace("\r", "\n")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (codecs.BOM_UTF16_LE, "empty"),
        (b"GIF89a\0\1\2\3", "binary"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe", "binary"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_an_empty_or_binary_file_is_refused(name: str, data: bytes, reason: str) -> None:
    reader = reader_for(name)
    with pytest.raises(UnreadableSource, match=f"the file is {reason}"):
        list(reader(data))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["a.txt", "a.md"]), st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    reader = reader_for(name)
    try:
        readings = list(reader(data))
    except UnreadableSource as error:
        assert error.message.startswith("the file")  # noqa: PT017 - either outcome is right
    else:
        (reading,) = readings
        assert isinstance(reading, Reading)
        assert reading.text.strip()


def test_the_title_of_a_text_is_its_first_heading_that_is_no_furniture() -> None:
    body = "The ministers met in autumn, and they spoke about the price of rice."
    text = f"Share\n\nThe Rice Talks\n\n{body}\n\n{body}\n\nSecond Day\n\n{body}\n\n{body}"
    assert list(read_text(text.encode())) == [Reading(text, Provenance(title="The Rice Talks"))]
    assert list(read_text(body.encode())) == [Reading(body, Provenance())]


def test_front_matter_is_the_provenance_and_no_part_of_the_text() -> None:
    reading = markdown("---\r\ntitle: Talks\r\nauthor: Ann\r\ndate: 1993-09\r\n---\r\nRice.\r\n")
    assert reading == Reading(
        "Rice.", Provenance(title="Talks", creators=("Ann",), document_date="1993-09"), ()
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Rice.", "Rice."),
        ("---\n---\nRice.", "Rice."),
        ("---\n# a remark\n...\nRice.", "Rice."),
        ("---\n\nRice.", "Rice."),
        ("Rice.\n\n---\ntitle: no front matter\n---\n", "Rice.\n\ntitle: no front matter"),
    ],
)
def test_without_names_and_values_at_the_head_nothing_is_known(source: str, text: str) -> None:
    reading = markdown(source)
    assert reading.text == text
    assert reading.provenance in (Provenance(), Provenance(title="title: no front matter"))


@pytest.mark.parametrize(
    ("front", "provenance"),
    [
        ('number: "0456"', Provenance(number="0456")),
        ("number: 0456", Provenance(number="0456")),
        ("file_number: 2014-00539", Provenance(file_number="2014-00539")),
        ("language: no", Provenance(language="no")),
        ("title: 1993-09-27", Provenance(title="1993-09-27")),
        ("part: 1:30", Provenance(part="1:30")),
        ("title: Talks\nnumber: ~", Provenance(title="Talks")),
        ("event_date: 1993-09-27", Provenance(event_date="1993-09-27")),
        ("event_date: 1993", Provenance(event_date="1993")),
    ],
)
def test_a_value_of_the_front_matter_stays_as_it_was_written(
    front: str, provenance: Provenance
) -> None:
    assert markdown(f"---\n{front}\n---\nRice.").provenance == provenance


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("title: [open\n", "title: not valid YAML (line 3)"),
        ("title: a\n\tb: c\n", "title: not valid YAML (line 3)"),
        ("title: Tolls: a history\n", "title: not valid YAML (line 3)"),
        ("event_date: 1993-02-31\n", "event_date: '1993-02-31' is not a date"),
        ("event_date: soon\n", "event_date: 'soon' is not a date"),
        ("document_date: c. 1840\n", "document_date: 'c. 1840' is not a date"),
        ("about:\n  about: {}\n", "about: expected a record that is about no other"),
        ("about: &a\n  about: *a\n", "about: not valid YAML (line 3)"),
    ],
)
def test_a_bad_line_of_front_matter_is_left_out_and_named(front: str, reason: str) -> None:
    reading = markdown(f"---\nnumber: 0412\n{front}---\nRice.")
    assert reading.text == "Rice."
    assert replace(reading.provenance, about=None) == Provenance(number="0412")
    (remark,) = reading.remarks
    assert remark.startswith(f"front matter: left out {reason}"), remark


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("only words\n", "only words\n\nRice."),
        ("\nThe ferry was late.\n\n", "The ferry was late.\n\nRice."),
        ("- a\n- b\n", "a\n\nb\n\nRice."),
        ("\nThe reason: it rained.\n\n", "The reason: it rained.\n\nRice."),
        ("The Clerk: nothing to report.\n", "The Clerk: nothing to report.\n\nRice."),
    ],
)
def test_what_stands_between_two_rules_and_is_no_list_of_names_is_text(
    head: str, text: str
) -> None:
    reading = markdown(f"---\n{head}---\nRice.")
    assert reading.text == text
    assert reading.remarks == ()


def test_front_matter_without_a_text_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="front matter but no text"):
        markdown("---\ntitle: Talks\n---\n\n")


def test_headings_are_spans_of_the_text_and_the_first_is_the_title() -> None:
    reading = markdown("Intro.\n\n# The *Rice* Talks\n\nBody.\n\nSecond Day\n---\n\nEnd.")
    assert reading.text == "Intro.\n\nThe Rice Talks\n\nBody.\n\nSecond Day\n\nEnd."
    assert [span.of(reading.text) for span in reading.headings or ()] == [
        "The Rice Talks",
        "Second Day",
    ]
    assert reading.provenance.title == "The Rice Talks"
    assert markdown("---\ntitle: Own\n---\n# Rice").provenance.title == "Own"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Plain *rice* and __wheat__ and `barley`.", "Plain rice and wheat and barley."),
        ("See [the page](https://a.test 'x') or <https://b.test>.", "See the page or https://b.test."),
        ("![the guest house](a.png)", "the guest house"),
        ("wrapped\nby hand", "wrapped by hand"),
        ("a break  \nkept", "a break\nkept"),
        ("- one\n- two\n  - three\n\n1. four", "one\n\ntwo\n\nthree\n\nfour"),
        ("> quoted\n> words\n\nplain", "quoted words\n\nplain"),
        ("```\ncode  here\n  kept\n```", "code  here\n  kept"),
        ("| A | B |\n| - | - |\n| 1 | *2* |", "A | B\n\n1 | 2"),
        ("a <b>bold</b> word<!-- remark -->", "a bold word"),
        ("R&amp;D \\*stars\\*", "R&D *stars*"),
    ],
)  # fmt: skip
def test_mark_up_is_removed_and_words_are_kept(source: str, text: str) -> None:
    assert markdown(source).text == text


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("#-=*_[]()|`> \nab1."), min_size=1, max_size=60))
def test_headings_of_any_markdown_lie_in_its_text(source: str) -> None:
    try:
        reading = markdown(f"x\n\n{source}")
    except UnreadableSource:
        pytest.fail("a text that begins with words is readable")
    headings = reading.headings or ()
    assert all(0 <= span.start < span.end <= len(reading.text) for span in headings)
    assert all(span.of(reading.text) == span.of(reading.text).strip() for span in headings)
