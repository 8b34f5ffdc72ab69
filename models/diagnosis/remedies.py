"""What is worth trying against each trouble, the best first, and only what the recipe at hand can take up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import torch

from models.divergences._base import CriticDivergence, Divergence
from models.divergences.wasserstein_1 import Wasserstein1
from models.experiment import Experiment
from models.objectives.adversarial import Adversarial
from models.registry import RecipeError


class Remedy(NamedTuple):
    """Something worth trying: its name, what it is meant to cure with its source, and the settings that apply it."""

    title: str
    help: str
    settings: tuple[str, ...]


LEAST_WIDTH: Final = 64
LEAST_DEPTH: Final = 3
ENOUGH_STEPS: Final = 100
"""A sampler of so many steps has little error of its own."""

LEAST_TOLERANCE: Final = 1e-6
"""Of a sampler that chooses its steps itself."""

Offer = Callable[[Experiment], Remedy]


def _fixed(title: str, help: str, *settings: str) -> Offer:
    return lambda _: Remedy(title, help, settings)


NON_SATURATING = _fixed(
    "Non-saturating loss",
    "Keeps a gradient on samples that the critic is sure of (Goodfellow et al. 2014, section 3).",
    "objective.generator_loss=non_saturating",
)
PACKING = _fixed(
    "Packing of 2",
    "The critic sees two samples at a time, so a lack of variety gives the generator away (Lin et al. 2018, PacGAN).",
    "objective.packing=2",
)
MINIBATCH_STD = _fixed(
    "Minibatch deviation",
    "The critic sees how much a batch varies (Karras et al. 2018, arXiv:1710.10196, section 3).",
    "objective.minibatch_std=true",
)
UNROLLED = _fixed(
    "Unrolled critic, 5 steps",
    "The generator sees how the critic will answer, so it does not hop (Metz et al. 2017, arXiv:1611.02163, eq. 10).",
    "objective.unrolled=5",
)
WASSERSTEIN = _fixed(
    "Wasserstein-1 with gradient penalty",
    "Its gradient does not fade however far samples and data are apart (Gulrajani et al. 2017, arXiv:1704.00028).",
    "divergence.key=wasserstein_1",
    "divergence.gradient_penalty=0.1",
    "objective.critic_steps=5",
)
INSTANCE_NOISE = _fixed(
    "Instance noise",
    "Noise on data and samples makes their supports meet (Sønderby et al. 2017, arXiv:1610.04490, section 3).",
    "objective.instance_noise=0.1",
)
FALLING_RATE = _fixed(
    "A falling rate and an average",
    "A rate that falls to 0 lets training come to rest; the average of the weights smooths what is left.",
    "optimizer.schedule=linear",
    "optimizer.ema=0.999",
)


def _r1(experiment: Experiment) -> Remedy:
    """At least .1, and four times as much as there is."""
    present = experiment.objective.options().get("r1", 0.0)
    return Remedy(
        "R1 penalty",
        "Flattens the critic on real data, which damps the circling of the game (Mescheder et al. 2018, eq. 9).",
        (f"objective.r1={max(0.1, 4 * present):.3g}",),
    )


def _wider(experiment: Experiment) -> Remedy:
    """Twice as wide, and deep enough to fold."""
    options = experiment.architecture.options()
    infers = "posterior" in experiment.family.capabilities
    return Remedy(
        "A larger decoder" if infers else "A larger generator",
        "Twice the units, in three layers at least, can bend space more sharply.",
        (
            f"architecture.width={2 * options.get('width', LEAST_WIDTH)}",
            f"architecture.depth={max(LEAST_DEPTH, options.get('depth', 0))}",
        ),
    )


def _slower(experiment: Experiment) -> Remedy:
    """The generator moves at a quarter of the critic's rate."""
    rate = experiment.objective.critic_rate
    return Remedy(
        "Two time scales",
        "The critic keeps up when the generator moves four times slower than it (Heusel et al. 2017, "
        "arXiv:1706.08500, theorem 1).",
        (f"optimizer.lr={min(rate, experiment.optimizer.lr) / 4:.3g}",),
    )


