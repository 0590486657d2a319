"""The best of many scores, ties by place, so that rankings are deterministic."""

import numpy as np
from numpy.typing import NDArray

_GROUP = 64


def best_of(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the places of the `k` highest scores, highest first, equal ones by place."""
    places = np.flatnonzero(scores >= _floor(scores, k)) if k < len(scores) else None
    if places is None:
        places = np.arange(len(scores))
    elif len(places) > k:
        # All that tie with the k-th are candidates, so that ties at the cut are also by place.
        few = scores[places]
        places = places[few >= np.partition(few, len(few) - k)[len(few) - k]]
    order = np.lexsort((places, -scores[places]))
    return places[order][:k]


def _floor(scores: NDArray[np.float32], k: int) -> float:
    """Return a score that at least `k` reach, and few more: the k-th highest maximum of groups."""
    groups = len(scores) // _GROUP
    if groups < k:
        return float(scores.min())
    # Groups are strided: numpy finds such maxima several times as fast.
    best = scores[: groups * _GROUP].reshape(_GROUP, groups).max(axis=0)
    return float(np.partition(best, groups - k)[groups - k])
