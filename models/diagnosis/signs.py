"""What one look at a model shows: where its samples are, what its generator does, and what its critic tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, autograd

from models.data._modes import at_modes
from models.diagnosis.posterior import posterior_signs
from models.divergences._base import CriticDivergence
from models.observations._base import Subject
from models.observations.jacobian import singular_values

Array = NDArray[Any]

SAMPLES: Final = 2_500
"""Samples of a look (Lin et al. 2018, PacGAN, evaluate on as many)."""

PUSHED: Final = 256
"""Samples for which the gradient that reaches them is found …"""

PUSHED_NUMBERS: Final = 1 << 23
"""… with no more numbers in all, for it passes through the whole critic: of large pictures fewer …"""

LEAST_PUSHED: Final = 16
"""… but so many at least."""

LARGEST_SLOPES: Final = 1 << 24
"""Numbers of all Jacobians that are worked out at once: of large pictures few, or none."""

LARGEST_WORK: Final = 1 << 31
"""Multiplications by weights that they may take, were each column one pass: a few tenths of a second."""

STRETCHED: Final = 128
"""Latent samples at which the Jacobian is found."""

HEARD: Final = 1_000
"""Real and generated samples that the critic is asked about."""

DIRECTIONS: Final = 16
FLAT: Final = 0.01
"""J is nearly singular where its least singular value is below this share of its largest."""

FADED: Final = 0.01
"""The minimax gradient has vanished where it is below this share of what it is at the critic's output 0."""


@dataclass(frozen=True, eq=False)
class Signs:
    """One look. Shares and ratios unless said otherwise; NaN where a sign does not apply.

    Attributes:
        step: of the model.
        mode: at which mode each sample is, shape (N,), −1 for none.
        mass: share of the samples at each mode, shape (K,).
        nearest: share of the samples nearest to each mode, shape (K,).
        quality: share of the samples nearest to each mode that are of high quality, shape (K,); NaN where none is.
        distance: from each centre to the mean of the samples nearest to it, data units, shape (K,).
        good: share of all samples of high quality.
        spread: standard deviation of the samples over that of the data.
        far: sliced W₁ to the data over the data's standard deviation.
        moved: mean way of a sample since the last look over the data's standard deviation.
        gradient: median norm of the gradient that reaches a sample, ‖∂L/∂x̂ᵢ‖ N, times the data's standard deviation.
        separated: chance that the critic puts a real sample above a generated one, from .5 to 1 (AUC).
        faded: share of samples where the minimax gradient has vanished.
        bound: the critic's lower bound on D.
        rank: median effective rank of the generator's Jacobian.
        condition: median ratio of its largest to its least singular value.
        singular: share of latent samples where it is nearly singular.
        latent: how many dimensions z has, in models that infer it from x.
        active: how many of them are in use.
        needed: how many could be of use: no more than z has, nor than the directions in which the data varies.
        rate: KL(q(z|x) ‖ p(z)), the mean over data, nats.
        information: I(x; z) under q, nats.
        short: what the bound on E[log p_θ(x)] lacks to E[log p(x)], nats.
        wanders: whether the weights are particles of a law, which move for ever: that is no oscillation.
    """

    step: int
    mode: Array
    mass: Array
    nearest: Array
    quality: Array
    distance: Array
    good: float
    spread: float
    far: float
    moved: float = np.nan
    gradient: float = np.nan
    separated: float = np.nan
    faded: float = np.nan
    bound: float = np.nan
    rank: float = np.nan
    condition: float = np.nan
    singular: float = np.nan
    latent: float = np.nan
    active: float = np.nan
    needed: float = np.nan
    rate: float = np.nan
    information: float = np.nan
    short: float = np.nan
    wanders: bool = False


