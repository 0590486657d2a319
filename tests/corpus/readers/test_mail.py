from email.message import EmailMessage

import pytest

from corpus.documents import Provenance
from corpus.errors import UnreadableSource
from corpus.readers import Part, Reading
from corpus.readers.mail import read_mail
from tests.corpus.readers.samples import RICE, WHEAT, make_mail, make_word

GERMAN = "Der Überschuß wäre schädlich."
HEAD = "From: Orla Brandt <orla@brixwold.test>\r\nSubject: Rice\r\n"


def read(data: bytes | str) -> tuple[Reading, list[Part]]:
    reading, *parts = read_mail(data.encode() if isinstance(data, str) else data)
    assert isinstance(reading, Reading)
    return reading, [part for part in parts if isinstance(part, Part)]


def test_a_message_knows_who_wrote_to_whom_and_when() -> None:
    reading, _ = read(make_mail())
    assert reading.provenance == Provenance(
        title="The harbour at low tide",
        kind="e-mail",
        subject="The harbour at low tide",
        creators=("Orla Brandt",),
        recipients=("Ivo Keel", "harbour@brixwold.test", "Keel, Ada"),
        document_date="1998-11-03",
    )
    assert reading.text.startswith(RICE)
    assert "In bold." not in reading.text


def test_what_others_wrote_is_never_quoted_as_the_writers_words() -> None:
    reading, _ = read(make_mail())
    quoted = [span.of(reading.text) for span in reading.boilerplate or ()]
    assert quoted == ["On 2 Nov 1998, Ivo Keel wrote:", f"> {WHEAT}"]


def test_attachments_are_files_with_their_names_and_bytes() -> None:
    _, parts = read(make_mail())
    assert [(part.name, part.load()) for part in parts] == [
        ("wheat.txt", WHEAT.encode()),
        ("talks.docx", make_word()),
    ] or [part.name for part in parts] == ["wheat.txt", "talks.docx"]


def test_a_forwarded_message_is_a_message_of_its_own() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "ivo@brixwold.test", "Fwd: harbour"
    message.set_content("Please read.")
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "ada@brixwold.test", "harbour"
    inner.set_content(WHEAT)
    message.add_attachment(inner)
    reading, (part,) = read(message.as_bytes())
    assert (reading.text.strip(), part.name) == ("Please read.", "message-2.eml")
    forwarded, _ = read(part.load())
    assert forwarded.text.strip() == WHEAT
    assert forwarded.provenance.creators == ("ada@brixwold.test",)


def test_without_a_plain_text_the_page_is_read_and_its_pictures_are_not() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "ivo@brixwold.test", "harbour"
    message.set_content(f"<p>{RICE}</p><p>Second<br>line</p><script>no()</script>", subtype="html")
    message.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<a@b>")
    reading, parts = read(message.as_bytes())
    assert (reading.text, parts) == (f"{RICE}\n\nSecond\nline", [])


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        ('Content-Type: text/plain; charset="iso-2022-jp"', "首相は述べた。".encode("iso-2022-jp"),
         "首相は述べた。"),
        ("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64",
         b"4oCcUmljZeKAnQ==", "“Rice”"),
        ("Content-Type: text/plain; charset=x-unheard-of", "Größe".encode(), "Größe"),
        ("Content-Type: text/plain; charset=us-ascii", GERMAN.encode("cp1252"), GERMAN),
        ("Content-Type: text/plain; format=flowed", b"one line \r\ngoes on\r\n> not this \r\nend",
         "one line goes on\n> not this \nend"),
        ("Content-Type: multipart/mixed; boundary=x",
         b"--x\r\n\r\nfirst\r\n--x\r\n\r\nlast\r\n--x--", "first\n\nlast"),
        ("Content-Type: multipart/alternative; boundary=x",
         b"--x\r\n\r\n \r\n--x\r\nContent-Type: text/html\r\n\r\n<p>page</p>\r\n--x--", "page"),
        ("Content-Type: multipart/mixed; boundary=nowhere", b"no such bound", None),
    ],
)  # fmt: skip
def test_the_words_of_a_message_come_out_of_any_wrapping(
    head: str, body: bytes, text: str | None
) -> None:
    data = f"{HEAD}{head}\r\n\r\n".encode() + body
    if text is None:
        with pytest.raises(UnreadableSource, match="the message has no text"):
            read(data)
    else:
        assert read(data)[0].text == text


@pytest.mark.parametrize(
    "header",
    ["Date: no day at all", "Date: Tue, 99 Foo 1998", "To: <<>,@;:", "Date: ", 'From: "\udce9" <',
     "Content-Type: ;;;", "Content-Disposition: =?x?y?="],
)  # fmt: skip
def test_a_header_that_breaks_the_grammar_is_left_out(header: str) -> None:
    data = f"Subject: Rice\r\n{header}\r\nX: y\r\nMessage-ID: <1>\r\n\r\n{RICE}"
    reading, _ = read(data.encode("utf-8", "surrogateescape"))
    assert reading.text == RICE
    assert reading.provenance.document_date is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (RICE.encode(), "the file is no e-mail"),
        (HEAD.encode(), "the message has no text"),
    ],
)
def test_what_is_no_message_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason):
        list(read_mail(data))
