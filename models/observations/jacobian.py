"""How much the generator stretches latent space."""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor, autograd

from models.families import Model
from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, only_pushed, plain

SIDE: Final = 48
TALL: Final = 4
"""Outputs for each input from which on J is found column by column."""

LEAST: Final = 1e-12
"""Singular values below this count as this: log 0 has no colour."""


@OBSERVATIONS.register
class Jacobian(Observation):
    """How much an area of latent space grows when it is pushed: log √det(JᵀJ), J = ∂g_θ/∂z; log|det J| for k = d."""

    title: ClassVar[str] = "log|det J|"
    source: ClassVar[str] = "area formula; Federer 1969, Geometric measure theory, 3.2.3"

    def missing(self, subject: Subject) -> str:
        """For one or two latent dimensions, no more than data dimensions."""
        if subject.game.model.is_map:
            return f"{subject.experiment.family.title} is one net at each step: log|det J| of all steps is not drawn."
        if reason := only_pushed(subject):
            return reason
        if subject.latent_dimension > 2:
            return f"Needs one or two latent dimensions; this has {subject.latent_dimension}."
        return "" if subject.latent_dimension <= subject.dimension else "Needs no more latent than data dimensions."

    def observe(self, subject: Subject) -> Arrays:
        """``log_det``: shape (48, 48) over the latent square, row 0 at the bottom; (1, 48) for k = 1."""
        if subject.latent_dimension == 1:
            extent = subject.game.model.latent.extent
            z = torch.linspace(-extent, extent, SIDE)[:, None]
            return {"log_det": plain(log_volume(subject.game.model, z)[None])}
        return {"log_det": plain(log_volume(subject.game.model, subject.latent_grid(SIDE)).view(SIDE, SIDE))}


def log_volume(model: Model, z: Tensor) -> Tensor:
    """½ log det(JᵀJ), the sum of the logs of J's singular values, at each z: shape (N, k) to (N,)."""
    return singular_values(model, z).clamp_min(LEAST).log().sum(1).float()


def singular_values(model: Model, z: Tensor) -> Tensor:
    """The singular values of J = ∂g_θ/∂z, largest first, at each z: shape (N, k) to (N, min(k, d)), float64.

    One backward pass for each of the d outputs, or, of pictures with many more of them, one for each of the k inputs.
    """
    z = z.detach().requires_grad_()
    x = model.outward(model.network.module(model.rows(z)))
    if x.shape[1] > TALL * z.shape[1]:
        return _of_columns(x, z)
    rows = [autograd.grad(x[:, i].sum(), z, retain_graph=True)[0] for i in range(x.shape[1])]
    # In double precision: where space is folded flat, the determinant is the small difference of large products.
    return torch.linalg.svdvals(torch.stack(rows, 1).double())


def _of_columns(x: Tensor, z: Tensor) -> Tensor:
    """The roots of the eigenvalues of JᵀJ, whose size is k × k; Jᵀw is linear in w, and its slope is J."""
    w = torch.zeros_like(x, requires_grad=True)
    (pulled,) = autograd.grad(x, z, w, create_graph=True)
    columns = [autograd.grad(pulled[:, i].sum(), w, retain_graph=True)[0] for i in range(z.shape[1])]
    slopes = torch.stack(columns, 2).double()
    return torch.linalg.eigvalsh(slopes.mT @ slopes).clamp_min(0).sqrt().flip(1)