class Onlooker:
    """Makes looks at the models of one law; remembers the last one's samples, to tell how far each has moved."""

    def __init__(self, subject: Subject) -> None:
        """Take down what does not change from look to look."""
        self._modes = subject.experiment.data.parts
        self._real = subject.real
        self._scale = float(subject.real.var(dim=0).sum().sqrt()) or 1.0  # data that is one point has none
        chance = torch.Generator().manual_seed(0)
        directions = torch.randn(subject.dimension, DIRECTIONS, generator=chance)
        self._directions = directions / directions.norm(dim=0)
        self._last: Tensor | None = None

    def forget(self) -> None:
        """The samples are made in another way from now on: how far they are from the last ones says nothing."""
        self._last = None

    def look(self, subject: Subject, step: int) -> Signs:
        """All signs of the model at this step; its samples must be finite."""
        x = subject.fake[:SAMPLES]
        moved = np.nan if self._last is None else float((x - self._last).norm(dim=1).mean()) / self._scale
        self._last = x
        told: dict[str, Any] = _push(subject) | _critic(subject) | _jacobian(subject) | posterior_signs(subject)
        return Signs(
            step=step,
            moved=moved,
            spread=float(x.var(dim=0).sum().sqrt()) / self._scale,
            far=self._far(x),
            wanders="particles" in subject.experiment.family.capabilities,
            **self._places(x),
            **told,
        )

    def _places(self, x: Tensor) -> dict[str, Any]:
        modes, k = self._modes, len(self._modes.weights)
        index, near, good = at_modes(modes, x)
        counts = torch.bincount(index, minlength=k)
        means = torch.zeros_like(modes.means).index_add(0, index, x) / counts[:, None]
        return {
            "mode": torch.where(near, index, -1).numpy(),
            "mass": torch.bincount(index[near], minlength=k).numpy() / len(x),
            "nearest": counts.numpy() / len(x),
            "quality": (torch.bincount(index[good], minlength=k) / counts).numpy(),
            "distance": (means - modes.means).norm(dim=1).numpy(),
            "good": float(good.float().mean()),
        }

    def _far(self, x: Tensor) -> float:
        """Mean over fixed directions of W₁ of the projections, from as many quantiles of both."""
        levels = (torch.arange(HEARD) + 0.5) / HEARD
        both = [(side @ self._directions).quantile(levels, dim=0) for side in (x, self._real[:SAMPLES])]
        return float((both[0] - both[1]).abs().mean()) * len(self._directions) ** 0.5 / self._scale


def _push(subject: Subject) -> dict[str, float]:
    if "arrows" not in subject.experiment.objective.capabilities:
        return {}
    model = subject.game.model
    count = max(LEAST_PUSHED, min(PUSHED, PUSHED_NUMBERS // subject.dimension))
    fake, real = model.inward(subject.fake[:count]).clone().requires_grad_(), model.inward(subject.real[:PUSHED])
    (gradient,) = autograd.grad(subject.experiment.objective.sample_loss(subject.game, fake, real), fake)
    return {"gradient": float((gradient * len(fake)).norm(dim=1).median() * real.var(dim=0).sum().sqrt())}


def _critic(subject: Subject) -> dict[str, float]:
    objective, game, divergence = subject.experiment.objective, subject.game, subject.game.divergence
    real, fake = (objective.judged(game, game.model.inward(x[:HEARD])) for x in (subject.real, subject.fake))
    if real is None or fake is None or not isinstance(divergence, CriticDivergence):
        return {}
    return {
        "separated": _above(real, fake),
        "faded": _faded(divergence, fake, real),
        "bound": divergence.bound(float(divergence.critic_loss(real[: len(fake)], fake[: len(real)]))),
    }


def _above(real: Tensor, fake: Tensor) -> float:
    """The chance that an output on data is above one on samples; ties count half (Mann and Whitney 1947)."""
    ordered = fake.flatten().sort().values
    below = torch.searchsorted(ordered, real.flatten()) + torch.searchsorted(ordered, real.flatten(), right=True)
    return float(below.double().mean()) / (2 * len(ordered))


def _faded(divergence: CriticDivergence, fake: Tensor, real: Tensor) -> float:
    partner = real[: len(fake)] if divergence.paired else None
    _, slope = divergence.minimax_slopes(fake[: len(real)], partner)
    _, usual = divergence.minimax_slopes(torch.zeros_like(fake[: len(real)]), torch.zeros_like(fake[: len(real)]))
    return float((slope.abs() < FADED * usual.abs().mean()).float().mean())


def _jacobian(subject: Subject) -> dict[str, float]:
    """Effective rank: exp of the entropy of σ / Σσ (Roy and Vetterli 2007, EUSIPCO, definition 1)."""
    if "push" not in subject.experiment.family.capabilities:
        return {}
    model, k = subject.game.model, subject.latent_dimension
    points = min(STRETCHED, LARGEST_SLOPES // (subject.dimension * k), LARGEST_WORK // (model.sample_work * k))
    if not points:
        return {}
    values = singular_values(model, subject.noise[:points, :k])
    share = values / values.sum(dim=1, keepdim=True).clamp_min(1e-30)
    rank = torch.special.entr(share).sum(dim=1).exp()
    condition = values[:, 0] / values[:, -1].clamp_min(1e-30)
    return {
        "rank": float(rank.median()),
        "condition": float(condition.median()),
        "singular": float((condition > 1 / FLAT).float().mean()),
    }
