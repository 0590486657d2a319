"""Late interaction over the real encoder."""

from dataclasses import replace

import pytest

from index.answering.late_interaction import Interaction, Similarity
from index.encoding.cosine_scale import relative
from index.retrieval.archive import Archive


def compare(question: str, archive: Archive) -> Interaction:
    asked = archive.parse_query(question).asked
    return Interaction(asked, asked.weights, archive.encoder)


def test_words_are_nearest_to_themselves(records: Archive) -> None:
    question = "Where was the ledger found?"
    interaction, background = compare(question, records), records.encoder.background
    same = interaction.match(question)
    assert same.mean == pytest.approx(relative(1, background.words), abs=0.1)
    assert same.least == pytest.approx(relative(1, background.word), abs=0.1)
    near = interaction.match("The ledger was found in Hakodate in 1958.")
    far = interaction.match("Whale oil burned in the lamp.")
    assert same.mean > near.mean > far.mean
    assert same.least > near.least > far.least


def test_what_has_no_word_that_counts_matches_nothing(records: Archive) -> None:
    asked = records.parse_query("Where was the ledger found?").asked
    silent = Interaction(replace(asked, weights={}), {}, records.encoder)
    assert silent.match("The ledger was found.") == Similarity(0.0, 0.0)
    assert compare("Where was the ledger found?", records).match("") == Similarity(0.0, 0.0)


def test_the_least_matched_word_counts_no_more_than_all_on_average(records: Archive) -> None:
    interaction = compare("Who carried the frozen herring?", records)
    stranger = interaction.match("The keeper carried the herring to the mill.")
    assert stranger.least < interaction.match("He carried the frozen herring.").least
