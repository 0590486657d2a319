import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import DamagedIndex, UnknownDocument, UsageError
from index.encoding.encoder import Encoder
from index.encoding.loading import load_encoder
from index.retrieval.archive import DEPTH, Archive
from index.retrieval.filters import Filters
from tests.support.archives import local, segment_of

WORDS = ["trade", "cable", "1456", "Hosokawa", "rice", "U.S.", "zebra", "the", "日米"]


def test_an_altered_text_is_never_given_out(records_root: Path, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    shutil.copytree(records_root, root, ignore=shutil.ignore_patterns("models"))
    database = sqlite3.connect(segment_of(root) / "documents.sqlite")
    database.execute(
        "UPDATE texts SET text = replace(text, 'forty', 'fifty')"
        " WHERE document = (SELECT number FROM documents WHERE doc_id = 'ledger')"
    )
    database.commit()
    database.close()
    # So small a file is checked as a whole when it is opened.
    with pytest.raises(DamagedIndex, match=r"documents\.sqlite"):
        Archive(root)


def test_an_unknown_document_is_refused(records: Archive) -> None:
    with pytest.raises(UnknownDocument):
        records.document("atlantis")


def test_filters_come_before_ranking(bundled: Archive) -> None:
    query = bundled.parse_query("What did the Prime Minister say of numerical targets?")
    chosen = [Filters(kind=kind) for kind in bundled.engine.values("kind")]
    chosen += [Filters(speaker=label) for label in bundled.engine.values("speaker")]
    assert chosen
    chosen += [Filters(date_to="1993-02-28"), Filters(date_from="1994-02-01"), Filters()]
    for filters in chosen:
        fit = set(local(bundled).facets.select(filters).tolist())
        assert fit
        for k in (1, 5, len(fit), len(fit) + 50):
            hits = bundled.search(query, filters, k)
            numbers = [hit.number for hit in hits]
            assert len(numbers) == len(set(numbers)) == min(k, len(fit))
            assert fit.issuperset(numbers)


def test_filters_that_nothing_fits_find_nothing(bundled: Archive) -> None:
    query = bundled.parse_query("trade")
    assert bundled.search(query, Filters.parse(date_from="2001"), 5) == []
    with pytest.raises(UsageError, match="is of the kind “no such kind”"):
        bundled.search(query, Filters(kind="no such kind"), 5)


@settings(max_examples=8)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join), st.integers(1, 30))
def test_hits_are_in_order_and_tell_where_they_come_from(
    bundled: Archive, question: str, k: int
) -> None:
    query = bundled.parse_query(question)
    hits = bundled.search(query, Filters(), k)
    assert hits == bundled.search(query, Filters(), k)
    assert [hit.rank for hit in hits] == list(range(1, k + 1))
    assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.number))
    scores = local(bundled).lexical.scores(dict.fromkeys(query.also, 1.0) | query.asked.weights)
    # Each ranking is followed down to DEPTH; what lies below counts as not found by it.
    order = sorted(np.flatnonzero(scores).tolist(), key=lambda number: (-scores[number], number))
    ranks = {number: rank for rank, number in enumerate(order[:DEPTH], start=1)}
    for hit in hits:
        assert (hit.lexical_rank is None) == (hit.lexical_score == 0)
        assert hit.lexical_rank == ranks.get(hit.number)
        assert hit.lexical_score == (scores[hit.number] if hit.number in ranks else 0)
        assert -1.0001 <= hit.cosine <= 1.0001
        assert hit.passage == local(bundled).table.passage(hit.number)
        assert len(bundled.sentence_cosines([hit], query)) == len(hit.passage.sentences)


def test_the_sentences_of_a_hit_are_its_own(records: Archive) -> None:
    query = records.parse_query("forty barrels of kerosene each autumn")
    hit = records.search(query, Filters(), 1)[0]
    text = records.document(hit.passage.doc_id).text
    best = hit.passage.sentences[int(np.argmax(records.sentence_cosines([hit], query)))]
    assert best.of(text) == "The keeper bought forty barrels of kerosene each autumn."


def test_a_question_is_asked_in_the_archives_spelling(bundled: Archive) -> None:
    question = 'What did Hosakawa say of the "framwork" and semiconducters?'
    query = bundled.parse_query(question)
    assert query.question == 'What did Hosokawa say of the "framwork" and semiconductors?'
    assert query.wanted.phrases == ("framwork",)
    assert {"hosokawa", "semiconductor"} <= {*query.asked.weights}
    assert bundled.parse_query(query.question).question == query.question


def test_a_known_name_is_nobody_elses_slip(bundled: Archive) -> None:
    # Its other forms are looked for, whatever words of the archive come near.
    for question in ("What did 細川護熙 say?", "What did Churchill say of Roosevelt?"):
        assert bundled.correct(question).corrections == ()


def test_a_misspelt_filter_is_offered_what_comes_near(bundled: Archive) -> None:
    query = bundled.parse_query("trade")
    with pytest.raises(UsageError, match=r"Did you mean .*Hosokawa"):
        bundled.search(query, Filters(person="Hosakawa"), 3)
    with pytest.raises(UsageError, match="It has, among others: "):
        bundled.search(query, Filters(person="Zzyzx"), 3)


def test_a_prefetched_encoder_is_loaded_once(
    records_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[object] = []

    def load_noted(folder: Path, *, threads: int = 0) -> Encoder:
        loaded.append(folder)
        return load_encoder(folder, threads=threads)

    monkeypatch.setattr("index.retrieval.archive.load_encoder", load_noted)
    opened = Archive(records_root)
    opened.prefetch_encoder()
    assert opened.encoder.identity == opened.manifest.encoder
    assert len(loaded) == 1


def test_what_is_wrong_with_an_encoder_is_said_where_it_is_used(
    records_root: Path, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    shutil.copytree(records_root, root, ignore=shutil.ignore_patterns("model.onnx"))
    opened = Archive(root)
    opened.prefetch_encoder()
    with pytest.raises(DamagedIndex, match="encoder"):
        _ = opened.encoder
