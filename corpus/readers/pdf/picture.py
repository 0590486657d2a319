"""A page of a PDF as a picture, with some of its words marked.

Run as a process of its own (`draw_isolated`), since a hostile file may crash the library, and the
library does not work in several threads.
"""

import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import UnreadableSource

if TYPE_CHECKING:
    from corpus.readers.pdf.layout import Box

# The width of a picture in pixels, and the most that it may be high.
_WIDTH, _HIGHEST = 1100, 2200
_SECONDS = 15
_MEMORY = 3 << 30
# Marks reach this far around the words, in points.
_MARGIN = 1.5
# The shares of red, green and blue that a mark leaves of the paper.
_MARK = (1.0, 0.92, 0.35)
_FAILED = 3
_CODE = (
    "import sys; sys.path.insert(0, {root!r}); "
    "from corpus.readers.pdf.picture import draw_from_stream; draw_from_stream()"
)

Area = tuple[float, float, float, float]


def draw_isolated(data: bytes, number: int, words: str, ocr: str | None) -> bytes:
    """Draw a page, counted from 1, as PNG with `words` marked, in a process of its own.

    `ocr` are the languages in which to read a page that is a picture. Raises UnreadableSource.
    """
    root = str(Path(__file__).resolve().parents[3])
    wanted = json.dumps({"number": number, "words": words, "ocr": ocr}).encode()
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, this package
            [sys.executable, "-P", "-c", _CODE.format(root=root)],
            input=wanted + b"\n" + data,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise UnreadableSource(f"drawing the page took more than {_SECONDS} s") from None
    if done.returncode == _FAILED:
        raise UnreadableSource(done.stdout.decode("utf-8", "replace"))
    if done.returncode:
        raise UnreadableSource("the page cannot be drawn")
    return done.stdout


def draw_from_stream() -> None:
    """Draw the page that standard input asks for, and write it to standard output."""
    _limit_resources()
    wanted, _, data = sys.stdin.buffer.read().partition(b"\n")
    try:
        picture = draw_page(data, **json.loads(wanted))
    except UnreadableSource as error:
        sys.stdout.buffer.write(error.message.encode())
        raise SystemExit(_FAILED) from None
    sys.stdout.buffer.write(picture)


def draw_page(data: bytes, number: int, words: str, ocr: str | None = None) -> bytes:
    """Draw a page, counted from 1, as PNG with `words` marked.

    A page whose words lie on their side is turned upright. Raises UnreadableSource if the page does
    not have the words.
    """
    import numpy as np

    from corpus.readers.pdf.pages import open_pdf

    with open_pdf(data) as document:
        if not 1 <= number <= len(document):
            raise UnreadableSource("the file has no such page any more")
        turned, areas = _find(document, number, words, ocr)
        if not areas:
            raise UnreadableSource("the words cannot be found on the page")
        page = document[number - 1]
        width, height = page.get_size()
        if turned in {90, 270}:
            width, height = height, width
        scale = min(_WIDTH / width, _HIGHEST / height)
        bitmap = page.render(scale=scale, rotation=turned, rev_byteorder=True)
        pixels = np.array(bitmap.to_numpy()[:, :, :3])
        page.close()
    for left, top, right, bottom in areas:
        rows = slice(max(0, int((top - _MARGIN) * scale)), int((bottom + _MARGIN) * scale) + 1)
        columns = slice(max(0, int((left - _MARGIN) * scale)), int((right + _MARGIN) * scale) + 1)
        pixels[rows, columns] = (pixels[rows, columns] * np.array(_MARK)).astype(np.uint8)
    return _write_png(pixels)


def _find(document: Any, number: int, words: str, ocr: str | None) -> tuple[int, list[Area]]:
    """Return how the page is turned (see `PdfPage`), and the places of the words on it so turned.

    Places are in points from the upper left corner.
    """
    from corpus.readers.pdf.ocr import recognise_page
    from corpus.readers.pdf.pages import read_boxes, read_page

    read = read_page(document, number, str(number))
    if read.pictured and ocr:
        read = recognise_page(document, read, ocr)
        boxes = []
    else:
        boxes = read_boxes(document, number, read.turned)
    return read.turned, list(_place_words([line.box for line in read.lines], boxes, words))


def _place_words(lines: Sequence["Box"], boxes: Sequence["Box"], words: str) -> Iterator[Area]:
    """Yield the places of words in lines, by the boxes of the single words where they are known."""
    pieces = [piece.strip() for piece in words.split("\n") if piece.strip()]
    for line, piece in _match([each.text for each in lines], pieces):
        box = lines[line]
        inside = sorted(
            (
                each
                for each in boxes
                if box.top - 1 <= (each.top + each.bottom) / 2 <= box.bottom + 1
                and box.left - 1 <= (each.left + each.right) / 2 <= box.right + 1
            ),
            key=lambda each: each.left,
        )
        start, end = _place(box.text, piece)
        if "".join("".join(each.text.split()) for each in inside) == "".join(box.text.split()):
            place = 0
            marked = []
            for each in inside:
                place, before = place + len("".join(each.text.split())), place
                if before < end and place > start:
                    marked.append(each)
            yield marked[0].left, box.top, max(each.right for each in marked), box.bottom
        else:
            # Where the words stand is not known: as far into the line as into its letters.
            step = (box.right - box.left) / max(1, len("".join(box.text.split())))
            yield box.left + start * step, box.top, box.left + end * step, box.bottom


def _match(lines: Sequence[str], pieces: Sequence[str]) -> list[tuple[int, str]]:
    """Find the lines that have the pieces of a text, one after the other; the most there are."""
    best: list[tuple[int, str]] = []
    for first in range(len(lines)):
        found: list[tuple[int, str]] = []
        for piece in pieces:
            after = found[-1][0] + 1 if found else first
            # Between two lines of a text, a page may have notes and page numbers.
            place = next((n for n in range(after, len(lines)) if piece in lines[n]), None)
            if place is None or (not found and place != first):
                break
            found.append((place, piece))
        if len(found) > len(best):
            best = found
    return best


def _place(line: str, piece: str) -> tuple[int, int]:
    """Find a piece in a line, counted in letters without white space."""
    start = len("".join(line[: line.find(piece)].split()))
    return start, start + len("".join(piece.split()))


def _write_png(pixels: Any) -> bytes:
    """Write rows of red, green and blue as PNG (ISO/IEC 15948)."""
    import numpy as np

    height, width, _ = pixels.shape
    # Each row begins with its filter: none.
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = pixels.reshape(height, 3 * width)

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(rows.tobytes(), 6))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def _limit_resources() -> None:
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CPU, (2 * _SECONDS, resource.RLIM_INFINITY))
