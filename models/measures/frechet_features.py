"""How far the features of generated pictures are from those of real ones, as far as mean and covariance tell."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.measures._base import MEASURES, Reference, Samples
from models.measures._pictures import PictureMeasure, seen


@MEASURES.register
class FrechetFeatures(PictureMeasure):
    """Fréchet distance of Gaussians fitted to the features of a small classifier trained on the same data.

    d² = ‖μ − ν‖² + Tr(Σ + Γ − 2 (ΣΓ)^{1/2}) of mean and covariance of the features of samples and of data. The features
    are scaled so that data have a total variance of 1: a model that makes nothing but the mean picture has d² = 1 or
    more. Finite samples have more than their laws, which the floor shows. Where data have no classes the features are
    principal components.

    Source: Heusel et al. 2017, GANs trained by a two time-scale update rule, arXiv:1706.08500, equation 6, with other
    features.
    """

    title: ClassVar[str] = "Fréchet distance in features"
    source: ClassVar[str] = "Heusel et al. 2017, arXiv:1706.08500, equation 6, with other features"
    formula: ClassVar[str] = r"\|\mu - \nu\|^2 + \mathrm{Tr}\left(\Sigma + \Gamma - 2 (\Sigma \Gamma)^{1/2}\right)"

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The squared distance; 1 is the total variance of the data."""
        drawn, truth = seen(samples, reference)
        return frechet(*_moments(drawn.x), *truth.kept("moments", lambda: _moments(truth.x)))


def frechet(mean: Tensor, covariance: Tensor, other_mean: Tensor, other_covariance: Tensor) -> float:
    """The squared Fréchet (2-Wasserstein) distance of two Gaussians, shapes (F,) and (F, F), not negative.

    Tr (ΣΓ)^{1/2} is the sum of the singular values of Σ^{1/2} Γ^{1/2}.
    """
    across = torch.linalg.svdvals(_root(covariance) @ _root(other_covariance)).sum()
    apart = (mean - other_mean).square().sum()
    return max(0.0, float(apart + covariance.trace() + other_covariance.trace() - 2 * across))


def _moments(x: Tensor) -> tuple[Tensor, Tensor]:
    x = x.double()
    return x.mean(dim=0), torch.atleast_2d(torch.cov(x.T))


def _root(covariance: Tensor) -> Tensor:
    """The symmetric square root of a covariance, shape (F, F)."""
    values, vectors = torch.linalg.eigh(covariance)
    return vectors * values.clamp_min(0).sqrt() @ vectors.T
