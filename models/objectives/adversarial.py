"""Adversarial training: a critic climbs a bound on D while the generator descends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

import torch
from torch import Tensor

from models.architectures import ARCHITECTURES, Architecture
from models.architectures._network import MeanSquareSlope, Network, SlopePenalty
from models.divergences import Divergence
from models.divergences._base import CriticDivergence
from models.objectives._base import OBJECTIVES, Game, Objective
from models.registry import member_type, option


@OBJECTIVES.register
class Adversarial(Objective):
    """Two players: a critic T tells data from samples, the generator moves its samples to where T takes them for data.

    min over θ, max over T of the divergence's variational bound, by alternating gradient steps. The bound is tight only
    while the critic keeps up: too few critic steps and D is not what is minimised.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, Algorithm 1; for any f-divergence Nowozin et al. 2016,
    arXiv:1606.00709, eq. 6; R1: Mescheder et al. 2018, arXiv:1801.04406, eq. 9.
    """

    title: ClassVar[str] = "critic"
    source: ClassVar[str] = "Goodfellow et al. 2014, arXiv:1406.2661, Algorithm 1"
    formula: ClassVar[str] = r"\min_\theta \max_T\ V(\theta, T)"
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"critic"}), "family": frozenset({"push"})}
    )

    swaps: ClassVar[str] = "critic"

    generator_loss: Literal["non_saturating", "minimax"] = option(
        "non_saturating", label="generator's loss", live=True,
        help="Minimax descends the bound itself; non-saturating keeps a gradient where the critic wins.",
    )  # fmt: skip
    updates: Literal["alternating", "simultaneous"] = option(
        "alternating", label="updates", live=True,
        help="Alternating: each player answers the other's last move. Simultaneous: both move at once.",
    )  # fmt: skip
    critic_steps: int = option(
        1, label="critic steps", low=1, high=100, log=True, live=True,
        help="How many steps the critic takes before each step of the generator.",
    )  # fmt: skip
    critic_lr: float = option(
        1e-3, label="critic rate", symbol="η_T", low=1e-7, high=1e6, log=True, live=True,
        help="Learning rate of the critic.",
    )  # fmt: skip
    r1: float = option(
        0.0, label="R1", symbol="γ", low=0.0, high=100.0, live=True,
        help="Weight of ½‖∇T‖² at real samples, which damps the game near its end; 0 takes none.",
    )  # fmt: skip
    fade: bool = option(
        default=False, label="fade R1", live=True,
        help="Lets the weight of R1 fall as (1 − t)² over the run: steady early on, sharp at the end.",
    )  # fmt: skip
    critic: Annotated[Architecture, member_type(ARCHITECTURES)] = option(
        ARCHITECTURES["mlp"](), label="critic", symbol="T", help="The function class that the supremum is taken over."
    )

    def objections(self, divergence: Divergence, batch_size: int) -> Iterable[str]:
        """A supremum over critics of bounded slope needs something that bounds it."""
        assert isinstance(divergence, CriticDivergence)
        if divergence.needs_bounded_critic and not self.critic.has_bounded_slope:
            yield (
                f"nothing bounds the critic's slope, as {divergence.title} needs: "
                "raise its gradient penalty or its clipping, or give the critic spectral norm"
            )

    @property
    def simultaneous(self) -> bool:
        """The option ``updates``."""
        return self.updates == "simultaneous"

    @property
    def least_batch(self) -> int:
        """What the critic needs."""
        return self.critic.least_batch

    def build_critic(self, dimension: int, generator: torch.Generator) -> Network | None:
        """T: ℝᵈ → ℝ."""
        return self.critic.build(dimension, 1, generator)

    @property
    def critic_units(self) -> int:
        """The critic's hidden units, for data and samples alike."""
        return 2 * self.critic.units

    @property
    def critic_turns(self) -> int:
        """The option ``critic_steps``."""
        return self.critic_steps

    @property
    def critic_rate(self) -> float:
        """The option ``critic_lr``."""
        return self.critic_lr

    def critic_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the critic: real and generated samples pass through it as one batch."""
        critic, divergence = _critic(game), _divergence(game)
        real = game.real()
        fake = game.model.push_recorded(game.latent())
        n = len(real)
        both = torch.cat([real, fake])
        outputs = critic.forward(both)
        loss, on_real, on_fake = divergence.critic_slopes(outputs[:n], outputs[n:])
        critic.backward(torch.cat([on_real, on_fake]))
        scalars = {"critic_loss": loss, "bound": divergence.bound(loss)}
        return scalars | self._penalty(game, both[:n], both[n:])

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the generator, pulled back through the critic and then through g_θ."""
        critic, divergence = _critic(game), _divergence(game)
        real = critic.evaluate(game.real()) if divergence.paired else None
        outputs = critic.forward(game.model.push_recorded(game.latent()))
        chosen = {"minimax": divergence.minimax_slopes, "non_saturating": divergence.non_saturating_slopes}
        loss, slope = chosen[self.generator_loss](outputs, real)
        game.model.pull_back(critic.pull(slope))
        return {"generator_loss": loss}

    def sample_loss(self, game: Game, fake: Tensor, real: Tensor) -> Tensor:
        """The generator's loss of these samples under the present critic."""
        critic, divergence = _critic(game), _divergence(game)
        outputs = critic.module(real[: len(fake)]).detach() if divergence.paired else None
        chosen = {"minimax": divergence.minimax_loss, "non_saturating": divergence.non_saturating_loss}
        return chosen[self.generator_loss](critic.module(fake), outputs)

    def constrain(self, game: Game) -> None:
        """Bring the critic back into its class after its step."""
        _divergence(game).constrain(_critic(game).theta)

    def _penalty(self, game: Game, real: Tensor, fake: Tensor) -> dict[str, float]:
        critic, divergence = _critic(game), _divergence(game)
        mix = torch.rand(len(real), 1, generator=game.chance).to(real.device)
        penalties = [self._r1(real, game.progress), divergence.penalty(real, fake, mix)]
        values = [critic.add_slope_penalty(penalty) for penalty in penalties if penalty is not None]
        return {"penalty": sum(values)} if values else {}

    def _r1(self, real: Tensor, progress: float) -> SlopePenalty | None:
        """γ/2 E_P[‖∇T(x)‖²] (Mescheder et al. 2018, arXiv:1801.04406, eq. 9)."""
        if self.r1 == 0:
            return None
        weight = 0.5 * self.r1 * ((1 - progress) ** 2 if self.fade else 1.0)
        return MeanSquareSlope.at(real, weight)


def _critic(game: Game) -> Network:
    assert game.critic is not None, "an adversarial game has a critic"
    return game.critic


def _divergence(game: Game) -> CriticDivergence:
    assert isinstance(game.divergence, CriticDivergence), "the recipe allows only divergences with a critic here"
    return game.divergence
