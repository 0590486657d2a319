"""The encoder: a sentence-transformers model, exported to ONNX and run without torch.

An export is a folder with everything that a question needs: `model.onnx` (weights of 8 or 7 bits
if that agrees with the original, else float32), `tokenizer.json`, `dense.npz` for a model with
layers after pooling, and `encoder.json` with its name, pooling, prompts and lengths. On a machine
with a GPU it also has `float32.onnx`, for passages.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from corpus.documents import Span
from corpus.errors import DamagedIndex
from index.encoding.background import measure_background
from index.encoding.cosine_scale import Background
from index.encoding.encoder import (
    JAPANESE,
    MIN_AGREEMENT,
    PROBES,
    Encoded,
    EncoderSettings,
    PassageText,
)
from index.encoding.pooling import Dense, Pooling, Vectors
from index.encoding.sessions import accelerator, cores, open_session
from index.storage.checksummed import Sealed

# The tokens of an accelerator's batch, padding included, of texts of similar length; and the texts
# that are sorted by length at a time.
_BATCH_TOKENS = 16_384
_WINDOW = 1_024
# The same on a CPU, for texts of equal length: short ones share the reading of the weights, and
# longer ones gain nothing.
_CPU_BATCH_TOKENS = 256
_CPU_WINDOW = 256
# The texts whose token vectors are cached.
_REMEMBERED = 16
# The tokens of a text without any.
_NOTHING = [0]
# A text with a greater share of unknown tokens is in a language unknown to the model.
_MOST_UNKNOWN = 0.1


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A passage's tokens, and the spans of its sentences in the same offsets."""

    ids: list[int]
    offsets: list[tuple[int, int]]
    sentences: tuple[Span, ...]


