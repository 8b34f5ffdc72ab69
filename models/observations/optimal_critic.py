"""The best critic there is, beside the one that was learnt."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from models.divergences._base import CriticDivergence
from models.observations._base import CURVE_POINTS, OBSERVATIONS, Arrays, Observation, Subject, only_up_to, plain
from models.observations._truth import best_critic, critic_at
from models.observations.critic_field import SIDE


@OBSERVATIONS.register
class OptimalCritic(Observation):
    """T*, at which the supremum over critics is reached: f′(p/q) of an f-divergence, or in closed form from samples.

    The ratio is that of both laws' masses in small cells, smoothed alike, with q from 100,000 pushes of the weights
    that train. It is left out (NaN) where neither law puts 50 effective samples under the smoothing kernel. Where one
    does and the other has fewer than one, that one is taken for one: so T* beyond a ratio of 50 is a limit.

    Source: Nguyen, Wainwright and Jordan 2010, IEEE TIT 56, lemma 1.
    """

    title: ClassVar[str] = "optimal critic"
    source: ClassVar[str] = "Nguyen, Wainwright and Jordan 2010, IEEE TIT 56, lemma 1"

    def missing(self, subject: Subject) -> str:
        """For one and two dimensions, where T* is known; not where a divergence of critics is estimated without one."""
        reason = only_up_to(2, subject)
        if not reason and subject.game.critic is None and "critic" in subject.game.divergence.capabilities:
            reason = f"“{subject.experiment.objective.title}” has no critic that could be held against the best one."
        if not reason and best_critic(subject) is None:
            reason = f"The best critic of {subject.game.divergence.title} has no formula."
        return reason

    def observe(self, subject: Subject) -> Arrays:
        """``t_star``: shape (128, 128), row 0 at the bottom, or (256,) for one dimension, NaN where it is not known.

        In closed form it is known everywhere, and (64, 64).
        ``t``: the critic itself, as ``critic_field`` gives it, empty without one; ``threshold``: the value at p = q.
        What is known only up to a constant has the mean of t where both are.
        """
        t_star = best_critic(subject)
        assert t_star is not None
        side = SIDE if subject.dimension == 2 else CURVE_POINTS
        t = critic_at(subject, subject.data_grid(side))
        divergence = subject.game.divergence
        has_level = isinstance(divergence, CriticDivergence) and divergence.optimal(t_star[:1]) is not None
        if t is not None and not has_level:
            t_star = t_star - t_star.mean() + t.mean()
        threshold = divergence.threshold if isinstance(divergence, CriticDivergence) else 0.0
        field = (
            np.zeros([0] * subject.dimension, np.float32) if t is None else plain(t.view([side] * subject.dimension))
        )
        return {"t_star": plain(t_star), "t": field, "threshold": np.array(threshold, np.float32)}
