"""The critic against the truth: the best critic there is, the bound that the present one proves, and D itself.

All of it is about the model that the critic plays against, whose weights are those of training, not their average.
"""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor

from models.data._base import few_of
from models.divergences._base import CriticDivergence
from models.measures import MEASURES
from models.measures._base import Reference
from models.observations._base import Subject, only_up_to
from models.observations._densities import PUSHED, STRIDE, Frame, Law, Pair
from models.observations._partition import log_masses

JUDGED: Final = 50_400
"""Samples of either law on which a bound is worked out, whole packs of any size up to ten."""

TRANSPORTED: Final = 500
"""Samples of either law that are matched one to one: a tenth of a second of work."""

WITNESSED: Final = 300
"""Samples of either law from which a closed-form best critic is made."""

CLOSED: Final = {1: 256, 2: 64}
"""Nodes along an axis, by dimension, of a best critic in closed form: its cost is that of all pairs."""

HALVINGS: Final = {1: 9, 2: 10}
"""By dimension, how often the samples are halved into cells."""


def pair(subject: Subject) -> Pair:
    """Both laws on one grid over the shown part of data space, for one and two dimensions."""
    frame = _frame(subject)
    return subject.once_of_weights(
        "pair", lambda: Pair(_law(subject, frame), Law.of_samples(_rival_samples(subject), frame))
    )


def log_ratio(subject: Subject) -> Tensor:
    """Log p/q at the nodes of a grid, shape (128, 128) or (256,), NaN where samples cannot tell it."""
    both = pair(subject)
    return _frame(subject).drawn(torch.where(both.reliable, both.log_ratio, torch.nan))


def best_critic(subject: Subject) -> Tensor | None:
    """T* as a function of the ratio, in its shape, or in closed form, (64, 64) or (256,); None if there is neither."""
    return subject.once_of_weights("best critic", lambda: _best_critic(subject))


def _best_critic(subject: Subject) -> Tensor | None:
    divergence = subject.game.divergence
    if isinstance(divergence, CriticDivergence):
        from_ratio = divergence.optimal(log_ratio(subject))
        if from_ratio is not None:
            return from_ratio
    side = CLOSED[subject.dimension]
    model = subject.game.model
    real, fake = (model.inward(x[:WITNESSED]) for x in (subject.real, _rival_samples(subject)))
    found = divergence.witness(model.inward(subject.data_grid(side)), real, fake)
    return None if found is None else found.view([side] * subject.dimension)


def critic_at(subject: Subject, x: Tensor) -> Tensor | None:
    """T = g(v) of the critic at points of data space, shape (N, d) to (N,); None without a critic."""
    game, inward = subject.game, subject.game.model.inward
    if not isinstance(game.divergence, CriticDivergence):
        return None
    among = (inward(subject.real), inward(subject.rival.push(subject.noise)))
    outputs = subject.experiment.objective.critic_at(game, inward(x), *among)
    return None if outputs is None else game.divergence.statistic(outputs)[:, 0]


def truth(subject: Subject) -> dict[str, float]:
    """What is known of ``bound``, ``divergence``, ``gap`` = divergence − bound, and ``floor``, in the unit of D.

    ``bound`` is the critic's on 50,000 samples of either law, fewer of pictures. ``divergence`` is worked out from
    100,000 of either on cells that follow them (``log_masses``). Cells lower it: by 2 to 25 % of the Jensen-Shannon
    divergence of a planar law from itself shifted, most where parts of the law are as small as a cell (25 modes,
    spirals), by 1 % on a line. Noise raises it by the ``floor``, which is what the same estimate gives for P_X against
    P_X: a divergence of that size is not told apart from 0. Where D is no sum over cells, the measure of the same name
    tells it on 500 samples of either, in the units of training.
    """
    bound = _bound(subject)
    if bound is None or not math.isfinite(bound):
        return {}
    exact = _divergence(subject, _rival_samples(subject))
    if exact is None or not math.isfinite(exact):
        return {"bound": bound}
    return {"bound": bound, "divergence": exact, "gap": exact - bound, "floor": _floor(subject)}


