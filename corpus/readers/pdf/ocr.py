"""The text of pages that are pictures, read by tesseract, which has to be installed."""

import csv
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from statistics import median

import pypdfium2

from corpus.errors import UnreadableSource, UsageError
from corpus.readers.pdf.layout import Box, Line
from corpus.readers.pdf.pages import PdfPage

PROGRAM = "tesseract"
_INSTALL = "apt install tesseract-ocr (or brew install tesseract)"
# Tesseract reads best at this resolution, in dots an inch; and the most dots across a page.
_DOTS = 300
_MOST_DOTS = 8000
_POINTS = 72
_SECONDS = 180
# A line of which it is less sure than this on the whole, in per cent, is dirt on the paper. A word
# alone is never left out: what remained would be quoted as if it were all.
_LEAST_SURE = 30.0
# Lines whose heights differ from the usual by less than this share are of one size of type.
_SIZES = 0.35
_WORD = "5"


def check_ocr(languages: str) -> str:
    """Return the version of tesseract; raises UsageError if it or a language is missing."""
    if shutil.which(PROGRAM) is None:
        raise UsageError("OCR needs the program tesseract, which is not installed.", _INSTALL)
    try:
        version = _run(["--version"], b"").split(b"\n", 1)[0].decode()
        known = _run(["--list-langs"], b"").decode().split("\n")[1:]
    except UnreadableSource as error:
        raise UsageError(
            f"The program tesseract does not run: {error.message}.", _INSTALL
        ) from None
    missing = [name for name in languages.split("+") if name not in known]
    if missing:
        others = ", ".join(filter(None, known))
        raise UsageError(
            f"Tesseract has no language {', '.join(missing)}; it has {others}.",
            f"apt install tesseract-ocr-{missing[0].replace('_', '-')}",
        )
    return version


def recognise_page(document: pypdfium2.PdfDocument, page: PdfPage, languages: str) -> PdfPage:
    """Return a page that is a picture with its words; raises UnreadableSource."""
    source = document[page.number - 1]
    try:
        scale = min(_DOTS / _POINTS, _MOST_DOTS / max(source.get_size()))
        bitmap = source.render(scale=scale, grayscale=True)
        picture = _portable(bitmap)
        bitmap.close()
    finally:
        source.close()
    dots = str(round(scale * _POINTS))
    table = _run(["stdin", "stdout", "-l", languages, "--dpi", dots, "tsv"], picture)
    lines = tuple(_read_table(table.decode("utf-8", "replace"), page.number, scale))
    return replace(page, lines=lines, pictured=False, recognised=bool(lines))


def _portable(bitmap: pypdfium2.PdfBitmap) -> bytes:
    """Return a grey bitmap as a portable graymap, a format that needs no library."""
    rows = bytes(bitmap.buffer)
    width, height, stride = bitmap.width, bitmap.height, bitmap.stride
    if stride != width:
        rows = b"".join(rows[row * stride : row * stride + width] for row in range(height))
    return b"P5 %d %d 255\n" % (width, height) + rows


def _run(arguments: list[str], data: bytes) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, and no shell
            [PROGRAM, *arguments],
            input=data,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise UnreadableSource(f"OCR of the page took more than {_SECONDS} s") from None
    except OSError as error:
        raise UnreadableSource("OCR needs the program tesseract") from error
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
        raise UnreadableSource(f"OCR failed: {told}")
    return done.stdout


def _read_table(table: str, number: int, scale: float) -> list[Line]:
    """Return the lines of tesseract's table of words in its order; its blocks are columns."""
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    words = (row for row in rows if row["level"] == _WORD and row["text"].strip())
    lines: list[Line] = []
    for (block, _, _), line in groupby(
        words, lambda row: (row["block_num"], row["par_num"], row["line_num"])
    ):
        found = list(line)
        if median(float(word["conf"]) for word in found) >= _LEAST_SURE:
            lines.append(Line(_box(found, scale), number, int(block)))
    if not lines:
        return []
    # A line of small letters is lower than one with capitals, in the same type.
    usual = median(line.box.size for line in lines)
    return [
        replace(line, box=replace(line.box, size=usual))
        if abs(line.box.size - usual) < _SIZES * usual
        else line
        for line in lines
    ]


def _box(words: Sequence[dict[str, str]], scale: float) -> Box:
    left = min(int(word["left"]) for word in words)
    top = min(int(word["top"]) for word in words)
    right = max(int(word["left"]) + int(word["width"]) for word in words)
    bottom = max(int(word["top"]) + int(word["height"]) for word in words)
    text = " ".join(word["text"].strip() for word in words)
    return Box.of_word(text, left / scale, top / scale, right / scale, bottom / scale)
