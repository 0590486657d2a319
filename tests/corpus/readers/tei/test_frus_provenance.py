"""Who, when, what: what an invented volume prints of its documents, and what is read of it."""

import pytest

from corpus.authority.attribution import attribute, attribute_words
from corpus.authority.parts import part_at
from corpus.documents import OMISSION, PARAPHRASE, SUMMARY, Document, Enclosure, Provenance, Span
from corpus.ingest.assembly import make_document
from corpus.readers.reading import Reading
from corpus.readers.tei.reader import read_xml
from index.text.passages import make_passages
from tests.support.frus_volume import volume

ATTACHMENT = (
    '<frus:attachment xmlns:frus="http://history.state.gov/frus/ns/1.0">{}</frus:attachment>'
)


def read(*bodies: str) -> list[Document]:
    """Read documents with these bodies in one volume, which came out in 1903."""
    documents = (
        f'<div type="document" xml:id="d{number}" n="{number}">{body}</div>'
        for number, body in enumerate(bodies, 1)
    )
    return [
        make_document(each.name, "v.xml", each)
        for each in read_xml(volume(*documents))
        if isinstance(each, Reading)
    ]


def known(body: str) -> Provenance:
    return read(body)[0].provenance


def find(document: Document, words: str) -> Span:
    start = document.text.index(words)
    return Span(start, start + len(words))


def quotable(document: Document) -> str:
    return " ".join(
        span.of(document.text) for passage in make_passages(document) for span in passage.sentences
    )


@pytest.mark.parametrize(
    ("printed", "when", "date", "cited"),
    [
        # What is printed decides.
        ("March 4, 1871", "1870-03-04", "1871-03-04", "March 4, 1871"),
        ("March, 1871", "1871-03-16", "1871-03", "March 1871"),
        ("June 3d, 1871", "1871-06-03", "1871-06-03", "June 3, 1871"),
        ("12th day of July, 1871", "1871-07-12", "1871-07-12", "July 12, 1871"),
        # An encoded date counts where it agrees with what is printed, or nothing is.
        ("April 18", "1871-04-18", "1871-04-18", "April 18, 1871"),
        ("April 18", "1871-04-19", None, None),
        ("le 4 février 1864", "1864-02-04", "1864-02-04", "February 4, 1864"),
        ("", "1871-04-18", "1871-04-18", "April 18, 1871"),
        # No year that cannot be.
        ("August 13, 1946", "1846-08-13", "1846-08-13", "August 13, 1846"),
        ("August 13, 1846", "1946-08-13", "1846-08-13", "August 13, 1846"),
        ("August 13, 1946", "1946-08-13", None, None),
        ("", "1946-08-13", None, None),
        # What an ISO date cannot say is cited as printed.
        ("[Undated—circa December 15, 1871.]", "1871-12-15", "1871-12-15", "ca. December 15, 1871"),
        ("November 10, 1871(?)", "1871-11-10", "1871-11-10", "November 10, 1871 (?)"),
        ("May 14, 1870 [1871]", "1870-05-14", "1871-05-14", "May 14, 1870 [1871]"),
        ("May 6 [8], 1871—1 p.m.", "1871-05-06", "1871-05-08", "May 6 [8], 1871"),
        ("July 26–28, 1871", "1871-07-26", "1871-07", "July 26–28, 1871"),
        ("April 8–20, 1861", "1861-04-08", "1861-04-20", "April 8–20, 1861"),
        ("October 20/November 1, 1897", "1897-10-20", "1897-11-01", "October 20/November 1, 1897"),
        ("June 12 (24), 1893", "1893-06-12", "1893-06-24", "June 12 (24), 1893"),
        ("undated", "1871-11-03", None, "undated"),
        ("[without date]", "1871-11-03", None, "undated"),
    ],
)  # fmt: skip
def test_the_printed_dateline_decides(
    printed: str, when: str, date: str | None, cited: str | None
) -> None:
    record = known(
        f'<head>Note</head><dateline>Tarnby, <date when="{when}">{printed}</date></dateline>'
        "<p>Corn.</p>"
    )
    assert (record.document_date, record.cited_date) == (date, cited)


