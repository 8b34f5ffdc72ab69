"""Conditional flow matching: the net learns the velocities of paths between pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

import torch
from torch import Tensor

from models.couplings import COUPLINGS, Coupling, Pairs
from models.families._base import Recipe
from models.families._condition import ByCaption
from models.families._velocity import Taught, VelocityModel
from models.objectives._base import OBJECTIVES, Game, Objective
from models.objectives._told import told_batch, untold_some
from models.registry import RecipeError, member_type, option

ENDS: Final = 1e-4
"""How near to its ends a Brownian bridge is looked at: at the ends themselves its speed has no bounds."""


@dataclass(frozen=True, eq=False)
class Places:
    """Places on paths, and how they move.

    Attributes:
        u: u_t, shape (N, d).
        t: shape (N, 1).
        velocity: du/dt, shape (N, d).
        weight: of their losses, shape (N, 1), or 1.
    """

    u: Tensor
    t: Tensor
    velocity: Tensor
    weight: Tensor | float = 1.0


@OBJECTIVES.register
class ConditionalFlowMatching(Objective):
    """A place on the path between a datum and its partner at the source is drawn, and the net is told how it moves.

    E‖v_θ(u_t, t) − (z − u₀)‖² with u_t = (1 − t) u₀ + t z + σ ε, data at t = 0 and the source at t = 1. Its gradient is
    that of the distance to the velocity that carries the whole law, which is the mean of all velocities through a
    place. What the paths cost is E‖z − u₀‖², and what the flow costs is its path energy E ∫ ‖v_θ‖² dt; the less paths
    cross, the less they differ, and neither can be less than W₂² between source and data.

    Where the net knows classes, each class is joined with a share of the source of its own: so z tells nothing of it.

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

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """A plan between two batches takes time that grows faster than the batch."""
        most = self.coupling.most
        if recipe.batch_size > most:
            problem = (
                f"{recipe.batch_size} is too large a batch for {self.coupling.title}: it joins at most {most} a step"
            )
            yield RecipeError("batch_size", problem, ("batch_size=256",))
        has_captions = isinstance(recipe.family.condition(recipe.data), ByCaption)
        if has_captions and "independent" not in self.coupling.capabilities:
            problem = f"{self.coupling.key!r} would let z tell of the caption: with captions, pairs must be independent"
            yield RecipeError("objective.coupling.key", problem, ("objective.coupling.key=independent",))

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the mean square error."""
        model = game.model
        assert isinstance(model, VelocityModel)
        taught = model.taught(game.progress)
        pairs, labels = _chosen(taught, game, model) if taught else self._joined(game, model)
        places = self._places(pairs, model, game.chance)
        if self.coupling.bridge > 0 and not taught:
            places = bridged(places, self.coupling.bridge, game.chance)
        said = model.network.forward(model.embed(places.u, places.t, labels))
        return {
            "flow_matching_loss": model.descend(said - places.velocity, places.weight),
            "transport_cost": _mean_square(pairs.source - pairs.data),
            "path_energy": _mean_square(said),
        }

    def _joined(self, game: Game, model: VelocityModel) -> tuple[Pairs, Tensor | None]:
        """A batch of pairs, and the class that is told of each."""
        clean, labels = told_batch(game, model)
        source = game.latent()[:, : model.dimension]
        if labels is None:
            return self.coupling.pair(source, clean, game.chance), None
        if labels.ndim > 1:  # no two of a batch need have one caption; what pairs them knows of none
            pairs = self.coupling.pair(source, clean, game.chance)
            return pairs, labels[pairs.index]
        rows = [(labels == label).nonzero()[:, 0] for label in labels.unique()]
        parts = [self.coupling.pair(source[row], clean[row], game.chance) for row in rows]
        told = torch.cat([labels[row[part.index]] for row, part in zip(rows, parts, strict=True)])
        # Times are handed out in rising order: in that of the classes, each class would get times of its own.
        order = torch.randperm(len(told), generator=game.chance).to(told.device)
        return Pairs.together(parts).rows(order), told[order]

    def _places(self, pairs: Pairs, model: VelocityModel, chance: torch.Generator) -> Places:
        """Where a point is at a random time on each path, with noise around it, and how it moves there."""
        t = model.process.draw_times(len(pairs.data), chance)[:, None].to(pairs.data)
        level = model.process.at(t)
        u = level.place(pairs.data, pairs.source)
        if self.width > 0:
            u = u + self.width * torch.randn(u.shape, generator=chance).to(u)
        return Places(u, t, level.velocity(pairs.data, pairs.source))


def bridged(straight: Places, std: float, chance: torch.Generator) -> Places:
    """The same paths as Brownian bridges: u_t + σ √(t(1 − t)) ε moves by σ (1 − 2t) / (2 √(t(1 − t))) ε besides.

    That speed has no bounds at the ends. Losses are weighted by 1 / (1 + its variance): the best answer at each time
    does not depend on the weight of the time, and no place outweighs the others.

    Source: Tong et al. 2024, arXiv:2302.00482, section 3.2.4, with its time reversed.
    """
    noise = torch.randn(straight.u.shape, generator=chance).to(straight.u)
    t = straight.t.clamp(ENDS, 1 - ENDS)
    spread = std * (t * (1 - t)).sqrt()
    speed = std * (1 - 2 * t) / (2 * (t * (1 - t)).sqrt())
    weight = 1 / (1 + speed.square())
    return Places(straight.u + spread * noise, straight.t, straight.velocity + speed * noise, weight)


def _chosen(taught: Taught, game: Game, model: VelocityModel) -> tuple[Pairs, Tensor | None]:
    """A batch of a teacher's pairs, as large as one of data."""
    n = len(game.latent())
    index = torch.randint(len(taught.data), (n,), generator=game.chance).to(taught.data.device)
    pairs = Pairs(taught.source[index], taught.data[index], index)
    return pairs, None if taught.labels is None else untold_some(taught.labels[index], model, game.chance)


def _mean_square(ways: Tensor) -> float:
    return float(ways.square().sum(1).mean())