class OnnxEncoder:
    """An exported model, loaded in a fraction of a second."""

    def __init__(self, folder: Path, *, threads: int = 0, sealed: bool = True) -> None:
        """Load the model in `folder`; `threads` encode passages, 0 means one per core.

        Every byte is verified first, unless the export is not `sealed` yet: altered weights would
        give wrong vectors without an error.
        Raises DamagedIndex if the export is incomplete or altered.
        """
        self.folder = folder
        self._threads = threads or cores()
        try:
            if sealed:
                Sealed(folder).verify_all()
            self.settings = _read_settings(folder)
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._pooling = Pooling(self.settings.pooling, _read_layers(folder, self.settings))
            self._session = open_session(folder / "model.onnx")
        except Exception as error:
            # Each library has its own errors for a missing or broken file.
            raise DamagedIndex(
                f"The encoder in {folder} cannot be loaded.", "memcon index build --force"
            ) from error
        self._tokenizer.enable_truncation(self.settings.max_tokens)
        self._tokenizer.no_padding()
        # A question is encoded for its own vector, and again to match words of answers.
        self._read = lru_cache(maxsize=_REMEMBERED)(self._run_text)
        self._unknown = "[UNK]" if self._tokenizer.token_to_id("[UNK]") is not None else "<unk>"

    @property
    def identity(self) -> str:
        """See `EncoderSettings.identity`."""
        return self.settings.identity

    @property
    def device(self) -> str:
        """The device that encodes passages: "CPU", or an accelerator such as "CUDA"."""
        accelerated = self._accelerated
        provider = accelerated.get_providers()[0] if accelerated else "CPUExecutionProvider"
        return str(provider).removesuffix("ExecutionProvider")

    @cached_property
    def background(self) -> Background:
        """The scale of the model's cosines, measured now if the export lacks it."""
        if self.settings.background:
            return self.settings.background
        return measure_background(self)

    def encode_query(self, question: str) -> Vectors:
        """Return the unit vector (d) of a question."""
        return self._pooling.pool(self._read(self.settings.query_prompt + question)[1])

    def encode_tokens(self, text: str) -> tuple[list[tuple[int, int]], Vectors]:
        """Return the offsets of a text's tokens, and their unit vectors (t × h)."""
        offsets, states = self._read(text)
        # Start and end markers have no characters.
        kept = [place for place, (start, end) in enumerate(offsets) if end > start]
        lengths = np.maximum(np.linalg.norm(states[kept], axis=1, keepdims=True), 1e-12)
        units: Vectors = (states[kept] / lengths).astype(np.float32)
        return [offsets[place] for place in kept], units

    def reads(self, text: str) -> bool:
        """Return whether the model knows the language of a text by more than its single letters.

        Chinese characters and kana are judged together with a Japanese sentence: a model without
        Japanese knows a few characters, but no words.
        """
        asian = sum(char > "\u2e80" for char in text) > 0.3 * len(text)
        tokens = self._tokenizer.encode(text + JAPANESE if asian else text).tokens
        return bool(tokens.count(self._unknown) <= _MOST_UNKNOWN * len(tokens))

    def knows(self, word: str) -> bool:
        """Return whether a word is a single token, as frequent words of its language are."""
        tokens = self._tokenizer.encode(word, add_special_tokens=False).tokens
        return len(tokens) == 1 and tokens[0] != self._unknown

    def encode_passages(
        self, passages: Iterable[PassageText], progress: Callable[[int], None] = lambda _: None
    ) -> Iterator[Encoded]:
        """Yield the vectors of each passage, in order; `progress` is called with 1 for each.

        Passages are consumed as needed, some hundreds ahead.
        """
        accelerated = self._accelerated
        encode = (
            self._encode_batches(accelerated, passages)
            if accelerated
            else self._encode_each(passages)
        )
        for encoded in encode:
            yield encoded
            progress(1)

    def _run_text(self, text: str) -> tuple[list[tuple[int, int]], Vectors]:
        """Return the offsets of a text's tokens, and their vectors (t × h)."""
        encoding = self._tokenizer.encode(text)
        return encoding.offsets, _run(self._session, [encoding.ids or _NOTHING])[0]

    def _encode_each(self, passages: Iterable[PassageText]) -> Iterator[Encoded]:
        """Run short passages of equal length together on one thread, several batches in parallel.

        This needs no padding, keeps a batch in the cache of one core, and gives the same vectors
        for any number of threads and any other passages.
        """
        # Float products of several texts may have other last bits than those of one.
        most = _CPU_BATCH_TOKENS if self.settings.weights.startswith("int") else 0
        waiting: deque[list[tuple[list[int], Future[list[Encoded]]]]] = deque()
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="encoder")
        try:
            for window in self._tokenize_windows(passages, _CPU_WINDOW):
                batches = make_batches([len(each.ids) for each in window], most, equal=True)
                waiting.append(
                    [
                        (batch, pool.submit(self._encode_batch, self._session, window, batch))
                        for batch in batches
                    ]
                )
                # The threads work on one window while the results of another are consumed.
                if len(waiting) > 1:
                    yield from _in_order((b, each.result()) for b, each in waiting.popleft())
            while waiting:
                yield from _in_order((b, each.result()) for b, each in waiting.popleft())
        finally:
            pool.shutdown(cancel_futures=True)

    def _encode_batches(
        self, session: onnxruntime.InferenceSession, passages: Iterable[PassageText]
    ) -> Iterator[Encoded]:
        """Run passages of similar length together, which is fast on an accelerator."""
        for window in self._tokenize_windows(passages, _WINDOW):
            batches = make_batches([len(each.ids) for each in window], _BATCH_TOKENS)
            yield from _in_order(
                (batch, self._encode_batch(session, window, batch)) for batch in batches
            )

    def _tokenize_windows(
        self, passages: Iterable[PassageText], size: int
    ) -> Iterator[list[_Tokens]]:
        rest = iter(passages)
        while window := [self._tokenize(each) for each in islice(rest, size)]:
            yield window

    def _encode_batch(
        self, session: onnxruntime.InferenceSession, window: Sequence[_Tokens], batch: list[int]
    ) -> list[Encoded]:
        states = _run(session, [window[number].ids for number in batch])
        return [self._pool(row, window[number]) for number, row in zip(batch, states, strict=True)]

    def _tokenize(self, passage: PassageText) -> _Tokens:
        prompt = self.settings.passage_prompt
        head = f"{prompt}{passage.context}\n" if passage.context else prompt
        encoding = self._tokenizer.encode(head + passage.text)
        shift = len(head)
        sentences = (Span(each.start + shift, each.end + shift) for each in passage.sentences)
        return _Tokens(encoding.ids or _NOTHING, encoding.offsets, tuple(sentences))

    def _pool(self, states: Vectors, tokens: _Tokens) -> Encoded:
        passage = self._pooling.pool(states)
        return Encoded(
            passage,
            self._pooling.pool_sentences(states, tokens.offsets, tokens.sentences, passage),
        )

    @cached_property
    def _accelerated(self) -> onnxruntime.InferenceSession | None:
        """The float32 graph on an accelerator, if one exists and agrees with the CPU.

        Accelerators' integer kernels do not scale each token, so that the integer graph is no use.
        """
        provider, graph = accelerator(), self.folder / "float32.onnx"
        if provider is None or not graph.is_file():
            return None
        try:
            session = open_session(graph, provider)
            if session.get_providers()[0] != provider:
                # Its libraries are incomplete: onnxruntime fell back to the CPU.
                return None
            plain = [PassageText("", probe, ()) for probe in PROBES]
            pairs = zip(self._encode_batches(session, plain), self._encode_each(plain), strict=True)
            agreement = min(float(ours.passage @ theirs.passage) for ours, theirs in pairs)
        except Exception:  # noqa: BLE001 - drivers raise errors of any kind; the CPU remains
            return None
        return session if agreement >= MIN_AGREEMENT else None


