"""Adversarial training: a critic climbs a bound on D while the generator descends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, Literal

import torch
from torch import Tensor

from models.architectures import ARCHITECTURES, Architecture
from models.architectures._net import Net
from models.architectures._network import Network, SlopePenalty
from models.data._picture import Shape
from models.divergences._base import CriticDivergence, slopes
from models.families._base import Recipe
from models.objectives._base import OBJECTIVES, Game, Objective
from models.objectives._lenses import Beside, Chain, Deviation, Lens, Noise, Packs, Sight
from models.objectives._penalties import Function, dragan, mean_squares, seen_through, total
from models.objectives._projection import FEATURES, projection
from models.objectives._smoothing import has_labels, smoothed_loss, smoothed_slopes
from models.objectives._unrolled import unrolled
from models.registry import RecipeError, member_type, option

PENALTIES: Final = "Penalties on the critic's slope"
REMEDIES: Final = "Remedies"

COMPANIES: Final = 8
"""How many packs of data, and how many of samples, a single point is put into to see what the critic makes of it."""


@OBJECTIVES.register
class Adversarial(Objective):
    """Two players: a critic T tells data from samples, the generator moves its samples to where T takes them for data.

    min over θ, max over T of the divergence's variational bound, by alternating gradient steps. The bound is tight only
    while the critic keeps up: too few critic steps and D is not what is minimised.

    Where the model is told c, D is that of the pairs (x, c): samples are told what the data of their batch are told,
    and the critic is a projection. Its slope counts in x alone; packs are of pairs, whatever their c.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, Algorithm 1; for any f-divergence Nowozin et al. 2016,
    arXiv:1606.00709, eq. 6; R1 and R2: Mescheder et al. 2018, arXiv:1801.04406, eq. 9-10; the other remedies name
    theirs.
    """

    title: ClassVar[str] = "critic"
    source: ClassVar[str] = "Goodfellow et al. 2014, arXiv:1406.2661, Algorithm 1"
    formula: ClassVar[str] = r"\min_\theta \max_T\ V(\theta, T)"
    capabilities: ClassVar[frozenset[str]] = frozenset({"arrows"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"critic"}), "family": frozenset({"push"})}
    )

    swaps: ClassVar[str] = "critic"
    remedy: ClassVar[str] = "a smaller learning rate, a stronger penalty on the critic"

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
        help=(
            "Learning rate of the critic; one above the generator's, two time scales, lets the critic keep up "
            "(Heusel et al. 2017, arXiv:1706.08500)."
        ),
    )  # fmt: skip
    r1: float = option(
        0.0, label="R1", symbol="γ", low=0.0, high=100.0, live=True, group=PENALTIES,
        help="Weight of ½‖∇T‖² at data: damps the circling of the game near its end (Mescheder et al. 2018, eq. 9).",
    )  # fmt: skip
    r2: float = option(
        0.0, label="R2", symbol="γ₂", low=0.0, high=100.0, live=True, group=PENALTIES,
        help="The same at samples: damps the circling where the samples are (Mescheder et al. 2018, eq. 10).",
    )  # fmt: skip
    dragan: float = option(
        0.0, label="DRAGAN", symbol="λ", low=0.0, high=1000.0, live=True, group=PENALTIES,
        help=(
            "Weight of (‖∇T‖ − 1)² around data: cures the sharp peaks of the critic at data that draw many samples "
            "to one place (Kodali et al. 2017, arXiv:1705.07215)."
        ),
    )  # fmt: skip
    dragan_spread: float = option(
        0.5, label="DRAGAN's spread", symbol="c", low=0.0, high=10.0, live=True, group=PENALTIES,
        help="How far around data that is: the standard deviation of the shift, in standard deviations of the data.",
    )  # fmt: skip
    fade: bool = option(
        default=False, label="fade", live=True, group=PENALTIES,
        help="Lets R1, R2 and instance noise fall as (1 − t)² over the run: steady early on, sharp at the end.",
    )  # fmt: skip
    instance_noise: float = option(
        0.0, label="instance noise", symbol="σ", low=0.0, high=100.0, live=True, group=REMEDIES,
        help=(
            "Normal noise on all that the critic sees: cures gradients that vanish because data and samples do not "
            "overlap (Sønderby et al. 2016, arXiv:1610.04490)."
        ),
    )  # fmt: skip
    label_smoothing: float = option(
        0.0, label="label smoothing", symbol="ε", low=0.0, high=0.4, live=True, group=REMEDIES,
        help=(
            "Share of the data that the critic is told are samples: cures a critic that is too sure of itself "
            "(Salimans et al. 2016, arXiv:1606.03498, 3.4)."
        ),
    )  # fmt: skip
    packing: int = option(
        1, label="packing", symbol="m", low=1, high=16, group=REMEDIES,
        help=(
            "How many samples the critic judges at once: cures mode collapse, for packs without variety give "
            "themselves away (Lin et al. 2018, arXiv:1712.04086); what m does not divide is left out of a batch."
        ),
    )  # fmt: skip
    minibatch_std: bool = option(
        default=False, label="minibatch deviation", group=REMEDIES,
        help=(
            "Tells the critic how much its batch varies: cures mode collapse, for a batch without variety gives "
            "itself away (Karras et al. 2018, arXiv:1710.10196, section 3)."
        ),
    )  # fmt: skip
    unrolled: int = option(
        0, label="unrolled steps", symbol="u", low=0, high=20, live=True, group=REMEDIES,
        help=(
            "How many of the critic's answers the generator looks ahead: cures hopping from mode to mode "
            "(Metz et al. 2017, arXiv:1611.02163); each makes the generator's step slower."
        ),
    )  # fmt: skip
    unrolled_lr: float = option(
        0.1, label="unrolled rate", symbol="η_u", low=1e-6, high=100.0, log=True, live=True, group=REMEDIES,
        help="Rate of the steps that are looked ahead, which are plain gradient steps whatever the optimiser is.",
    )  # fmt: skip
    critic: Annotated[Architecture, member_type(ARCHITECTURES)] = option(
        ARCHITECTURES["mlp"](), label="critic", symbol="T", help="The function class that the supremum is taken over."
    )

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """A supremum over critics of bounded slope needs something that bounds it; smoothing needs labels."""
        divergence = recipe.divergence
        assert isinstance(divergence, CriticDivergence)
        if divergence.needs_bounded_critic and not self.critic.has_bounded_slope:
            yield RecipeError(
                "",
                f"nothing bounds the critic's slope, as {divergence.title} needs: "
                "raise its gradient penalty or its clipping, or give the critic spectral norm",
            )
        elif divergence.needs_bounded_critic and recipe.family.condition(recipe.data):
            yield RecipeError(
                "",
                "spectral norm bounds the net over x alone, not the projection on c that a conditional critic adds, "
                f"and {divergence.title} needs both bounded: raise its gradient penalty or its clipping",
            )
        if self.label_smoothing and not has_labels(divergence):
            yield RecipeError(
                "",
                f"label smoothing means nothing to {divergence.title}, whose critic compares data with samples and "
                "knows no labels: set label_smoothing to 0",
            )

    @property
    def simultaneous(self) -> bool:
        """The option ``updates``."""
        return self.updates == "simultaneous"

    @property
    def least_batch(self) -> int:
        """What the critic needs, in packs; two for a deviation."""
        return self.packing * max(self.critic.least_batch, 2 if self.minibatch_std else 1)

    def nets(self, recipe: Recipe) -> tuple[Net, ...]:
        """The critic, which data and samples alike pass through, and again for each step that is looked ahead."""
        shape = recipe.data.shape
        seen = clear_sight(self.packing, shape, has_deviation=self.minibatch_std).whole.shape(shape)
        outputs = FEATURES if recipe.family.condition(recipe.data) else 1
        return (Net("objective.critic", self.critic, seen, outputs, passes=2 * (1 + self.unrolled)),)

    def build_critic(self, recipe: Recipe, generator: torch.Generator) -> Network | None:
        """T: ℝᵈ → ℝ, or from what its lenses make of ℝᵈ; a projection where the model is told c."""
        network, condition = self.nets(recipe)[0].build(generator), recipe.family.condition(recipe.data)
        return projection(network, condition, self.packing, generator) if condition else network

    @property
    def critic_turns(self) -> int:
        """The option ``critic_steps``."""
        return self.critic_steps

    @property
    def critic_rate(self) -> float:
        """The option ``critic_lr``."""
        return self.critic_lr

    @property
    def blurs_bound(self) -> str:
        """The first of the remedies at work that stands between the critic and D."""
        return next((reason for works, reason in BLURS if works(self)), "")

    def critic_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the critic: real and generated samples pass through it as one batch."""
        critic, divergence = _critic(game), _divergence(game)
        real, told = game.batch()
        sight = self._sight_in(game, told)
        real = sight.near.look(real)
        fake = sight.near.look(game.model.push_recorded(game.latent(), told))
        n = len(real)
        both = torch.cat([sight.far.look(real), sight.far.look(fake)])
        outputs = critic.forward(both)
        if self.label_smoothing:
            loss, on_real, on_fake = smoothed_slopes(divergence, outputs[:n], outputs[n:], self.label_smoothing)
        else:
            loss, on_real, on_fake = divergence.critic_slopes(outputs[:n], outputs[n:])
        critic.backward(torch.cat([on_real, on_fake]))
        points = torch.cat([real, fake]) if sight.far else both
        values = [critic.add_slope_penalty(penalty) for penalty in self._penalties(game, sight, points, game.chance)]
        scalars = {"critic_loss": loss, "bound": divergence.bound(loss)}
        return scalars | ({"penalty": sum(values)} if values else {})

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the generator, pulled back through the critic and then through g_θ."""
        if self.unrolled:
            return self._foresighted_turn(game)
        critic, divergence = _critic(game), _divergence(game)
        is_told = bool(game.model.condition)
        data, told = game.batch() if is_told or divergence.paired else (None, None)
        sight = self._sight_in(game, told).whole
        real = critic.evaluate(sight.look(data)) if divergence.paired and data is not None else None
        stages = sight.stages(game.model.push_recorded(game.latent(), told))
        outputs = critic.forward(stages[-1])
        chosen = {"minimax": divergence.minimax_slopes, "non_saturating": divergence.non_saturating_slopes}
        loss, slope = chosen[self.generator_loss](outputs, real)
        game.model.pull_back(sight.pull(stages, critic.pull(slope)))
        return {"generator_loss": loss}

    def sample_loss(self, game: Game, fake: Tensor, real: Tensor, told: Tensor | None = None) -> Tensor:
        """The generator's loss of these samples under the present critic, or the one that is looked ahead.

        Nothing hides the samples from the critic here: instance noise is left out.
        """
        chance = torch.Generator().manual_seed(0)
        sight, real = self._sight(game, 0.0, chance, told), real[torch.arange(len(fake)) % len(real)]
        if self.unrolled:
            return self._foresighted_loss(game, sight, fake, real, chance)
        critic, divergence = _critic(game), _divergence(game)
        outputs = critic.evaluate(sight.whole.look(real)) if divergence.paired else None
        return self._generator_loss(divergence, critic.module(sight.whole.look(fake)), outputs)

    def critic_at(self, game: Game, points: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        """Where the critic judges packs or batches, the mean of its outputs among data and among samples."""
        critic, sight = _critic(game), self._sight(game, 0.0, game.chance).whole
        if not sight:
            return critic.evaluate(points)
        shifts = [-i * (self.packing - 1) for i in range(COMPANIES if self.packing > 1 else 1)]
        crowds = [crowd.roll(shift, 0) for crowd in (real, fake) for shift in shifts]
        return torch.stack([critic.evaluate(sight.insert(points, crowd)) for crowd in crowds]).mean(0)

    def judged(self, game: Game, samples: Tensor) -> Tensor:
        """One output for each pack."""
        return _critic(game).evaluate(self._sight(game, 0.0, game.chance).whole.look(samples))

    def constrain(self, game: Game) -> None:
        """Bring the critic back into its class after its step."""
        _divergence(game).constrain(_critic(game).theta)

    def _sight_in(self, game: Game, told: Tensor | None) -> Sight:
        return self._sight(game, self.instance_noise * self._left(game), game.chance, told)

    def _sight(self, game: Game, noise: float, chance: torch.Generator, told: Tensor | None = None) -> Sight:
        """What lies before the critic; where nothing is told, c is one that stands for none in particular."""
        clear = clear_sight(self.packing, game.shape, has_deviation=self.minibatch_std)
        near = Chain((Noise(noise, chance), *clear.near.lenses)) if noise else clear.near
        condition = game.model.condition
        if not condition:
            return Sight(near, clear.far)
        columns = condition.mean() if told is None else condition.rows(told, len(told))
        return Sight(near, Chain((*clear.far.lenses, Beside.of_packs(columns, self.packing))))

    def _left(self, game: Game) -> float:
        """What is left of that which fades."""
        return (1 - game.progress) ** 2 if self.fade else 1.0

    def _penalties(self, game: Game, sight: Sight, points: Tensor, chance: torch.Generator) -> list[SlopePenalty]:
        """All that is added to the critic's loss; half of the points are data, the others samples."""
        n = len(points) // 2
        r1, r2 = (0.5 * weight * self._left(game) for weight in (self.r1, self.r2))
        at_once = [(r1, 0.0), (0.0, r2)] if sight.far else [(r1, r2)]  # data and samples are batches of their own
        mix = torch.rand(n, 1, generator=chance).to(points.device)
        penalties = [
            *(mean_squares(points, n, *weights) for weights in at_once),
            dragan(points[:n], self.dragan, self.dragan_spread, chance),
            _divergence(game).penalty(points[:n], points[n:], mix),
        ]
        return [seen_through(penalty, sight.far) for penalty in penalties if penalty is not None]

    def _generator_loss(self, divergence: CriticDivergence, fake: Tensor, real: Tensor | None) -> Tensor:
        chosen = {"minimax": divergence.minimax_loss, "non_saturating": divergence.non_saturating_loss}
        return chosen[self.generator_loss](fake, real)

    def _foresighted_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the generator against the critic that has answered."""
        real, told = game.batch()
        fake = game.model.push_recorded(game.latent(), told)
        sight = self._sight_in(game, told)
        loss, slope = slopes(lambda x: self._foresighted_loss(game, sight, x, real, game.chance), fake)
        game.model.pull_back(slope)
        return {"generator_loss": loss}

    def _foresighted_loss(
        self, game: Game, sight: Sight, fake: Tensor, real: Tensor, chance: torch.Generator
    ) -> Tensor:
        """Minimax is then the whole of −L_T: its part on data moves with the critic (Metz et al. 2017, eq. 8)."""
        divergence = _divergence(game)
        points = torch.cat([sight.near.look(real), sight.near.look(fake)])
        seen = [sight.far.look(half) for half in points.chunk(2)]
        penalties = self._penalties(game, sight, points, chance)

        def critic_loss(critic: Function) -> Tensor:
            on_real, on_fake = (critic(half) for half in seen)
            return smoothed_loss(divergence, on_real, on_fake, self.label_smoothing) + total(penalties, critic)

        ahead = unrolled(_critic(game).module, critic_loss, self.unrolled, self.unrolled_lr)
        on_real, on_fake = (ahead(half) for half in seen)
        if self.generator_loss == "minimax":
            return -divergence.critic_loss(on_real, on_fake)
        return divergence.non_saturating_loss(on_fake, on_real if divergence.paired else None)


BLURS: Final[tuple[tuple[Callable[[Adversarial], bool], str], ...]] = (
    (
        lambda o: o.minibatch_std,
        "The critic sees a statistic of its batch: what it proves is a distance of batches, and no bound on D(P ‖ Q).",
    ),
    (
        lambda o: o.packing > 1,
        "The critic judges packs: what it proves is a bound on D of packs of independent samples, not on D(P ‖ Q).",
    ),
    (
        lambda o: o.instance_noise > 0,
        "The critic sees data and samples through noise: it is trained for D of the smoothed laws, below D(P ‖ Q).",
    ),
    (
        lambda o: o.label_smoothing > 0,
        "Label smoothing gives the critic another best T: what it proves stays below D(P ‖ Q) even at its best.",
    ),
)


@lru_cache
def clear_sight(packing: int, shape: Shape, *, has_deviation: bool) -> Sight:
    """What samples of this shape pass through where there is no noise."""
    near: tuple[Lens, ...] = (Packs(packing),) if packing > 1 else ()
    return Sight(Chain(near), Chain((Deviation.of(shape),) if has_deviation else ()))


def _critic(game: Game) -> Network:
    assert game.critic is not None, "an adversarial game has a critic"
    return game.critic


def _divergence(game: Game) -> CriticDivergence:
    assert isinstance(game.divergence, CriticDivergence), "the recipe allows only divergences with a critic here"
    return game.divergence