@pytest.mark.parametrize(
    ("dateline", "sent", "received", "cited"),
    [
        ("Tarnby, May 3, 1871. (Received May 20.)", "1871-05-03", "1871-05-20", "May 3, 1871"),
        ("Tarnby, May 3, 1871—1 p.m. [Received 7:40 p.m.]", "1871-05-03", "1871-05-03",
         "May 3, 1871"),
        ("Tarnby [undated]. [Received May 4, 1871—5 a.m.]", None, "1871-05-04",
         "undated [received May 4, 1871]"),
        ("Tarnby [undated]. [Received May 4—5 a.m.]", None, None, "undated [received May 4]"),
        ("Harbour House, Tarnby. (Received May 4, 1871.)", None, "1871-05-04",
         "[received May 4, 1871]"),
    ],
)  # fmt: skip
def test_the_date_of_receipt_is_never_the_date_sent(
    dateline: str, sent: str | None, received: str | None, cited: str
) -> None:
    record = known(f"<head>Note</head><dateline>{dateline}</dateline><p>Corn.</p>")
    assert (record.document_date, record.received_date, record.cited_date) == (
        sent,
        received,
        cited,
    )


def test_a_store_of_the_version_before_still_reads() -> None:
    record = known("<head>Note</head><dateline>Tarnby, undated</dateline><p>Corn.</p>")
    packed = record.to_dict()
    assert Provenance.from_dict(packed) == record
    del packed["printed_date"]
    assert Provenance.from_dict(packed).cited_date is None
    assert Provenance.from_dict({"enclosures": [{"start": 0, "end": 4}]}).enclosures == (
        Enclosure(Span(0, 4)),
    )


SECRETARY = "<head>The Secretary of State to the Minister in Tarnland (Ash)</head><p>Corn.</p>"


@pytest.mark.parametrize(
    ("head", "signed", "others", "writer"),
    [
        ("The Secretary of State to the Minister in Tarnland (Ash)", "Harrow",
         ["Amos B. Harrow"], "Amos B. Harrow"),
        ("Mr. Harrow to Mr. Ash", "AMOS B. HARROW", [], "Amos B. Harrow"),
        ("Mr. Harrow to Mr. Ash", "A. Harrow", ["Amos B. Harrow"], "Amos B. Harrow"),
        # Two of one name: only the signature counts.
        ("The Secretary of State to the Minister in Tarnland (Ash)", "Harrow",
         ["Amos B. Harrow", "Cora Harrow"], "Harrow"),
        ("Mr. Harrow to Mr. Ash", "Clara Tarn", [], "Harrow"),
        ("The Department of State to the Minister in Tarnland (Ash)", "Harrow", [],
         "Department of State"),
    ],
)  # fmt: skip
def test_a_signature_names_the_holder_of_an_office(
    head: str, signed: str, others: list[str], writer: str
) -> None:
    bodies = [
        f"<head>{head}</head><p>Corn.</p><closer><signed>{signed}</signed></closer>",
        *(f"<head>Note</head><closer><signed>{name}</signed></closer>" for name in others),
    ]
    assert read(*bodies)[0].provenance.creators == (writer,)


def test_who_signs_for_the_holder_of_an_office_does_not_hold_it() -> None:
    closer = "<closer>For the Secretary of State:<lb/><signed>Amos Harrow</signed></closer>"
    assert known(SECRETARY + closer).creators == ("Secretary of State",)


@pytest.mark.parametrize(
    ("head", "creators", "recipients"),
    [
        (("Remarks by <persName type='from'>President Harrow</persName> to the "
         "<gloss type='from'>Town</gloss>"), ("President Harrow",), ()),
        ("<persName type='from'>Ash</persName> to <persName type='from'>Tarn</persName>",
         ("Ash",), ("Tarn",)),
        ("Press Release Issued by the Harbour Office, August 24, 1871", ("Harbour Office",), ()),
        ("Memorandum on the rope to be paid by Tarnland", (), ()),
        ("Cablegram received by Mr. Ash on May 3", (), ()),
        ("Rules of the harbour office as to ships", (), ()),
        ("Letter of Judge Ash in answer to Mr. Tarn’s letter", (), ()),
        ("Letter of Judge Ash to Mr. Tarn", ("Judge Ash",), ("Tarn",)),
    ],
)  # fmt: skip
def test_no_recipient_and_no_bit_of_a_head_is_a_writer(
    head: str, creators: tuple[str, ...], recipients: tuple[str, ...]
) -> None:
    record = known(f"<head>{head}</head><p>Corn.</p>")
    assert record.creators == creators
    assert tuple(name.removeprefix("Mr. ") for name in record.recipients) == recipients


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<head>The Minister in Tarnland (Ash) to the Secretary of State</head>", "despatch"),
        ("<head>The Secretary of State to the Minister in Tarnland (Ash)</head>", "instruction"),
        ("<head>The Tarnish Minister (Ash) to the Secretary of State</head>", "note"),
        (("<head>Mr. Ash to Mr. Tarn</head><dateline>Legation of the United States, Tarnby"
         "</dateline>"), "despatch"),
        (("<head>Mr. Ash to Mr. Tarn</head><p>No. 12.]</p><dateline>Department of State, Washington"
         "</dateline>"), "instruction"),
        ("<head>Mr. Ash to Mr. Tarn</head><dateline>Tarnish Legation, Washington</dateline>",
         "note"),
        ("<head>Mr. Ash to Mr. Tarn</head>", "letter"),
        ("<note rend='inline'>[Aide-Mémoire]</note><head>The Tarn</head>", "aide-mémoire"),
        ("<head>Extract from the Minutes of the harbour board</head>", "minutes"),
        ("<head>Memorandum of a Telephone Conversation</head>", "memorandum of conversation"),
        ("<head>The price of tar</head>", None),
    ],
)  # fmt: skip
def test_letters_between_governments_have_their_kinds(body: str, kind: str | None) -> None:
    assert known(f"{body}<p>Corn.</p>").kind == kind


