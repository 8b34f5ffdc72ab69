"""The Fisher divergence, over all levels of noise: what denoising minimises."""

from __future__ import annotations

from typing import ClassVar

from models.divergences._base import DIVERGENCES, Divergence


@DIVERGENCES.register
class Fisher(Divergence):
    """How far the scores ∇ log p_t of noised data and ∇ log p_θ,t of the model lie apart, in the mean over data.

    ∫ λ(t) E‖∇ log p_t(u_t) − s_θ(u_t, t)‖² dt. A score needs no normalising constant. For λ = g²/2 the integral bounds
    KL(P_X ‖ P_θ) from above, but for the rest at t = 1.

    Source: Hyvärinen 2005, JMLR 6, eq. 2; over levels of noise Song and Ermon 2019, arXiv:1907.05600, eq. 6; the bound
    Song et al. 2021, arXiv:2101.09258, theorem 1.
    """

    title: ClassVar[str] = "Fisher"
    source: ClassVar[str] = "Hyvärinen 2005, JMLR 6, eq. 2"
    formula: ClassVar[str] = r"\int \lambda_t\, E\, \Vert \nabla \log p_t - s_\theta(\cdot, t) \Vert^2\, dt"
    capabilities: ClassVar[frozenset[str]] = frozenset({"score"})
