"""The backward chain of DDPM."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.samplers._base import SAMPLERS, Field, State, Stepper
from models.samplers._noise import Noise
from models.schedules import Reversal


@SAMPLERS.register
class Ancestral(Stepper):
    """Each step draws u_s from the law that noised data have between u_t and the data that the net believes in.

    q(u_s | u_t, u₀) is normal, with mean and variance in closed form; u₀ is replaced by E[u₀ | u_t]. Fresh noise
    enters at every step but the last. Where the model learnt a variance, that one is used.

    Source: Ho et al. 2020, arXiv:2006.11239, eq. 6 and 7, between any two times; a learnt variance: Nichol and
    Dhariwal 2021, arXiv:2102.09672, eq. 15.
    """

    title: ClassVar[str] = "Ancestral (DDPM)"
    source: ClassVar[str] = "Ho et al. 2020, arXiv:2006.11239, eq. 6 and 7"
    formula: ClassVar[str] = r"u_s \sim q(u_s \,|\, u_t,\ \hat u_0(u_t, t))"
    order: ClassVar[int | None] = 1

    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """One draw."""
        law = Reversal.between(field.process.at(state.time), field.process.at(to))
        mean = float(law.place) * state.u + float(law.data) * field.denoised(state.u, state.time)
        return mean + _deviation(law, field.spread(state.u, state.time)) * noise.draw(state.u)


def _deviation(law: Reversal, spread: Tensor | None) -> Tensor | float:
    """Standard deviation of a step; a learnt variance lies between the two ends in its logarithm."""
    if spread is None:
        return float(law.least.sqrt())
    low, high = float(law.least.log()), float(law.greatest.log())
    return torch.exp(0.5 * (low + (high - low) * spread))
