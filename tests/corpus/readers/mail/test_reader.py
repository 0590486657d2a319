from email.message import EmailMessage

import pytest

from corpus.documents import Provenance
from corpus.errors import UnreadableSource
from corpus.readers import Part, Reading
from corpus.readers.mail.reader import read_mail
from tests.support.samples import RICE, WHEAT, make_mail, make_word

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


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("iso-8859-1", "“Rice” — it’s Añil’s".encode("cp1252"), "“Rice” — it’s Añil’s"),
        ("shift_jis", "①首相は髙橋氏と述べた".encode("cp932"), "①首相は髙橋氏と述べた"),
        ("iso-2022-jp", b"\x1b$B-!\x7cb\x1b(B", "①髙"),
        ("cp-850", "Größe".encode("cp850"), "Größe"),
        ("gb2312", "朱镕基".encode("gbk"), "朱镕基"),
        ("x-unknown", "The crème was late.".encode("cp1252"), "The crème was late."),
        ("utf-8", "The crème \udcff was late, señor.".encode("utf-8", "surrogateescape"),
         "The crème \ufffd was late, señor."),
    ],
)  # fmt: skip
def test_a_declared_charset_means_what_clients_take_it_for(
    charset: str, body: bytes, text: str
) -> None:
    head = f"{HEAD}Content-Type: text/plain; charset={charset}\r\n\r\n".encode()
    assert read(head + body)[0].text == text


@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("=?iso-8859-1?Q?=93Rice=94?=", "“Rice”"),
        ("=?cp-850?Q?Gr=94=E1e?=", "Größe"),
        ("=?shift_jis?B?h0D7/A==?=", "①髙"),
        ("=?iso-2022-jp?B?GyRCLSEbKEI=?= No. 1", "① No. 1"),
        ("=?utf-8?B?5ZE=?= =?utf-8?B?vA==?=", "呼"),
        ("Re: =?utf-8?Q?a?=  =?utf-8?Q?b?= c", "Re: ab c"),
    ],
)
def test_encoded_words_of_a_header_mean_what_clients_take_them_for(header: str, title: str) -> None:
    reading, _ = read(f"From: Orla <o@b.test>\r\nSubject: {header}\r\n\r\n{RICE}")
    assert reading.provenance.title == title


def test_a_name_that_is_encoded_may_have_a_comma() -> None:
    reading, _ = read(f"From: =?utf-8?Q?Keel=2C_J=C3=B8rgen?= <o@b.test>\r\nTo: x\r\n\r\n{RICE}")
    assert reading.provenance.creators == ("Keel, Jørgen",)


def test_an_attachment_has_the_encoding_that_the_message_says() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "ivo@brixwold.test", "wheat"
    message.set_content("Please read.")
    message.add_attachment(
        "Größe und Maße".encode("cp850"), maintype="text", subtype="plain", filename="a.txt",
        params={"charset": "cp850"},
    )  # fmt: skip
    _, (part,) = read(message.as_bytes())
    assert part.load().decode("utf-8-sig") == "Größe und Maße"


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ("format=flowed", "one line goes on\n> theirs goes on\n> and ends\nend"),
        ("format=flowed; delsp=yes", "one linegoes on\n> theirsgoes on\n> and ends\nend"),
    ],
)
def test_flowed_lines_are_joined_with_a_space_or_without(params: str, text: str) -> None:
    body = "one line \r\ngoes on\r\n> theirs \r\n> goes on\r\n> and ends\r\nend"
    reading, _ = read(f"{HEAD}Content-Type: text/plain; {params}\r\n\r\n{body}")
    assert reading.text == text
