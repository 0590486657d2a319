import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from corpus.documents import hash_text
from corpus.errors import UsageError
from index.answering.answer import answer
from index.answering.receipts import (
    FILE,
    Quoted,
    delete_expired_receipts,
    delete_receipts,
    find_receipt,
    keep_receipt,
    make_receipt,
    replay,
)
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from tests.support.archives import build, document
from tests.support.invented import LEDGER, invented

QUESTION = "How often did the lighthouse keeper Ogata Ren light the lamp?"
UNKNOWN = "Who painted the ceiling of the opera house?"


@pytest.fixture
def archive(tmp_path: Path, cache: Path) -> Iterator[Archive]:
    archive = build(tmp_path / "archive", cache, *invented())
    yield archive
    archive.close()


@pytest.mark.parametrize("question", [QUESTION, UNKNOWN])
def test_a_receipt_comes_back_as_it_was(archive: Archive, question: str) -> None:
    receipt = make_receipt(answer(question, archive, filters=Filters(kind="article")), 3)
    assert re.fullmatch(r"[0-9a-f]{12}", receipt.receipt_id)
    keep_receipt(archive.root, receipt)
    keep_receipt(archive.root, receipt)
    assert find_receipt(archive.root, f" {receipt.receipt_id.upper()}\n") == receipt


def test_the_same_question_has_the_same_receipt_and_another_has_another(archive: Archive) -> None:
    given = answer(QUESTION, archive)
    same = make_receipt(answer(QUESTION, archive), 3).receipt_id
    assert make_receipt(given, 3).receipt_id == same
    others = {
        make_receipt(given, 2).receipt_id,
        make_receipt(answer(QUESTION + "?", archive), 3).receipt_id,
        make_receipt(answer(QUESTION, archive, filters=Filters(kind="article")), 3).receipt_id,
    }
    assert len(others | {same}) == 4


@pytest.mark.parametrize("wanted", ["", "x", "000000000000", "' OR 1=1 --"])
def test_an_unknown_receipt_is_said_to_be_unknown(archive: Archive, wanted: str) -> None:
    with pytest.raises(UsageError, match="has no receipt"):
        find_receipt(archive.root, wanted)
    keep_receipt(archive.root, make_receipt(answer(QUESTION, archive), 3))
    with pytest.raises(UsageError, match="has no receipt"):
        find_receipt(archive.root, wanted)


def test_a_damaged_file_of_receipts_is_no_receipt(archive: Archive) -> None:
    (archive.root / FILE).write_bytes(b"x" * 5000)
    with pytest.raises(UsageError):
        find_receipt(archive.root, "000000000000")
    with pytest.raises(OSError, match=FILE):
        keep_receipt(archive.root, make_receipt(answer(QUESTION, archive), 3))


@pytest.mark.parametrize("question", [QUESTION, UNKNOWN])
def test_nothing_has_changed_in_the_same_archive(archive: Archive, question: str) -> None:
    receipt = make_receipt(answer(question, archive), 3)
    assert replay(receipt, archive).changes == ()


def test_a_build_of_the_same_files_gives_the_same_receipt(archive: Archive, cache: Path) -> None:
    receipt = make_receipt(answer(QUESTION, archive), 3)
    again = build(archive.root, cache, *invented(), force=True)
    assert again.manifest.generation != archive.manifest.generation
    assert make_receipt(answer(QUESTION, again), 3).receipt_id == receipt.receipt_id
    again.close()


def test_what_has_changed_is_told_quotation_by_quotation(archive: Archive, cache: Path) -> None:
    receipt = make_receipt(answer(QUESTION, archive), 3)
    first = receipt.quotes[0].doc_id
    quoted = next(each for each in invented() if each.doc_id == first)
    others = [each for each in invented() if each.doc_id != first]
    without = build(archive.root, cache, *others)
    changes = replay(receipt, without).changes
    assert changes[0].startswith("The archive was index 000001 of ")
    assert any(
        change.startswith(f"Quotation 1 ({first} ")
        and change.endswith("the document is no longer in the archive.")
        for change in changes
    )
    without.close()
    other = document(f"Once.\n{quoted.text}", first, title=quoted.title)
    edited = build(archive.root, cache, *others, other)
    assert any(
        "the document has other words there now" in change
        for change in replay(receipt, edited).changes
    )
    edited.close()


