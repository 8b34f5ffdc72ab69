"""Denoising diffusion implicit models: the same margins as the chain, with as much fresh noise as one likes."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.registry import option
from models.samplers._base import SAMPLERS, Field, State, Stepper
from models.samplers._noise import Noise


@SAMPLERS.register
class Ddim(Stepper):
    """The net says which data and which noise are in u_t; both are mixed anew in the proportions of the earlier time.

    A part τ of the noise can be replaced by fresh one. η = 0: none, so that noise and data belong together one to one,
    and few steps do; η = 1: as much as in the chain of DDPM, whose step this then is.

    Source: Song, Meng and Ermon 2021, Denoising diffusion implicit models, arXiv:2010.02502, eq. 12 and 16.
    """

    title: ClassVar[str] = "DDIM"
    source: ClassVar[str] = "Song, Meng and Ermon 2021, arXiv:2010.02502, eq. 12 and 16"
    formula: ClassVar[str] = (
        r"u_s = \alpha_s \hat u_0 + \sqrt{\sigma_s^2 - \tau^2}\, \hat\varepsilon + \tau z,\quad "
        r"\tau^2 = \eta^2\, \frac{\sigma_s^2}{\sigma_t^2} "
        r"\left(\sigma_t^2 - \frac{\alpha_t^2}{\alpha_s^2} \sigma_s^2\right)"
    )
    capabilities: ClassVar[frozenset[str]] = frozenset({"deterministic"})
    order: ClassVar[int | None] = 1

    eta: float = option(
        0.0, label="fresh noise", symbol="η", low=0.0, high=1.0, live=True,
        help="0 adds no fresh noise on the way, 1 as much as the chain of DDPM.",
    )  # fmt: skip

    @property
    def is_deterministic(self) -> bool:
        """With η = 0."""
        return self.eta == 0

    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """Data and noise in the proportions of the earlier time."""
        before, after = field.process.at(state.time), field.process.at(to)
        clean, hidden = field.split(state.u, state.time)
        fresh = before.sigma**2 - (before.alpha / after.alpha) ** 2 * after.sigma**2
        replaced = self.eta**2 * fresh * after.sigma**2 / before.sigma**2
        moved = float(after.alpha) * clean + float((after.sigma**2 - replaced).sqrt()) * hidden
        return moved if self.is_deterministic else moved + float(replaced.sqrt()) * noise.draw(state.u)
