"""The Gaussians that P_θ is a mixture of."""

from __future__ import annotations

import math
from typing import ClassVar

import torch

from models.families._base import Components as Parts
from models.families._variational import VariationalModel
from models.observations._base import CURVE_POINTS, OBSERVATIONS, Arrays, Observation, Subject, plain


@OBSERVATIONS.register
class Components(Observation):
    """Weights, centres and principal axes of the components; of more than two coordinates, the first two.

    Leaving coordinates out of a Gaussian leaves a Gaussian with the rest of the mean and of the covariance.

    Source: McLachlan & Peel 2000, Finite Mixture Models, eq. 1.1.
    """

    title: ClassVar[str] = "components"
    source: ClassVar[str] = "McLachlan & Peel 2000, Finite Mixture Models, eq. 1.1"

    def missing(self, subject: Subject) -> str:
        """For mixtures of Gaussians over a line or a plane."""
        family = subject.experiment.family
        if "components" not in family.capabilities:
            return f"{family.title} is no mixture of Gaussians."
        model = subject.game.model
        if isinstance(model, VariationalModel) and not model.is_mixture_of_gaussians:
            return "Only a Gaussian likelihood makes P_θ a mixture of Gaussians."
        if model.is_mixed:
            return "The class of every sample was told: P_θ is a mixture of such mixtures, one for each class."
        return "Pictures lie on no plane." if subject.experiment.data.image_shape else ""

    def observe(self, subject: Subject) -> Arrays:
        """``weights``: (K,), sum 1; ``means``: (K, 2); ``axes``: (K, 2, 2), data units; over a line ``curves``.

        The columns of an axes matrix are the principal axes of one standard deviation, the longer one first. ``curves``
        are wₖ N(x; μₖ, σₖ²), shape (K, 256), and ``means`` and ``axes`` have one coordinate.
        """
        parts = subject.game.model.components()
        found = {"weights": plain(parts.weights), "means": plain(parts.means[:, :2]), "axes": plain(_axes(parts))}
        if subject.dimension == 1:
            found["curves"] = plain(_curves(parts, subject.data_grid(CURVE_POINTS)[:, 0]))
        return found


def _axes(parts: Parts) -> torch.Tensor:
    values, vectors = torch.linalg.eigh(parts.covariances[:, :2, :2].double())
    return (vectors * values.clamp_min(0).sqrt()[:, None]).flip(2).float()


def _curves(parts: Parts, x: torch.Tensor) -> torch.Tensor:
    std = parts.covariances[:, 0, 0].sqrt()[:, None]
    squares = ((x - parts.means[:, :1]) / std).square()
    return parts.weights[:, None] * (-0.5 * squares).exp() / (std * math.sqrt(2 * math.pi))
