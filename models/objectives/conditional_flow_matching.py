"""Conditional flow matching: the net learns the velocities of paths between pairs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

import torch

from models.couplings import COUPLINGS, Coupling
from models.families._denoising import DenoisingModel
from models.objectives._base import OBJECTIVES, Game, Objective
from models.objectives._told import told_batch
from models.registry import member_type, option


@OBJECTIVES.register
class ConditionalFlowMatching(Objective):
    """A place on the path between a datum and its partner at the source is drawn, and the net is told how it moves.

    E‖v_θ(u_t, t) − (z − u₀)‖² with u_t = (1 − t) u₀ + t z + σ ε. Its gradient is that of the distance to the velocity
    that carries the whole law, which is the mean of all velocities through a place.

    Source: Lipman et al. 2023, arXiv:2210.02747, theorem 2; with couplings Tong et al. 2024, arXiv:2302.00482, eq. 10.
    """

    title: ClassVar[str] = "conditional flow matching"
    source: ClassVar[str] = "Lipman et al. 2023, arXiv:2210.02747, theorem 2"
    formula: ClassVar[str] = r"\min_\theta\ E\, \Vert v_\theta(u_t, t) - (z - u_0) \Vert^2"
    swaps: ClassVar[str] = "one player"
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"velocity"}), "family": frozenset({"velocity"})}
    )

    coupling: Annotated[Coupling, member_type(COUPLINGS)] = option(
        COUPLINGS["independent"](),
        label="coupling",
        live=True,
        help="Which place at the source belongs to which datum.",
    )
    width: float = option(
        0.0, label="path width", symbol="σ", low=0.0, high=1.0, live=True,
        help="Standard deviation of the noise around each path, in the units of the net.",
    )  # fmt: skip

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the mean square error."""
        model = game.model
        assert isinstance(model, DenoisingModel)
        clean, labels = told_batch(game, model)
        pairs = self.coupling.pair(game.latent()[:, : model.dimension], clean, game.chance)
        t = model.process.draw_times(len(clean), game.chance)[:, None].to(clean)
        level = model.process.at(t)
        place = level.alpha * pairs.data + level.sigma * pairs.source
        if self.width > 0:
            place = place + self.width * torch.randn(place.shape, generator=game.chance).to(place)
        told = None if labels is None else labels[pairs.index]
        velocity = level.alpha_slope * pairs.data + level.sigma_slope * pairs.source
        return {"flow_matching_loss": model.regress(model.embed(place, t, told), velocity)}
