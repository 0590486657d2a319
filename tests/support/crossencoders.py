"""A small cross-encoder with random weights, made here."""

import warnings
from pathlib import Path

WORDS = "the lamp oil was dear in spring harbour dues rice navy kerosene ledger copied".split()


def save_crossencoder(folder: Path, *, seed: int = 11, labels: int = 1) -> Path:
    """Save a CrossEncoder of two layers with random weights; returns its folder."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    with warnings.catch_warnings():
        # The libraries' notes to their own developers.
        warnings.simplefilter("ignore")
        folder.mkdir(parents=True, exist_ok=True)
        letters = [f"{mark}{chr(code)}" for code in range(33, 127) for mark in ("", "##")]
        vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *letters]
        (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", "utf-8")
        BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64).save_pretrained(
            str(folder)
        )
        torch.manual_seed(seed)
        config = BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
            num_labels=labels,
            # Random weights of the usual size would give all pairs nearly the same score.
            initializer_range=0.3,
        )
        BertForSequenceClassification(config).save_pretrained(str(folder))
    return folder
