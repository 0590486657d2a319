"""What spelling sees of a local archive's words, against a walk over all of them."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from index.retrieval.lexical import LexicalIndex
from index.retrieval.postings import PostingsBuilder
from index.retrieval.vocabulary import LocalVocabulary
from index.storage.checksummed import Sealed, seal
from index.text.analyzer import analyze

TEXTS = [
    "The skipper of Brixwold wrote: two boats were lost.",
    "BRIXWOLD'S BOATS",
    "Skippers fear the salt-works; a boat was sold to the salt works.",
    "Salt was cheap. The works were closed, and boating too.",
]
TERMS = st.text(alphabet="abehst4é細", min_size=1, max_size=7)


def made(folder: Path, passages: Sequence[Sequence[str]]) -> LexicalIndex:
    builder = PostingsBuilder(folder)
    for terms in passages:
        builder.add(terms)
    builder.finish()
    seal(folder)
    return LexicalIndex(Sealed(folder))


@pytest.fixture
def vocabulary(tmp_path: Path) -> LocalVocabulary:
    lexical = made(tmp_path, [analyze(text) for text in TEXTS])
    return LocalVocabulary(lexical, TEXTS.__getitem__)


@given(st.lists(TERMS, min_size=1, max_size=30), TERMS, st.integers(1, 3))
def test_near_terms_are_those_within_so_many_edits(terms: list[str], word: str, most: int) -> None:
    with TemporaryDirectory() as folder:
        vocabulary = LocalVocabulary(made(Path(folder), [terms]), lambda _: "")
        letters = {word[0], "s"}
        assert vocabulary.near(word, letters, most) == sorted(
            term
            for term in {*terms}
            if term[0] in letters and OSA.distance(term.encode(), word.encode()) <= most
        )


def test_terms_are_counted(vocabulary: LocalVocabulary) -> None:
    assert vocabulary.passages == 4
    assert vocabulary.frequency("boat") == 4
    assert vocabulary.frequency("zebra") == 0


def test_forms_are_as_they_are_written(vocabulary: LocalVocabulary) -> None:
    assert vocabulary.forms("boat") == {"BOATS": 1, "boat": 1, "boating": 1, "boats": 1}
    assert vocabulary.forms("brixwold") == {"BRIXWOLD": 1, "Brixwold": 1}
    assert vocabulary.forms("skipper") == {"Skippers": 1, "skipper": 1}


def test_words_side_by_side(vocabulary: LocalVocabulary) -> None:
    assert vocabulary.side_by_side("salt", "works") == "salt-works"
    assert vocabulary.side_by_side("works", "salt") == ""
    assert vocabulary.side_by_side("salt", "zebra") == ""
    assert vocabulary.side_by_side("the", "works") == ""
