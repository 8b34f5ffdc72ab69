"""The way that one place goes at a time: on to the data, and back to the source where that is decided."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from models.families._denoising import DenoisingModel
from models.observations._base import Array, plain
from models.observations._picture_units import PictureUnits
from models.samplers import Field, Keyed, Sampler, State
from models.samplers._base import SAME

DRAWS: Final = 8
"""Ways that are drawn where chance decides."""

REFINED: Final = 20
"""Newton steps at most by which one step of a sampler is undone."""

WILD: Final = 4
"""Of these, the first may lead away; a later one that does is the last."""

CLOSE: Final = 1e-5
"""A step is undone when it leads back so near, in units of the process or, far out, of the place's own size."""

NUDGE: Final = 1e-2
"""By how much a coordinate is moved to see how the step's end moves."""


def path_answer(model: DenoisingModel, x: Tensor, time: float, noise: Tensor, label: int = -1) -> dict[str, Array]:
    """The way of the sampler through a place.

    Args:
        model: with a sampler.
        x: the place, shape (1, d), data units, divided by √(α² + σ²) where pictures are.
        time: t at which it is there.
        noise: latent samples that decide where fresh noise leads, shape (``DRAWS``, k) or more.
        label: class of the sample, −1 for any.

    Returns:
        ``times``, shape (S,), falling, from 1, or from ``time`` where chance enters at each step; ``path``,
        shape (S, d), data units as above; ``others``, shape (K, S, d): further draws, none where nothing is left to
        chance; ``at``, shape (), which of the S the place is. Nothing where the way leads beyond all numbers.
    """
    units = PictureUnits.of(model)
    here = State(time, units.inward(x, units.shrinkage(time)))
    decided = model.sampler.is_deterministic
    keys = noise[: 1 if decided else DRAWS]
    before = undone(model.sampler, _field(model, label, model.dimension + 1), here) if decided else []
    start = State(time, here.u.expand(len(keys), -1))
    after = list(model.sampler.onward(_field(model, label, len(keys)), start, Keyed(keys)))
    *noised, data = [*before, *after]
    places = [units.outward(u, units.shrinkage(t)) for t, u in noised]
    ways = torch.stack([*places, units.outward(data.u)], 1)
    if not bool(ways.isfinite().all()):
        return {}
    return {
        "times": np.array([t for t, _ in (*noised, data)], np.float32),
        "path": plain(ways[0]),
        "others": plain(ways[1:]),
        "at": np.array(len(before), np.int64),
    }


def undone(sampler: Sampler, field: Field, state: State) -> list[State]:
    """The places that a sampler without chance has come through, from t = 1 on, the present one left out.

    Each step is undone by Newton's method, for the way back is not the same steps with the sign turned.

    Args:
        sampler: a deterministic one.
        field: takes d + 1 rows at once.
        state: one row.
    """
    states: list[State] = []
    for later in sorted(sampler.times(field.process)):
        if later > state.time + SAME:
            state = _undo(sampler, field, state, later)
            states.append(state)
    return states[::-1]


def _undo(sampler: Sampler, field: Field, state: State, later: float) -> State:
    """Where a step from ``later`` begins that ends here: as good as found, if the steps are too long to be undone."""
    still, d = Keyed(state.u), state.u.shape[1]
    guess = state.u + (later - state.time) * field.velocity(state.u.expand(d + 1, -1), state.time)[:1]
    best, least, close = guess, float("inf"), CLOSE * max(1.0, float(state.u.abs().max()))
    nudges = torch.cat([torch.zeros_like(guess), NUDGE * torch.eye(d)])
    for trial in range(REFINED):
        ends = sampler.step(field, State(later, guess + nudges), state.time, still)
        miss = ends[:1] - state.u
        gap, before = float(miss.abs().max()), least
        if gap < least:
            best, least = guess, gap
        if gap < close or (trial >= WILD and gap > before) or not bool(ends.isfinite().all()):
            break
        guess = guess - _solve((ends[1:] - ends[:1]) / NUDGE, miss)
    return State(later, best)


def _solve(slopes: Tensor, miss: Tensor) -> Tensor:
    """By how much to move, shape (1, d), so that the end moves by ``miss``; rows of ``slopes`` belong to the moves."""
    return torch.linalg.lstsq(slopes.T.double(), miss.T.double()).solution.T.to(miss)


def _field(model: DenoisingModel, label: int, rows: int) -> Field:
    return model.field(None if label < 0 else torch.full((rows,), label))
