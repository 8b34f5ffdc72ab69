"""The backward chain of DDPM."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.samplers._base import SAMPLERS, Field, Sampler, State
from models.samplers._noise import Noise


@SAMPLERS.register
class Ancestral(Sampler):
    """Each step draws u_s from the law that noised data have between u_t and the data that the net believes in.

    q(u_s | u_t, u₀) is normal, with mean and variance in closed form; u₀ is replaced by E[u₀ | u_t]. Fresh noise
    enters at every step but the last. Where the model learnt a variance, that one is used.

    Source: Ho et al. 2020, arXiv:2006.11239, eq. 6 and 7, between any two times.
    """

    title: ClassVar[str] = "Ancestral (DDPM)"
    source: ClassVar[str] = "Ho et al. 2020, arXiv:2006.11239, eq. 6 and 7"
    formula: ClassVar[str] = r"u_s \sim q(u_s \,|\, u_t,\ \hat u_0(u_t, t))"
    order: ClassVar[int | None] = 1

    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """One draw."""
        before, after = field.process.at(state.time), field.process.at(to)
        ratio = before.alpha / after.alpha
        fresh = before.sigma**2 - ratio**2 * after.sigma**2
        share = after.sigma**2 / before.sigma**2
        mean = float(ratio * share) * state.u
        mean = mean + float(after.alpha * fresh / before.sigma**2) * field.denoised(state.u, state.time)
        return mean + float((fresh * share).sqrt()) * noise.draw(state.u)
