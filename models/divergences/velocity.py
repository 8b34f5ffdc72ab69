"""How far two velocity fields lie apart: what flow matching minimises."""

from __future__ import annotations

from typing import ClassVar

from models.divergences._base import DIVERGENCES, Divergence


@DIVERGENCES.register
class Velocity(Divergence):
    """Mean square difference between the velocity that carries the source to the data and the model's, over the path.

    ∫ E‖v_t(u_t) − v_θ(u_t, t)‖² dt. It bounds W₂²(P_X, P_θ) up to a factor that grows with the slope of v_θ, and needs
    no density and no score, so that the source may be any law.

    Source: Albergo and Vanden-Eijnden 2023, arXiv:2209.15571, proposition 3; Lipman et al. 2023, arXiv:2210.02747,
    eq. 5.
    """

    title: ClassVar[str] = "Velocity"
    source: ClassVar[str] = "Albergo and Vanden-Eijnden 2023, arXiv:2209.15571, proposition 3"
    formula: ClassVar[str] = r"\int E\, \Vert v_t(u_t) - v_\theta(u_t, t) \Vert^2\, dt"
    capabilities: ClassVar[frozenset[str]] = frozenset({"velocity"})
