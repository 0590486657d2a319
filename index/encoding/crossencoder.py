"""Cross-encoders: models that score a question and a text together.

It is a sentence-transformers CrossEncoder, exported to ONNX and run without torch. An export is a
folder of `model.onnx`, `tokenizer.json` and `crossencoder.json`.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from corpus.errors import DamagedIndex
from index.encoding.calibration import Calibration
from index.encoding.sessions import cores, open_session
from index.storage.checksummed import Sealed

SETTINGS = "crossencoder.json"


@dataclass(frozen=True, slots=True)
class CrossEncoderSettings:
    """Properties of an exported model; `sha256` is of the files that its scores depend on.

    `name` is the name or path as given. `agreement` is 1 less the greatest difference from the
    original's scores, as a share of their range. `calibrated` identifies the calibration of the
    scores for confidence, None without one.
    """

    name: str
    weights: str
    agreement: float
    max_tokens: int
    sha256: str
    calibrated: str | None = None


class CrossEncoder:
    """An exported cross-encoder; safe to use from several threads."""

    def __init__(self, folder: Path, *, sealed: bool = True) -> None:
        """Load the model in `folder`, verified unless the export is not `sealed` yet.

        Raises DamagedIndex if the export is incomplete or altered.
        """
        self.folder = folder
        try:
            if sealed:
                Sealed(folder).verify_all()
            known = json.loads((folder / SETTINGS).read_text("utf-8"))
            self.settings = CrossEncoderSettings(**known)
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = open_session(folder / "model.onnx")
        except Exception as error:
            # Each of the libraries has its own errors for a missing or broken file.
            raise DamagedIndex(f"The reranker in {folder} cannot be loaded.") from error
        self._tokenizer.enable_truncation(self.settings.max_tokens, strategy="longest_first")
        self._tokenizer.no_padding()
        self._inputs = {item.name for item in self._session.get_inputs()}
        self.calibration: Calibration | None = None

    def use(self, calibration: Calibration | None) -> None:
        """Use a calibration of the scores for confidence, or none."""
        self.calibration = calibration
        identity = calibration.identity if calibration else None
        self.settings = replace(self.settings, calibrated=identity)

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the relevance of n texts to a question, as logits (n).

        Each runs by itself on one thread, so that its score does not depend on the others.
        """
        if not texts:
            return np.empty(0)
        with ThreadPoolExecutor(min(cores(), len(texts)), "crossencoder") as pool:
            return np.array([*pool.map(lambda text: self._score_one(question, text), texts)])

    def _score_one(self, question: str, text: str) -> float:
        encoding = self._tokenizer.encode(question, text)
        given = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
            "position_ids": range(len(encoding.ids)),
        }
        arrays = {name: np.array([[*given[name]]], np.int64) for name in self._inputs}
        return float(self._session.run(None, arrays)[0][0, 0])