def _all_scales(experiment: Experiment) -> Remedy:
    left, _, right, _ = experiment.data.bounds()
    scales = ", ".join(f"{(right - left) / 2**power:.3g}" for power in range(7, 0, -1))
    return Remedy(
        "Bandwidths of all scales",
        "Large bandwidths find the data from afar, small ones see its detail (Li et al. 2015, arXiv:1502.02761).",
        (f"divergence.bandwidths=[{scales}]",),
    )


WARM_UP = _fixed(
    "A slow start of β",
    "The rate costs nothing at first, so the decoder learns to use z before z is charged for (Bowman et al. 2016, "
    "arXiv:1511.06349, section 3.1).",
    "objective.warm_up=0.4",
)
FREE_BITS = _fixed(
    "Free bits",
    "A quarter of a nat in each dimension costs nothing, so none is driven out of use (Kingma et al. 2016, "
    "arXiv:1606.04934).",
    "objective.importance_samples=1",
    "objective.free_bits=0.25",
)
LEARNT_STD = _fixed(
    "A learnt σ",
    "A σ that is too large explains the data as noise; learnt, it falls to what z cannot explain (Lucas et al. 2019, "
    "arXiv:1911.02469).",
    "family.likelihood.learn_std=true",
)
IMPORTANCE = _fixed(
    "20 importance samples",
    "A tighter bound forgives a q(z|x) that is not the posterior, so z is used more (Burda et al. 2016, "
    "arXiv:1509.00519, section 5).",
    "objective.free_bits=0.0",
    "objective.importance_samples=20",
)


def _plain_beta(experiment: Experiment) -> Remedy:
    """1, if there is more."""
    present = experiment.objective.options().get("beta", 1.0)
    return Remedy(
        "A β of 1",
        "The rate is charged no more than a bound on the log-likelihood asks for (Higgins et al. 2017, ICLR).",
        (f"objective.beta={min(1.0, present):.3g}",),
    )


def _smaller_beta(experiment: Experiment) -> Remedy:
    """A quarter of what there is, unless it could be 1."""
    present = experiment.objective.options().get("beta", 1.0)
    return Remedy(
        "A smaller β",
        "The rate is charged less, so z may tell more of x (Higgins et al. 2017, ICLR).",
        (f"objective.beta={present / 4 if present <= 1 else present:.6g}",),
    )


def _smaller_std(experiment: Experiment) -> Remedy:
    """A quarter of what there is."""
    present = experiment.family.options().get("likelihood", {}).get("std", 0.4)
    return Remedy(
        "A smaller σ",
        "A larger share of the data is worth telling by z when less of it passes for noise (Lucas et al. 2019, "
        "arXiv:1911.02469).",
        (f"family.likelihood.std={present / 4:.3g}",),
    )


def _fixed_smaller_std(experiment: Experiment) -> Remedy:
    """The same, for a σ that training does not move."""
    likelihood = experiment.family.options().get("likelihood", {})
    return Remedy("", "", ()) if likelihood.get("learn_std", True) else _smaller_std(experiment)


NO_MOMENTUM = _fixed(
    "No momentum",
    "Momentum keeps a game circling that would settle without it (Gidel et al. 2019, arXiv:1807.04740).",
    "optimizer.beta1=0.0",
)


PRIOR_FLOW = _fixed(
    "A learnt prior",
    "A prior that bends to where q(z|x) lies leaves no z between that decodes to nothing (Chen et al. 2017, "
    "arXiv:1611.02731, section 3.2).",
    "family.prior_transforms=2",
)


def _less_guidance(experiment: Experiment) -> Remedy:
    """None, where there is some."""
    return Remedy(
        "No guidance",
        "Guidance draws samples to what is most typical of their class and leaves the rest of it out (Ho and Salimans "
        "2022, arXiv:2207.12598, section 4).",
        ("family.guidance=0.0",),
    )


