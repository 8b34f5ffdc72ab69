"""How the evidence lower bound is made up, what it lacks, and which latent dimensions are in use."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.families._variational import VariationalModel
from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, only_inferred, plain
from models.observations._posterior import infer
from models.observations._usage import NOISE, usage

POINTS: Final = 256
"""Data points over which the bound's terms are averaged."""

FITTED: Final = 24
"""Of these the points for which a q is optimised …"""

FITTED_BY_DRAWS: Final = 8
"""… and as many where k > 2, which takes longer, with so many draws for each:"""

JUDGED_DRAWS: Final = 256

STEPS: Final = 30
ORDER: Final = 4
DRAWS: Final = 16
"""Draws of z for each point that the reconstruction is averaged over."""


@OBSERVATIONS.register
class Inference(Observation):
    """The bound E_q[log p(x|z)] − Σⱼ KLⱼ averaged over data, beside the evidence, with the gaps between them.

    Source: of the gaps Cremer, Li and Duvenaud 2018, arXiv:1801.03558; of dimensions in use Burda, Grosse and
    Salakhutdinov 2016, arXiv:1509.00519, section 5.
    """

    title: ClassVar[str] = "inference"
    source: ClassVar[str] = "Cremer, Li and Duvenaud 2018, arXiv:1801.03558"

    def missing(self, subject: Subject) -> str:
        """For models that infer z from x."""
        return only_inferred(subject)

    def observe(self, subject: Subject) -> Arrays:
        """Means in nats, data units.

        Over 256 points, shape (): ``reconstruction``, ``total_rate`` and ``information``; for each dimension, shape
        (k,): ``rate``, ``activity`` and ``used``, with ``by_rate`` 0 where ``rate`` is information. Over 24, or 8 for
        k > 2, shape (): ``elbo``, ``best_elbo`` with a q optimised for each point, ``log_prob``, and ``exact``, 0 where
        that is a bound. ``points``, shape (2,): how many these are.
        """
        model = subject.game.model
        assert isinstance(model, VariationalModel)
        u = model.inward(subject.real[:POINTS])
        with torch.no_grad():
            used = usage(model, u)
            reconstruction = _reconstruction(model, u)
        fitted = u[: FITTED if model.density == "exact" else FITTED_BY_DRAWS]
        found = infer(model, fitted, steps=STEPS, order=ORDER, draws=JUDGED_DRAWS)
        nats = {name: getattr(found, name).mean() - model.log_stretch for name in ("elbo", "best_elbo", "log_prob")}
        return {
            **{name: plain(value) for name, value in nats.items()},
            "reconstruction": plain(reconstruction - model.log_stretch),
            "exact": np.array(int(found.exact)),
            "points": np.array([len(u), len(fitted)]),
            **used.arrays(),
        }


def _reconstruction(model: VariationalModel, u: Tensor) -> Tensor:
    """The mean over points, shape (N, d), of E_q[log p(u|z)], nats in the units of training, shape ()."""
    many = u.repeat_interleave(DRAWS, 0)
    mean, std = (part.repeat_interleave(DRAWS, 0) for part in model.posterior(u))
    noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(NOISE))
    return model.log_likelihood(many, mean + std * noise).mean()
