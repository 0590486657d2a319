"""The model in training: all-MiniLM-L6-v2 with low-rank changes, and what is asked of it.

Four losses, each a cross-entropy over scaled cosines, with the other questions of a batch and what
was mined for them as wrong answers:

* a question finds its passage among all passages;
* it finds the answering sentence among the sentences of all passages;
* the answering sentence finds its question, also among questions that it nearly answers;
* single words of question and sentence match (late interaction), in both directions.
"""

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel

from index.encoding.encoder import PassageText
from tests.tools.train.rows import Row

RANK = 32
# A passage is cut after this many tokens while training, a sentence read alone after fewer.
PASSAGE_TOKENS = 224
SENTENCE_TOKENS = 64
_SCALE, _WORD_SCALE = 20.0, 24.0
_SENTENCE_TO_QUESTION = 0.3
_WORDS = 0.7
_NEVER = -1e4


class LowRank(nn.Module):
    """A linear layer that is kept as it is, and a low-rank change that is learnt."""

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer
        self.inner = nn.Parameter(
            torch.randn(rank, layer.in_features) / math.sqrt(layer.in_features)
        )
        self.outer = nn.Parameter(torch.zeros(layer.out_features, rank))

    def forward(self, given: Tensor) -> Tensor:
        change: Tensor = (given @ self.inner.T) @ self.outer.T
        # The factor sets how fast the change is learnt compared to its size.
        return self.layer(given) + 2.0 * change  # type: ignore[no-any-return]


