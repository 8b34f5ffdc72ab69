"""The noising process run backwards in time, and the correction of a sample at one time."""

from __future__ import annotations

import math

from torch import Tensor

from models.samplers._base import Field, State
from models.samplers._noise import Noise


def reverse_step(field: Field, state: State, to: float, noise: Noise) -> Tensor:
    """One Euler–Maruyama step of du = (f u − g² ∇ log p_t) dt + g dw̄ to an earlier time, shape (N, d).

    The drift is written as that of the probability flow, f u − ½ g² ∇ log p_t, and half of g² times the score once
    more. A step that ends where no noise is left brings none.

    Source: Song et al. 2021, arXiv:2011.13456, eq. 6.
    """
    level, length = field.process.at(state.time), state.time - to
    clean, hidden = field.split(state.u, state.time)
    half = float(level.diffusion / (2 * level.sigma))
    moved = state.u - length * (level.velocity(clean, hidden) + half * hidden)
    if not float(field.process.at(to).sigma):
        return moved
    return moved + math.sqrt(length * float(level.diffusion)) * noise.draw(state.u)


def langevin_step(field: Field, state: State, size: float, noise: Noise) -> Tensor:
    """One step u + ½ c σ² ∇ log p_t(u) + √c σ ξ at the state's own time, shape (N, d).

    Many of them bring any sample to the law p_t, but for an error of the size of c.

    Args:
        field: says ∇ log p_t = −E[ε|u]/σ.
        state: where samples are.
        size: c, the step in units of σ².
        noise: ξ.

    Source: Song and Ermon 2019, arXiv:1907.05600, eq. 4.
    """
    sigma = float(field.process.at(state.time).sigma)
    hidden = field.split(state.u, state.time)[1]
    return state.u - 0.5 * size * sigma * hidden + math.sqrt(size) * sigma * noise.draw(state.u)
