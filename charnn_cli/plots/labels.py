"""Labels that do not cover each other."""

import numpy as np
from numpy.typing import NDArray

ROUNDS = 300
STEP = 0.5  # of an overlap, a round


def moved_apart(centres: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """New centres (N, 2) of boxes of the given sizes (N, 2): pairs that overlap are pushed apart, others stay.

    Each pair moves along the axis on which less is needed; a pair on one spot parts by its order. Boxes are kept
    within the unit square, so that with too many of them some overlap remains.
    """
    places = centres.astype(np.float64).copy()
    first, second = np.triu_indices(len(places), 1)
    reach = (sizes[first] + sizes[second]) / 2  # (P, 2)
    for _ in range(ROUNDS):
        apart = places[second] - places[first]
        overlap = reach - np.abs(apart)  # (P, 2)
        touching = (overlap > 1e-9).all(axis=1)
        if not touching.any():
            break
        axis = overlap[touching].argmin(axis=1)
        rows = np.arange(len(axis))
        side = np.where(apart[touching][rows, axis] < 0, -1.0, 1.0)
        push = STEP * side * (overlap[touching][rows, axis] + 1e-6) / 2
        np.subtract.at(places, (first[touching], axis), push)
        np.add.at(places, (second[touching], axis), push)
        places = np.clip(places, sizes / 2, 1 - sizes / 2)
    return places