def _more_steps(experiment: Experiment) -> Remedy:
    """Four times as many, up to a hundred, or to the levels at which the net was trained."""
    options = experiment.family.options()
    most = min(ENOUGH_STEPS, options.get("levels") or ENOUGH_STEPS)
    sampler = options.get("sampler", {})
    present = sampler.get("steps", most)
    setting = f"steps={max(present, min(max(4 * present, 20), most))}"
    if "tolerance" in sampler:  # one that chooses its steps itself
        setting = f"tolerance={max(sampler['tolerance'] / 10, LEAST_TOLERANCE):g}"
    return Remedy(
        "More steps of the sampler",
        "The same weights: what is left of the error with many steps was not learnt, the rest is the sampler's.",
        (f"family.sampler.{setting}",),
    )


PLACE_FEATURES = _fixed(
    "Sines and cosines of place",
    "A net that sees them beside the place itself follows finer detail (Tancik et al. 2020, arXiv:2006.10739).",
    "family.place_features=3",
)


def _idle(experiment: Experiment) -> list[Remedy]:
    """What the recipe could take up and would gain nothing from."""
    divergence, optimizer = experiment.divergence, experiment.optimizer
    comes_to_rest = [FALLING_RATE(experiment)] if optimizer.schedule != "constant" and optimizer.ema > 0 else []
    return [*comes_to_rest, *_idle_of(experiment, divergence)]


def _idle_of(experiment: Experiment, divergence: Divergence) -> list[Remedy]:
    if not isinstance(divergence, CriticDivergence) or not isinstance(experiment.objective, Adversarial):
        return [WASSERSTEIN(experiment), NO_MOMENTUM(experiment)]
    never_fades = [NON_SATURATING(experiment)] if not _saturates(divergence) else []
    is_penalised = isinstance(divergence, Wasserstein1) and divergence.gradient_penalty > 0
    return [*never_fades, *([WASSERSTEIN(experiment)] if is_penalised else [])]


def _saturates(divergence: CriticDivergence) -> bool:
    """Whether the minimax gradient is another than the non-saturating one."""
    fake, real = torch.tensor([[-3.0], [0.0], [3.0]]), torch.zeros(3, 1)
    return not torch.equal(divergence.minimax_slopes(fake, real)[1], divergence.non_saturating_slopes(fake, real)[1])


OFFERS: Final[Mapping[str, tuple[Offer, ...]]] = MappingProxyType(
    {
        # By the modes that the preset of collapse holds at its end with each (seeds 10–12); the slow one later.
        # Nothing of a game is there in models that denoise: they lose modes by guidance, or for want of steps.
        "collapse": (
            _less_guidance,
            _more_steps,
            PLACE_FEATURES,
            _slower,
            MINIBATCH_STD,
            WASSERSTEIN,
            UNROLLED,
            PACKING,
            NON_SATURATING,
            _r1,
            _all_scales,
        ),
        # By the bound that a collapsed ring reaches with each, if z is in use then (seeds 11 and 12).
        "posterior_collapse": (
            _plain_beta,
            _smaller_std,
            WARM_UP,
            FREE_BITS,
            _smaller_beta,
            LEARNT_STD,
            IMPORTANCE,
        ),
        "oscillation": (_r1, FALLING_RATE, NO_MOMENTUM, _slower, UNROLLED, WASSERSTEIN),
        "vanishing_gradient": (WASSERSTEIN, NON_SATURATING, INSTANCE_NOISE, _r1, _all_scales),
        "underfitting": (
            _less_guidance,
            _more_steps,
            PLACE_FEATURES,
            _fixed_smaller_std,
            LEARNT_STD,
            PRIOR_FLOW,
            _wider,
            FALLING_RATE,
            _all_scales,
            WASSERSTEIN,
        ),
    }
)


def remedies(verdict: str, experiment: Experiment) -> tuple[Remedy, ...]:
    """What is worth trying; nothing that the recipe cannot take up, and nothing that it has already.

    Args:
        verdict: its key.
        experiment: the recipe at hand.
    """
    offered = (offer(experiment) for offer in OFFERS.get(verdict, ()))
    idle = _idle(experiment)
    return tuple(remedy for remedy in offered if remedy not in idle and _changes(remedy, experiment))


def _changes(remedy: Remedy, experiment: Experiment) -> bool:
    try:
        return experiment.with_settings(remedy.settings) != experiment
    except RecipeError:
        return False
