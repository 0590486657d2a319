"""Files of every format that the tests make: small, whole, and of invented words."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage

import docx

RICE = "The ministers spoke about the price of rice."
WHEAT = "The clerk wrote down what wheat had cost."


def make_zip(files: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def make_tar(files: Mapping[str, bytes | str], packing: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            content = data.encode() if isinstance(data, str) else data
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    data = buffer.getvalue()
    match packing:
        case "gz":
            return gzip.compress(data)
        case "bz2":
            return bz2.compress(data)
        case "xz":
            return lzma.compress(data)
    return data


def make_word() -> bytes:
    document = docx.Document()
    document.core_properties.title = "The Rice Talks"
    document.core_properties.author = "Orla Brandt; Ivo Keel"
    document.add_heading("First Day", level=1)
    document.add_paragraph(RICE)
    table = document.add_table(rows=2, cols=2)
    for place, words in enumerate(["Crop", "Price", "Rice", "12"]):
        table.cell(place // 2, place % 2).text = words
    document.add_heading("Second Day", level=2)
    document.add_paragraph(WHEAT)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def make_mail() -> bytes:
    message = EmailMessage()
    message["From"] = "Orla Brandt <orla@brixwold.test>"
    message["To"] = "Ivo Keel <ivo@brixwold.test>, harbour@brixwold.test"
    message["Cc"] = '"Keel, Ada" <ada@brixwold.test>'
    message["Date"] = "Tue, 03 Nov 1998 23:30:00 -0500"
    message["Subject"] = "The harbour at low tide"
    message.set_content(f"{RICE}\n\nOn 2 Nov 1998, Ivo Keel wrote:\n> {WHEAT}\n")
    message.add_alternative(f"<p>{RICE} <b>In bold.</b></p>", subtype="html")
    message.add_attachment(WHEAT.encode(), maintype="text", subtype="plain", filename="wheat.txt")
    message.add_attachment(
        make_word(), maintype="application", subtype="octet-stream", filename="talks.docx"
    )
    return message.as_bytes()


CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
)
PACKAGE = """<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>Harbours of the North</dc:title><dc:creator>Orla Brandt</dc:creator>
<dc:publisher>Brixwold Press</dc:publisher><dc:date>1931-05-02T00:00:00Z</dc:date>
<dc:language>en</dc:language><dc:identifier>https://books.test/harbours</dc:identifier></metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="b" href="text/b.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="text/a%20one.xhtml" media-type="application/xhtml+xml"/>
<item id="c" href="text/c.xhtml" media-type="application/xhtml+xml"/>
<item id="p" href="cover.jpg" media-type="image/jpeg"/>
</manifest>
<spine><itemref idref="a"/><itemref idref="nav"/><itemref idref="b"/><itemref idref="c"/></spine>
</package>"""
NAV = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<body><nav epub:type="toc"><ol>
<li><a href="text/a%20one.xhtml">The Quay</a>
  <ol><li><a href="text/a%20one.xhtml#s">A section</a></li></ol></li>
<li><a href="text/a%20one.xhtml#two">The Light</a></li>
<li><a href="text/c.xhtml">The Storm</a></li>
</ol></nav></body></html>"""
PAGE = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>x</title></head><body>{}</body></html>"""


ALTO = f"""<?xml version="1.0"?><alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Layout>
<Page PHYSICAL_IMG_NR="1"><PrintSpace><TextBlock><TextLine><String CONTENT="{RICE}"/></TextLine>
</TextBlock></PrintSpace></Page></Layout></alto>"""


def make_book() -> dict[str, str]:
    """Return the files of an e-book of three chapters in three files that begin elsewhere."""
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": PACKAGE,
        "OPS/nav.xhtml": NAV,
        "OPS/text/a one.xhtml": PAGE.format(
            f"<h1>The Quay</h1><p>{RICE}</p><h2 id='s'>A section</h2><p>Of the quay.</p>"
            "<span epub:type='pagebreak' title='12'/>"
            f"<h1 id='two'>The Light</h1><p>{WHEAT}</p>"
        ),
        "OPS/text/b.xhtml": PAGE.format("<p>The light was lit at dusk.</p>"),
        "OPS/text/c.xhtml": PAGE.format(
            "<h1>The Storm</h1><p>It blew for<span epub:type='pagebreak' title='13'/> a week.</p>"
            "<aside epub:type='footnote'><p>In the old style.</p></aside>"
        ),
    }


def make_samples() -> dict[str, bytes]:
    """Return a whole file of every format, by its name."""
    rows = [{"id": f"r{n}", "title": f"Row {n}", "text": f"{RICE} {n}"} for n in range(5)]
    table = "title,date,text\nOne,1993-09,Rice.\nTwo,1994,Wheat.\n"
    inner = make_zip({"a.txt": RICE, "b.docx": make_word()})
    return {
        "a.txt": RICE.encode(),
        "wide.txt": RICE.encode("utf-16"),
        "a.md": f"---\ntitle: Talks\n---\n# Rice\n\n{RICE}\n".encode(),
        "a.docx": make_word(),
        "a.eml": make_mail(),
        "a.epub": make_zip(make_book()),
        "a.csv": table.encode(),
        "a.rtf": rf"{{\rtf1\ansi {{\info{{\title Talks}}}}{RICE}\par {WHEAT}}}".encode(),
        "alto.xml": ALTO.encode(),
        "a.json": json.dumps(rows).encode(),
        "a.jsonl": "\n".join(map(json.dumps, rows)).encode(),
        "a.zip": make_zip({"in/a.txt": RICE, "in/b.zip": inner, "c.eml": make_mail()}),
        "a.tar": make_tar({"a.txt": RICE, "b.zip": inner}),
        "a.tgz": make_tar({"a.txt": RICE, "b.zip": inner}, "gz"),
        "a.tar.bz2": make_tar({"a.txt": RICE}, "bz2"),
        "a.tar.xz": make_tar({"a.txt": RICE}, "xz"),
        "a.txt.gz": gzip.compress(RICE.encode()),
        "a.txt.bz2": bz2.compress(RICE.encode()),
        "a.txt.xz": lzma.compress(RICE.encode()),
    }


def make_every_format() -> dict[str, bytes]:
    """Return a whole file for each format and suffix that is read, by its name."""
    from tests.support.frus_volume import LETTER, volume
    from tests.support.pdf_maker import make_pdf, set_lines

    page = f"<html><head><title>Talks</title></head><body><p>{RICE} {WHEAT}</p></body></html>"
    letter = b"From orla@brixwold.test Tue Nov  3 23:30:00 1998\n" + make_mail() + b"\n"
    samples = make_samples()
    return {
        **samples,
        "a.pdf": make_pdf([set_lines([RICE, WHEAT])], title="Talks"),
        "frus.xml": volume(LETTER),
        "a.tsv": b"title\tdate\ttext\nOne\t1993-09\tBarley.\n",
        **{f"page{suffix}": page.encode() for suffix in (".html", ".htm", ".xhtml")},
        **{f"box{suffix}": letter for suffix in (".mbox", ".mbx")},
        **{f"note{suffix}": RICE.encode() for suffix in (".text", ".markdown")},
        **{f"talks{suffix}": make_word() for suffix in (".docm", ".dotx")},
        "volume.tei": volume(LETTER),
        "rows.ndjson": samples["a.jsonl"],
    }
