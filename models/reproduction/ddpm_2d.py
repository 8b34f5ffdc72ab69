"""Diffusion in the plane, where all is known: the error of samplers, that of nets, and the likelihood of either."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final
from typing import Protocol as Shape

import torch

from models.data.moons import Moons
from models.data.ring import Ring
from models.reproduction._base import PROTOCOLS, Progress, Protocol, Row, Trial, chance_of
from models.reproduction._exact_sampling import PRESERVING, ExactSampling
from models.reproduction._flow_likelihood import ExactLikelihood, LearntLikelihood
from models.reproduction._learnt_diffusion import LearntDiffusion
from models.schedules import SCHEDULES, NoiseProcess

EIGHT: Final = Ring(radius=5.0, std=0.562)
MOONS: Final = Moons(noise=0.2, scale=3.0)

ENTROPY: Final = 3.763
"""Of the 8 Gaussians, nats, by quadrature."""

NET: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "architecture": {"key": "mlp", "width": 96, "depth": 3},
        "optimizer": {"key": "adam", "lr": 5e-3, "beta1": 0.9, "schedule": "cosine", "ema": 0.999},
        "batch_size": 512,
        "steps": 3_000,
    }
)

LIKELY: Final[Mapping[str, Any]] = MappingProxyType(
    {
        **NET,
        "architecture": {"key": "mlp", "width": 64, "depth": 3, "activation": "silu"},
        "family": {"key": "flow_matching", "place_features": 3},
        "steps": 12_000,
    }
)


class Part(Shape):
    """What is tried in one case."""

    def trial(self, seed: int, budget: float, chance: torch.Generator, progress: Progress) -> Trial:
        """One seed; ``chance`` is for judging."""
        ...

    def rows(self, protocol: Protocol, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """The rows of the case."""
        ...


def _diffusion(data: Ring | Moons, schedule: str, prediction: str) -> LearntDiffusion:
    family = {"key": "diffusion", "levels": 50, "schedule": schedule, "prediction": prediction, "place_features": 3}
    return LearntDiffusion(data, {**family, "sampler": {"key": "ancestral", "steps": 50}}, NET)


CASES: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "exact score, 8 Gaussians": ExactSampling(EIGHT),
        "exact score, moons": ExactSampling(MOONS),
        "DDPM on 8 Gaussians, T = 50, linear, ε": _diffusion(EIGHT, "linear", "noise"),
        "DDPM on 8 Gaussians, T = 50, cosine, ε": _diffusion(EIGHT, "cosine", "noise"),
        "DDPM on 8 Gaussians, T = 50, cosine, v": _diffusion(EIGHT, "cosine", "v"),
        "DDPM on moons, T = 50, linear, ε": _diffusion(MOONS, "linear", "noise"),
        "DDPM on moons, T = 50, cosine, v": _diffusion(MOONS, "cosine", "v"),
        "likelihood of the exact field, 8 Gaussians, VP": ExactLikelihood(EIGHT, PRESERVING),
        "likelihood of the exact field, 8 Gaussians, straight": ExactLikelihood(
            EIGHT, NoiseProcess(SCHEDULES["straight"]())
        ),
        "likelihood of the exact field, moons, VP": ExactLikelihood(MOONS, PRESERVING),
        "likelihood of flow matching, 8 Gaussians": LearntLikelihood(LIKELY, EIGHT, ENTROPY),
    }
)


@PROTOCOLS.register
class Ddpm2d(Protocol):
    """Diffusion on 8 Gaussians and on moons, with the error of the sampler and that of learning told apart.

    Every sampler is run on the exact score, which mixtures and noisy curves have in closed form, until its distance
    from the data is that of two samples of the data. Nets are then trained, and stand beside the exact field with the
    same sampler. The probability-flow equation tells log p of either.

    Distances are between samples with equally many points of each class: otherwise chance in the counts of the modes
    would hide what is to be seen (.60 ± .06 between two samples of 1,000 points, instead of .25 ± .01).

    Source: tiny-diffusion (github.com/tanelp), from which T = 50 and the linear schedule are taken, has pictures and no
    numbers; the laws are torchcfm's.
    """

    title: ClassVar[str] = "Diffusion in the plane"
    source: ClassVar[str] = (
        "tiny-diffusion (pictures, no numbers); laws of torchcfm; Song et al. 2021, arXiv:2011.13456"
    )
    scaled: ClassVar[str] = "The source prints no numbers: everything is held to closed forms and floors instead."
    seconds: ClassVar[float] = 80.0

    def cases(self) -> tuple[str, ...]:
        """The exact score, then trained models, then likelihoods."""
        return tuple(CASES)

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """As the case says."""
        return CASES[case].trial(seed, self.budget, chance_of(seed), progress)

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """As the case says."""
        return CASES[case].rows(self, case, trials)