def test_a_verdict_that_has_changed_is_told(archive: Archive, cache: Path) -> None:
    receipt = make_receipt(answer(UNKNOWN, archive), 3)
    assert receipt.verdict == "not_found"
    known = "The ceiling of the opera house was painted by Ueda Sho in 1911.\n"
    more = build(archive.root, cache, *invented(), document(known, "opera", title="Opera"))
    changes = replay(receipt, more).changes
    assert "The verdict was “not found”, is “answered”." in changes
    assert any(change.startswith("New is opera ") for change in changes)
    more.close()


def test_words_that_stand_there_still_but_are_not_chosen_are_told(archive: Archive) -> None:
    receipt = make_receipt(answer(QUESTION, archive), 1)
    chosen = receipt.quotes[0]
    words = "kerosene came from Yokohama"
    start = LEDGER.index(words)
    other = Quoted("ledger", start, start + len(words), hash_text(words))
    fate = "it stands there still, word for word, but is not chosen"
    assert replay(replace(receipt, quotes=(other,)), archive).changes == (
        "The archive is the same; this memcon chooses otherwise.",
        f"Quotation 1 (ledger {start}-{start + len(words)}): {fate}.",
        f"New is {chosen.doc_id} {chosen.start}-{chosen.end}.",
    )


def test_an_answer_after_another_is_replayed_without_what_was_no_answer(
    archive: Archive,
) -> None:
    plain = answer(QUESTION, archive)
    quote = plain.quotes[0]
    without = ((quote.document.doc_id, quote.span.start, quote.span.end),)
    after = answer(QUESTION, archive, without=without)
    assert quote.span not in [each.span for each in (*after.quotes, *after.leads)]
    receipt = make_receipt(after, 3)
    assert receipt.receipt_id != make_receipt(plain, 3).receipt_id
    keep_receipt(archive.root, receipt)
    kept = find_receipt(archive.root, receipt.receipt_id)
    assert kept == receipt
    replayed = replay(kept, archive)
    assert replayed.answer.without == without
    assert not replayed.changes


def test_a_receipt_of_an_earlier_version_keeps_its_name(archive: Archive) -> None:
    receipt = make_receipt(answer(QUESTION, archive), 3)
    keep_receipt(archive.root, receipt)
    with closing(sqlite3.connect(archive.root / FILE)) as connection:
        known = {**asdict(receipt), "first": ["ledger"]}
        del known["without"], known["kept_as"]
        connection.execute(
            "INSERT INTO receipts VALUES ('0123456789ab', ?, NULL)", (json.dumps(known),)
        )
        connection.commit()
    kept = find_receipt(archive.root, "0123456789AB")
    assert kept.receipt_id == "0123456789ab"
    assert not replay(kept, archive).changes


def test_receipts_expire_unless_they_are_kept_for_good(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited, both, good = (make_receipt(answer(QUESTION, archive), limit) for limit in (1, 2, 3))
    keep_receipt(archive.root, limited, life=60)
    keep_receipt(archive.root, both)
    keep_receipt(archive.root, both, life=60)
    keep_receipt(archive.root, good)
    assert delete_expired_receipts(archive.root, 60) == 0
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert delete_expired_receipts(archive.root, 60) == 1
    with pytest.raises(UsageError, match="has no receipt"):
        find_receipt(archive.root, limited.receipt_id)
    keep_receipt(archive.root, limited, life=60)
    ids = [each.receipt_id for each in (limited, both, good)]
    assert delete_receipts(archive.root, ids) == 1
    assert find_receipt(archive.root, both.receipt_id) == both
    assert find_receipt(archive.root, good.receipt_id) == good


def test_receipts_of_the_version_before_expire_too(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = make_receipt(answer(QUESTION, archive), 3)
    known = json.dumps(asdict(receipt))
    with closing(sqlite3.connect(archive.root / FILE)) as connection:
        connection.execute("CREATE TABLE receipts (receipt_id TEXT PRIMARY KEY, receipt TEXT)")
        connection.execute("INSERT INTO receipts VALUES (?, ?)", (receipt.receipt_id, known))
        connection.commit()
    assert find_receipt(archive.root, receipt.receipt_id) == receipt
    assert delete_expired_receipts(archive.root, 60) == 0
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert delete_expired_receipts(archive.root, 60) == 1
    # A command line's own stays.
    keep_receipt(archive.root, receipt)
    assert delete_expired_receipts(archive.root, 60) == 0