def test_a_document_without_a_title_is_called_by_what_is_known_of_it() -> None:
    body = (
        "<note rend='inline'>[Memorandum]</note><dateline>Tarnby, May 3, 1871</dateline>"
        "<p>Corn.</p><closer><signed>AMOS HARROW</signed></closer>"
    )
    assert known(body).title == "Memorandum by Amos Harrow, May 3, 1871"


def enclosing(*attachments: str) -> Document:
    letter = (
        "<head>Mr. Ash to Mr. Tarn</head><p>Rope is dear.</p>"
        "<closer>Yours, <signed>Ash</signed></closer>"
    )
    return read(letter + "".join(map(ATTACHMENT.format, attachments)))[0]


def test_an_enclosure_has_its_own_writer_and_date() -> None:
    document = enclosing(
        "<head>Count Pine to Mr. Ash</head><dateline>Tarnby, May 3, 1871</dateline><p>Tar is cheap."
        "</p><closer><signed>Pine</signed></closer>"
    )
    part = part_at(document, find(document, "Tar is cheap."))
    assert part.writers == ("Count Pine",)
    assert part.name == "Count Pine to Ash, May 3, 1871"
    assert part.enclosed_in is not None
    assert part.enclosed_in.startswith("enclosed in Ash to ")
    assert part_at(document, find(document, "Rope is dear.")).writers == ("Ash",)


def test_what_is_enclosed_and_names_nobody_has_no_writer() -> None:
    nested = "<div type='document'><head>Pine to Ash</head><p>Hay.</p></div>"
    document = enclosing("<p>A list of ships.</p>", f"{nested}<p>Loose words.</p>")
    for words in ("A list of ships.", "Loose words."):
        part = part_at(document, find(document, words))
        assert part.is_enclosed
        assert part.writers == ()


def test_a_block_quotation_has_no_writer_but_stands_in_its_letter() -> None:
    (document,) = read(
        "<head>Mr. Ash to Mr. Tarn</head><p>He wrote:</p>"
        "<quote rend='blockquote'><p>Corn is up.</p></quote>"
    )
    part = part_at(document, find(document, "Corn is up."))
    assert part.is_quotation
    assert (part.writers, part.is_enclosed) == ((), False)


def test_omission_notes_are_kept_and_never_quoted() -> None:
    (document,) = read(
        "<head>Minutes</head><p>[Omitted here is talk of the weather in Tarnland.]</p>"
        "<p>Rope is dear. [Here follows a list of ropes.] Tar is cheap.</p>"
    )
    assert [each.kind for each in document.structure.redactions] == [OMISSION, OMISSION]
    assert "weather" in document.text
    sentences = quotable(document)
    assert "Rope is dear." in sentences
    assert "Tar is cheap." in sentences
    assert "weather" not in sentences
    assert "list of ropes" not in sentences


def test_summaries_and_paraphrases_are_said_to_be_the_editors() -> None:
    (summary, paraphrase, whole) = read(
        "<head>Mr. Ash to Mr. Tarn</head><p>[Mr. Ash reports that the harbour has been shut since "
        "the spring.]</p>",
        "<head>Mr. Ash to Mr. Tarn</head><p>Rope is dear.</p><p>[Paraphrase.] Tar is cheap.</p>",
        "<note rend='inline'>[Telegram—Paraphrase]</note><head>Mr. Ash to Mr. Tarn</head>"
        "<p>Corn is up.</p>",
    )
    for document, words, kind, said in (
        (summary, "the harbour has been shut", SUMMARY, "an editors’ summary"),
        (paraphrase, "Tar is cheap.", PARAPHRASE, "an editors’ paraphrase"),
    ):
        assert [each.kind for each in document.structure.redactions] == [kind]
        assert part_at(document, find(document, words)).editorial == said
    assert part_at(paraphrase, find(paraphrase, "Rope is dear.")).editorial is None
    assert part_at(whole, find(whole, "Corn is up.")).editorial == "an editors’ paraphrase"
    assert attribute(whole.provenance, None) == "From a telegram, an editors’ paraphrase"