def make_batches(lengths: Sequence[int], most: int, *, equal: bool = False) -> Iterator[list[int]]:
    """Yield the numbers of texts of these lengths, in batches of like length, or of `equal` length.

    `most` is the number of tokens in a batch, padding included; a longer text is a batch by itself.
    """
    batch: list[int] = []
    # The longest first, so that a lack of memory shows at once.
    for number in sorted(range(len(lengths)), key=lambda number: -lengths[number]):
        if batch and (
            (len(batch) + 1) * lengths[batch[0]] > most
            or (equal and lengths[number] != lengths[batch[0]])
        ):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _in_order(batches: Iterable[tuple[list[int], list[Encoded]]]) -> Iterator[Encoded]:
    """Yield the vectors of a window's batches in the order of their numbers."""
    found: dict[int, Encoded] = {}
    for batch, encoded in batches:
        found.update(zip(batch, encoded, strict=True))
    return (found[number] for number in range(len(found)))


def _run(session: onnxruntime.InferenceSession, texts: Sequence[list[int]]) -> list[Vectors]:
    """Return the token vectors (t × h) of each text."""
    longest = max(map(len, texts))
    shape = len(texts), longest
    ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    given = {
        "input_ids": ids,
        "attention_mask": mask,
        "token_type_ids": np.zeros(shape, np.int64),
        "position_ids": np.broadcast_to(np.arange(longest), shape),
    }
    wanted = {item.name: given[item.name] for item in session.get_inputs()}
    states = session.run(None, wanted)[0]
    return [states[row, : len(text)] for row, text in enumerate(texts)]


def _read_settings(folder: Path) -> EncoderSettings:
    known = json.loads((folder / "encoder.json").read_text("utf-8"))["settings"]
    # Exports of older versions have no background, or another one.
    if (known.get("background") or {}).keys() != {each.name for each in fields(Background)}:
        known["background"] = None
    return msgspec.convert(known, EncoderSettings)


def _read_layers(folder: Path, settings: EncoderSettings) -> tuple[Dense, ...]:
    if not settings.dense:
        return ()
    with np.load(folder / "dense.npz") as arrays:
        return tuple(
            Dense(arrays[f"weights{number}"], arrays[f"bias{number}"], activation)
            for number, activation in enumerate(settings.dense.split("+"))
        )