def unknown(subject: Subject) -> str:
    """Why there is no bound, or nothing to hold it against, in one sentence; empty if there are both."""
    divergence = subject.game.divergence
    if {"score", "velocity"} & divergence.capabilities:
        return f"{divergence.title} is learnt by regression, whose least loss is not 0: there is no bound."
    if subject.game.critic is None or not isinstance(divergence, CriticDivergence):
        return f"{divergence.title} is computed outright: there is no bound."
    return only_up_to(2, subject) or subject.experiment.objective.blurs_bound or _of_pairs(subject)


def _of_pairs(subject: Subject) -> str:
    if not subject.game.model.condition:
        return ""
    return "The critic judges each sample with its class: what it proves is a bound on D of the pairs, not on D(P ‖ Q)."


def _frame(subject: Subject) -> Frame:
    """Cells are twice as wide where samples are few."""
    return Frame.of(subject.bounds, subject.dimension, 1 if _makes_do(subject) else STRIDE)


def _law(subject: Subject, frame: Frame) -> Law:
    return subject.once(f"law on {frame}", lambda: Law.of_data(subject.experiment.data, frame, _chance()))


def _rival_samples(subject: Subject) -> Tensor:
    """Samples of the model that the critic plays against; the fixed ones of the shown one where those must do."""
    if "rival" not in subject.made:
        makes_do, count = _makes_do(subject), _count(subject)
        made = subject.fake if makes_do else subject.rival.sample(count, _chance()).cpu()
        subject.made["rival"] = made
    return subject.made["rival"]


def _makes_do(subject: Subject) -> bool:
    return subject.is_costly and subject.game.critic is None


def _count(subject: Subject) -> int:
    """Samples of either law: in more than two dimensions no more than a push, and memory, bear."""
    if subject.dimension <= 2:
        return PUSHED
    return few_of(subject.dimension, subject.rival.points if subject.is_costly else PUSHED)


def _bound(subject: Subject) -> float | None:
    game = subject.game
    divergence, objective = game.divergence, subject.experiment.objective
    if not isinstance(divergence, CriticDivergence):
        return None
    both = (game.model.inward(x[:JUDGED]) for x in (_real_samples(subject), _rival_samples(subject)))
    on_real, on_fake = (objective.judged(game, x) for x in both)
    if on_real is None or on_fake is None:
        return None
    return divergence.bound(float(divergence.critic_loss(on_real, on_fake)))


def _divergence(subject: Subject, x: Tensor) -> float | None:
    """D(P_X ‖ the law of x), from samples, shape (100,000, d)."""
    if subject.dimension > 2 or not bool(x.isfinite().all()):
        return None
    divergence = subject.game.divergence
    assert isinstance(divergence, CriticDivergence)
    found = divergence.exact(*log_masses(_real_samples(subject), x, HALVINGS[subject.dimension]), 1.0)
    if found is not None or divergence.key not in MEASURES.keys():  # noqa: SIM118  (a registry iterates over members)
        return found
    inward = subject.game.model.inward
    reference = subject.once("reference", lambda: Reference(inward(_real_samples(subject)[:TRANSPORTED])))
    return MEASURES[divergence.key]().evaluate(inward(x[:TRANSPORTED]), reference, _chance())


def _floor(subject: Subject) -> float:
    chance = torch.Generator().manual_seed(1)
    data, divergence = subject.experiment.data, subject.game.divergence
    return subject.once(f"floor of {divergence!r}", lambda: _divergence(subject, data.draw(PUSHED, chance)) or 0.0)


def _real_samples(subject: Subject) -> Tensor:
    return subject.once("real", lambda: subject.experiment.data.draw(_count(subject), _chance()))


def _chance() -> torch.Generator:
    """The same at every step, so that what is shown moves only when the model does."""
    return torch.Generator().manual_seed(0)