def test_reported_speech_is_a_turn_where_a_paragraph_is_one_speaker_s() -> None:
    (document,) = read(
        "<head>Memorandum of Conversation</head>"
        "<p>Mr. Harrow said that rope was dear.</p>"
        "<p>Mr. Harrow said that tar was cheap. Miss Tarn replied that it was not.</p>"
        "<p>The talk turned to corn.</p>"
        "<p>In reply, Miss Tarn asked for hay.</p>"
    )
    turns = [
        (turn.label, turn.name, turn.span.of(document.text)) for turn in document.structure.turns
    ]
    assert turns == [
        ("Mr. Harrow", "Amos B. Harrow", "Mr. Harrow said that rope was dear."),
        ("Miss Tarn", "Clara Tarn", "In reply, Miss Tarn asked for hay."),
    ]


@pytest.mark.parametrize(
    ("opening", "label"),
    [
        ("41. For Ash from Pine. ", "Pine"),
        ("[From Pine:] ", "Pine"),
        ("41. From the President: ", "President"),
        ("41. From Pine for Ash. ", "Pine"),
        ("41. For Ash from Rope Trade Board:</p><p>", "Rope Trade Board"),
        ("41. For Ash [from Pine]:</p><p>", "Pine"),
        ("[From Pine to] Rope Society:</p><p>", "Pine"),
        ("From Rope Trade Board [Pine]:</p><p>", "Rope Trade Board"),
        ("41. From Tarnish sources I learn that ", None),
        ("41. From what is known here, ", None),
        ("41. Yours from Tarnby. ", None),
    ],
)
def test_a_message_passed_on_is_its_own_sender_s(opening: str, label: str | None) -> None:
    (document,) = read(
        "<note rend='inline'>[Telegram]</note><head>The Secretary of State to the Minister in "
        f"Tarnland (Ash)</head><p>{opening}Rope is dear.</p><p>Tar is cheap.</p>"
    )
    turns = document.structure.turns
    assert [turn.label for turn in turns] == ([label] if label else [])
    if label:
        said = turns[0].span.of(document.text).removeprefix("Rope Society:\n\n")
        assert said == "Rope is dear.\n\nTar is cheap."


def test_the_president_is_the_one_whom_the_volume_names() -> None:
    telegram = (
        "<note rend='inline'>[Telegram]</note><head>The Secretary of State to the Minister in "
        "Tarnland (Ash)</head><p>41. From the President: Rope is dear.</p>"
    )
    named = "<head>President Harrow to Mr. Ash</head><p>Corn.</p>"
    (turn,) = read(telegram, named)[0].structure.turns
    assert turn.name == "Amos B. Harrow"
    (turn,) = read(telegram, named, named.replace("Harrow", "Pine"))[0].structure.turns
    assert turn.name is None


def test_words_of_an_enclosure_are_attributed_to_its_writer() -> None:
    document = enclosing(
        "<head>Count Pine to Mr. Ash</head><p>Tar is cheap.</p>", "<p>A list of ships.</p>"
    )
    for words, said in (
        ("Tar is cheap.", "From a letter by Count Pine, enclosed in Ash to Tarn"),
        ("A list of ships.", "From a document, enclosed in Ash to Tarn"),
        ("Rope is dear.", "From a letter"),
    ):
        assert attribute_words(document, find(document, words), None) == said


def test_a_writer_who_signs_with_less_of_the_name_is_named_once() -> None:
    document = enclosing(
        "<head>Count Pine to Mr. Ash</head><p>Tar is cheap.</p><closer><signed>Pine</signed>"
        "</closer>"
    )
    words = attribute_words(document, find(document, "Tar is cheap."), None)
    assert words == "From a letter by Count Pine, enclosed in Ash to Tarn"


def test_a_note_that_is_only_a_number_is_none() -> None:
    bare, noted = read(
        "<head>Mr. Ash to Mr. Tarn</head><p>Rope is dear.<note n='7'>[7]</note></p>",
        "<head>Mr. Ash to Mr. Tarn</head><p>Rope is dear.<note n='7'>Not so.</note></p>",
    )
    assert "Notes" not in bare.text
    assert noted.text.endswith("Notes\n\n7. Not so.")
