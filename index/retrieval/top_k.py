"""The best of many scores, ties by place, so that rankings are deterministic."""

import numpy as np
from numpy.typing import NDArray

_GROUP = 64
# With fewer groups than this, one partition of all scores is faster.
_FEWEST = 32
# Reading all scores again is faster than gathering more than this share of them.
_FEW = 1 / 16


def best_of(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the places of the `k` highest scores, highest first, equal ones by place."""
    places = _candidates(scores, k) if k < len(scores) else np.arange(len(scores))
    few = scores[places]
    if len(places) > k:
        # All that tie with the k-th are candidates, so that ties at the cut are also by place.
        kept = few >= _highest(few, k)
        places, few = places[kept], few[kept]
    return places[(-few).argsort(kind="stable")[:k]]


def _candidates(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the places, ascending, of all scores that reach the `k`-th highest, and of others."""
    groups = len(scores) // _GROUP
    if groups < max(k, _FEWEST):
        floor = _highest(scores, k)
    else:
        # Groups are strided: numpy finds such maxima several times as fast.
        maxima = scores[: groups * _GROUP].reshape(_GROUP, groups).max(axis=0)
        # At least `k` scores reach the k-th highest maximum.
        floor = _highest(maxima, k)
        chosen = np.flatnonzero(maxima >= floor)
        if len(chosen) <= _FEW * groups:
            members = np.arange(0, groups * _GROUP, groups)[:, None] + chosen
            return np.concatenate([members.ravel(), np.arange(groups * _GROUP, len(scores))])
    reached: NDArray[np.int64] = (scores >= floor).nonzero()[0]
    return reached


def _highest(scores: NDArray[np.float32], k: int) -> np.float32:
    """Return the `k`-th highest score."""
    highest: np.float32 = np.partition(scores, len(scores) - k)[len(scores) - k]
    return highest
