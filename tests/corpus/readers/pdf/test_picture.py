"""Pages of PDFs as pictures, with the quoted words marked."""

import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.errors import UnreadableSource
from corpus.readers.pdf.picture import draw_isolated, draw_page
from tests.support.pdf_maker import HEIGHT, WIDTH, Words, make_pdf

LINES = ("The mill at Oxley was sold", "to the widow of a cooper in", "May, and burnt in June.")
PAGE = make_pdf(
    [[Words(72, 90, "Another page")], [Words(72, 100 + 20 * n, t) for n, t in enumerate(LINES)]]
)


def pixels(picture: bytes) -> NDArray[np.uint8]:
    width, height = struct.unpack(">II", picture[16:24])
    start = picture.index(b"IDAT")
    size = struct.unpack(">I", picture[start - 4 : start])[0]
    raw = np.frombuffer(zlib.decompress(picture[start + 4 : start + 4 + size]), np.uint8)
    return raw.reshape(height, 1 + 3 * width)[:, 1:].reshape(height, width, 3)


def marked(picture: bytes) -> tuple[float, float, float, float]:
    """Return the part of a page that is marked: left, top, right, bottom, in points."""
    shown = pixels(picture).astype(int)
    rows, columns = np.nonzero(shown[:, :, 0] - shown[:, :, 2] > 100)
    scale = shown.shape[1] / WIDTH
    return (
        columns.min() / scale, rows.min() / scale, columns.max() / scale, rows.max() / scale
    )  # fmt: skip


def test_the_quoted_words_are_marked_and_no_others() -> None:
    one = draw_page(PAGE, 2, "Oxley")
    left, top, right, bottom = marked(one)
    # "The mill at " stands before it and " was sold" behind.
    assert 110 < left < 135
    assert 130 < right < 165
    assert 85 < top < bottom < 106
    over = marked(draw_page(PAGE, 2, "was sold\nto the widow of a cooper in\nMay,"))
    assert over[0] == pytest.approx(72, abs=3)
    assert over[3] > 130
    assert pixels(one).shape[0] == pytest.approx(pixels(one).shape[1] * HEIGHT / WIDTH, abs=2)


def share_of_marked_ink(picture: bytes) -> float:
    shown = pixels(picture).astype(int)
    rows, columns = np.nonzero(shown[:, :, 0] - shown[:, :, 2] > 100)
    marks = shown[rows.min() : rows.max(), columns.min() : columns.max()]
    return float(np.sum(marks[:, :, 0] < 100) / np.sum(shown[:, :, 0] < 100))


@pytest.fixture(scope="module")
def upright() -> float:
    return share_of_marked_ink(draw_page(PAGE, 2, LINES[1]))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("on_side", [False, True])
def test_a_page_that_is_turned_has_its_marks_on_the_words(
    rotation: int, on_side: bool, upright: float
) -> None:
    lines = [Words(200 + 40 * n, 400 + 20 * n, t, turned=on_side) for n, t in enumerate(LINES)]
    picture = draw_page(make_pdf([lines], rotation=rotation), 1, LINES[1])
    # As on a page that stands upright: the letters of one line of three, and nothing beside them.
    assert share_of_marked_ink(picture) == pytest.approx(upright, abs=0.03)
    # Words that lie on their side are turned upright.
    shown = pixels(picture)
    rows, columns = np.nonzero(shown[:, :, 0].astype(int) - shown[:, :, 2] > 100)
    assert np.ptp(columns) > 5 * np.ptp(rows)


def test_words_that_the_page_does_not_have_are_an_error() -> None:
    with pytest.raises(UnreadableSource, match="cannot be found on the page"):
        draw_page(PAGE, 2, "Another")
    with pytest.raises(UnreadableSource, match="no such page"):
        draw_page(PAGE, 3, "mill")


def test_a_process_of_its_own_draws_and_reports_what_is_wrong() -> None:
    assert draw_isolated(PAGE, 2, "Oxley", None) == draw_page(PAGE, 2, "Oxley")
    with pytest.raises(UnreadableSource, match="cannot be found on the page"):
        draw_isolated(PAGE, 1, "Oxley", None)
    with pytest.raises(UnreadableSource, match="is no PDF"):
        draw_isolated(b"%DOC", 1, "Oxley", None)