class Model:
    """The encoder in training."""

    def __init__(self, folder: Path) -> None:
        """Load the base model from a folder; nothing of it will change."""
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(PASSAGE_TOKENS)
        # Dropout costs half of a step on a processor, and two epochs overfit little.
        self.transformer: Any = AutoModel.from_pretrained(
            str(folder), hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
        )
        for weights in self.transformer.parameters():
            weights.requires_grad = False
        self.changes: dict[str, LowRank] = {}
        for number, layer in enumerate(self.transformer.encoder.layer):
            attention = layer.attention
            for owner, attribute, name in (
                (attention.self, "query", "attention.self.query"),
                (attention.self, "key", "attention.self.key"),
                (attention.self, "value", "attention.self.value"),
                (attention.output, "dense", "attention.output.dense"),
                (layer.intermediate, "dense", "intermediate.dense"),
                (layer.output, "dense", "output.dense"),
            ):
                change = LowRank(getattr(owner, attribute), RANK)
                setattr(owner, attribute, change)
                self.changes[f"encoder.layer.{number}.{name}"] = change

    @property
    def parameters(self) -> list[nn.Parameter]:
        """What is learnt."""
        return [each for c in self.changes.values() for each in (c.inner, c.outer)]

    def encode(self, texts: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
        """Return the vectors of each text's tokens (n × t × h), and which there are (n × t)."""
        longest = max(map(len, texts))
        ids = torch.zeros(len(texts), longest, dtype=torch.long)
        mask = torch.zeros(len(texts), longest, dtype=torch.long)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = torch.tensor(text)
            mask[row, : len(text)] = 1
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.transformer(input_ids=ids, attention_mask=mask).last_hidden_state
        return states.float(), mask

    def tokenize(self, text: str, most: int = PASSAGE_TOKENS) -> list[int]:
        """Return the tokens of a text."""
        ids: list[int] = self._tokenizer.encode(text).ids
        return ids[:most]

    def tokenize_passage(self, passage: PassageText) -> tuple[list[int], list[list[int]]]:
        """Return the tokens of a passage as it is encoded, and those of each of its sentences."""
        head = f"{passage.context}\n" if passage.context else ""
        encoding = self._tokenizer.encode(head + passage.text)
        places = [
            [
                place
                for place, (start, end) in enumerate(encoding.offsets)
                if end > start and span.start + len(head) <= start < span.end + len(head)
            ]
            for span in passage.sentences
        ]
        return encoding.ids, places

    def loss(self, batch: Sequence[Row], chance: random.Random) -> Tensor:
        """Return what is to be made less for a batch of rows."""
        return _Batch(self, batch, chance).loss()


class _Batch:
    """The questions, passages and sentences of a step, encoded."""

    def __init__(self, model: Model, rows: Sequence[Row], chance: random.Random) -> None:
        self._model, self._rows = model, rows
        wrong = [chance.choice(row.wrong) for row in rows if row.wrong]
        self._passages = [*(row.passage for row in rows), *(passage for passage, _ in wrong)]
        self._doc_ids = [*(row.doc_ids[0] for row in rows), *(doc_id for _, doc_id in wrong)]
        near = [chance.choice(row.near) for row in rows if row.near]
        self._questions = [model.tokenize(q) for q in (*(row.question for row in rows), *near)]
        self._question_states, mask = model.encode(self._questions)
        self._question_mask = mask
        self._question_vectors = _mean(self._question_states, mask)
        tokens = [model.tokenize_passage(each) for each in self._passages]
        states, mask = model.encode([ids for ids, _ in tokens])
        self._passage_vectors = _mean(states, mask)
        # A sentence beyond the last token that is read has no vector.
        self._places = [
            (passage, number)
            for passage, (_, sentences) in enumerate(tokens)
            for number, inside in enumerate(sentences)
            if inside
        ]
        self._sentence_vectors = functional.normalize(
            torch.stack([states[p, tokens[p][1][n]].mean(0) for p, n in self._places]), dim=-1
        )

    def loss(self) -> Tensor:
        count = len(self._rows)
        asked = self._question_vectors[:count]
        similar = asked @ self._passage_vectors.T * _SCALE
        same = torch.tensor(
            [
                [
                    place != row and doc_id in each.doc_ids
                    for place, doc_id in enumerate(self._doc_ids)
                ]
                for row, each in enumerate(self._rows)
            ]
        )
        total = functional.cross_entropy(similar.masked_fill(same, _NEVER), torch.arange(count))
        number = {place: n for n, place in enumerate(self._places)}
        known = [row for row, each in enumerate(self._rows) if (row, each.right[0]) in number]
        if not known:
            return total
        right = torch.tensor([number[row, self._rows[row].right[0]] for row in known])
        sentences = (asked @ self._sentence_vectors.T * _SCALE).masked_fill(self._also(), _NEVER)
        total = total + functional.cross_entropy(sentences[known], right)
        back = self._sentence_vectors[right] @ self._question_vectors.T * _SCALE
        repeated = self._repeated(known)
        total = total + _SENTENCE_TO_QUESTION * functional.cross_entropy(
            back.masked_fill(repeated, _NEVER), torch.tensor(known)
        )
        return total + _WORDS * self._words(known, right, sentences.detach(), repeated)

    def _also(self) -> Tensor:
        """Return which sentences are no wrong answers though they are not the asked one (b × s)."""
        return torch.tensor(
            [
                [
                    number in each.right[1:]
                    if passage == row
                    else self._doc_ids[passage] in each.doc_ids
                    for passage, number in self._places
                ]
                for row, each in enumerate(self._rows)
            ]
        )

    def _repeated(self, known: Sequence[int]) -> Tensor:
        """Return which other questions are about a question's own passage."""
        count = len(self._questions)
        ids = [row.passage_id for row in self._rows]
        return torch.tensor(
            [
                [
                    other != row and other < len(ids) and ids[other] == ids[row]
                    for other in range(count)
                ]
                for row in known
            ]
        )

    def _words(
        self, known: Sequence[int], right: Tensor, similar: Tensor, repeated: Tensor
    ) -> Tensor:
        """Return the loss of late interaction, with the two most tempting sentences of each."""
        tempting = similar.clone()
        tempting[known, right] = _NEVER
        others = {int(n) for row in known for n in tempting[row].topk(2).indices} - set(
            right.tolist()
        )
        chosen = [*right.tolist(), *sorted(others)]
        texts = []
        for passage, number in (self._places[n] for n in chosen):
            words = self._passages[passage]
            texts.append(words.sentences[number].of(words.text))
        ids = [self._model.tokenize(text, SENTENCE_TOKENS) for text in texts]
        states, mask = self._model.encode(ids)
        inside = _without_ends(mask, ids)
        asked = _without_ends(self._question_mask, self._questions)
        pairs = torch.einsum(
            "qih,sjh->qsij",
            functional.normalize(self._question_states, dim=-1),
            functional.normalize(states, dim=-1),
        )
        best = pairs.masked_fill(inside[None, :, None, :] == 0, -1.0).max(-1).values
        scores = (best * asked[:, None, :]).sum(-1) / asked.sum(-1)[:, None].clamp(min=1)
        scores = scores * _WORD_SCALE
        also = self._also()[known][:, chosen]
        own = torch.arange(len(known))
        there = functional.cross_entropy(scores[known].masked_fill(also, _NEVER), own)
        back = scores[:, : len(known)].T.masked_fill(repeated, _NEVER)
        return there + _SENTENCE_TO_QUESTION * functional.cross_entropy(back, torch.tensor(known))


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    total = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    return functional.normalize(total, dim=-1)


def _without_ends(mask: Tensor, texts: Sequence[list[int]]) -> Tensor:
    """Return a mask without the tokens that open and close each text."""
    inside = mask.clone()
    inside[:, 0] = 0
    for row, text in enumerate(texts):
        inside[row, len(text) - 1] = 0
    return inside
