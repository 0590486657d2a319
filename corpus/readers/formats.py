"""The formats that memcon reads: how each is recognised, which reader it has, and what that uses.

A new format is a reader module and an entry in `FORMATS`. Everything else that depends on formats
takes it from here: recognition, downloads, what is read again after a change, and messages.
"""

from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Format:
    """A format that memcon reads.

    `name` is for people. `suffixes` are those of its files' names, the usual one first. `module` is
    the reader's module in this package, `function` its function. `libraries` are the distributions
    that the reader uses: its files are read again when the version of one changes.

    A file is recognised by its first bytes, `magic`, at `offset`, or anywhere in its first `within`
    bytes; a ZIP file by the name of a member, or by a content type it declares for one. Without
    these, its name decides. A file whose name is that of an `is_text` format may mention the
    `magic` of another one further on.

    `media_types` are those under which servers offer it; `takes_ocr` means that the reader takes
    `ocr`, the languages in which to read pictures of pages.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    function: str
    libraries: tuple[str, ...] = ()
    magic: tuple[bytes, ...] = ()
    offset: int = 0
    within: int = 0
    members: tuple[str, ...] = ()
    content_types: tuple[bytes, ...] = ()
    media_types: tuple[str, ...] = ()
    is_text: bool = False
    takes_ocr: bool = False

    @property
    def suffix(self) -> str:
        """The usual suffix, which also identifies the format."""
        return self.suffixes[0]


_DECODING = ("py3langid", "webencodings")
_PAGES = ("lxml", "trafilatura", *_DECODING)

FORMATS = (
    Format(
        "text",
        (".txt", ".text"),
        "plain_text",
        "read_text",
        libraries=_DECODING,
        media_types=("text/plain",),
        is_text=True,
    ),
    Format(
        "Markdown",
        (".md", ".markdown"),
        "markdown",
        "read_markdown",
        libraries=("markdown-it-py", "pyyaml", *_DECODING),
        media_types=("text/markdown",),
        is_text=True,
    ),
    Format(
        "HTML",
        (".html", ".htm", ".xhtml"),
        "html.reader",
        "read_html",
        libraries=_PAGES,
        media_types=("text/html", "application/xhtml+xml"),
    ),
    Format(
        "XML",
        (".xml", ".tei"),
        "tei.reader",
        "read_xml",
        libraries=_PAGES,
        media_types=("application/xml", "text/xml", "application/tei+xml"),
    ),
    Format(
        "PDF",
        (".pdf",),
        "pdf.reader",
        "read_pdf",
        libraries=("pypdfium2",),
        magic=(b"%PDF-",),
        within=1024,
        media_types=("application/pdf",),
        takes_ocr=True,
    ),
    Format(
        "Word",
        (".docx", ".docm", ".dotx"),
        "word.reader",
        "read_word",
        libraries=("lxml", "python-docx"),
        members=("word/document.xml",),
        content_types=(
            b"wordprocessingml.document.main+xml",
            b"wordprocessingml.template.main+xml",
            b"ms-word.document.macroEnabled",
            b"ms-word.template.macroEnabled",
        ),
        media_types=("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    ),
    Format("RTF", (".rtf",), "rtf", "read_rich_text", libraries=("striprtf",), magic=(b"{\\rtf",)),
    Format(
        "EPUB",
        (".epub",),
        "epub",
        "read_epub",
        libraries=("lxml", *_DECODING),
        members=("META-INF/container.xml",),
        media_types=("application/epub+zip",),
    ),
    Format(
        "e-mail",
        (".eml",),
        "mail.reader",
        "read_mail",
        libraries=_PAGES,
        media_types=("message/rfc822",),
        is_text=True,
    ),
    Format("mailbox", (".mbox", ".mbx"), "mail.mailbox", "read_mbox"),
    Format(
        "CSV",
        (".csv", ".tsv"),
        "tables",
        "read_csv",
        libraries=_DECODING,
        media_types=("text/csv",),
        is_text=True,
    ),
    Format("JSON", (".json",), "tables", "read_json", libraries=_DECODING, is_text=True),
    Format(
        "JSON lines",
        (".jsonl", ".ndjson"),
        "tables",
        "read_json_lines",
        libraries=_DECODING,
        media_types=("application/json",),
        is_text=True,
    ),
    Format(
        "ZIP",
        (".zip",),
        "archives",
        "read_zip",
        magic=(b"PK\x03\x04", b"PK\x05\x06"),
        media_types=("application/zip",),
    ),
    Format("tar", (".tar",), "archives", "read_tar", magic=(b"ustar",), offset=257),
    Format("gzip", (".gz", ".tgz"), "archives", "read_tar", magic=(b"\x1f\x8b",)),
    Format("bzip2", (".bz2",), "archives", "read_tar", magic=(b"BZh91AY&SY",)),
    Format("xz", (".xz",), "archives", "read_tar", magic=(b"\xfd7zXZ\0",)),
)
BY_SUFFIX = {suffix: each for each in FORMATS for suffix in each.suffixes}


def suffix_of(name: str) -> str:
    """Return the suffix of a file's name, in lower case."""
    return PurePath(name).suffix.lower()
