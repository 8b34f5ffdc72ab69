"""What every objective offers: how a divergence is minimised when only samples are at hand."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.architectures._net import Net
from models.architectures._network import Network
from models.data._picture import Shape
from models.divergences import Divergence
from models.families import Model
from models.families._base import Recipe
from models.registry import Member, RecipeError, Registry


@dataclass(eq=False)
class Game:
    """All that a turn of training plays with.

    Attributes:
        model: P_θ.
        critic: the second player, where the objective has one.
        divergence: D.
        real: draws one batch of data, shape (N, d).
        latent: draws one batch of noise, shape (N, k).
        chance: the generator for whatever else a turn draws.
        progress: how much of the run is done, from 0 to 1.
        shape: what a sample is, d numbers or a picture.
        told: draws one batch with what is told of each sample: its class, shapes (N, d) and (N,), or its caption,
            (N, d) and (N, L).
        log_density: of P_X in the units of training, shape (N, d) to (N,), where it is known; else None.
        sample: the whole training sample in the units of training, shape (n, d); None if every batch is drawn afresh.
        whole: the same as a batch, for a turn that takes all of it: where levels are noised, with fresh noise.
        labels: the class of each of its samples, shape (n,), int64; None where there are none.
    """

    model: Model
    critic: Network | None
    divergence: Divergence
    real: Callable[[], Tensor]
    latent: Callable[[], Tensor]
    chance: torch.Generator
    shape: Shape = 0
    progress: float = 0.0
    sample: Tensor | None = None
    whole: Callable[[], Tensor] | None = None
    labels: Tensor | None = None
    log_density: Callable[[Tensor], Tensor] | None = None
    told: Callable[[], tuple[Tensor, Tensor]] | None = None

    def batch(self) -> tuple[Tensor, Tensor | None]:
        """One batch of data, and what the model is told of each sample; None for a model that is told nothing."""
        if not self.model.condition:
            return self.real(), None
        assert self.told is not None, "a game whose data tell something can tell it"
        return self.told()

    @property
    def is_planar(self) -> bool:
        """Whether each player has one weight, so that the whole state of the game is a point of a plane."""
        return self.model.network.parameters == 1 and self.critic is not None and self.critic.parameters == 1

    def place(self) -> dict[str, float]:
        """Where a planar game stands: the generator's weight θ and the critic's ψ."""
        assert self.critic is not None, "a game of one player is not planar"
        return {"theta": float(self.model.network.theta), "psi": float(self.critic.theta)}


class Objective(Member):
    """A way to compute a step towards smaller D(P_X ‖ P_θ) from samples.

    A turn fills one player's flat gradient and returns its scalars; the trainer then lets the optimiser move it. An
    objective to which the optimiser is ``idle`` moves the weights itself in its turn.

    Capabilities: ``arrows`` (``sample_loss``: each sample is pushed somewhere on its own); ``per_sample_loss`` (the
    loss is a mean over data, so that a batch gives an unbiased estimate of its gradient); ``log_target`` (the law of θ
    that its particles tend to is known up to a constant).
    """

    remedy: ClassVar[str] = "a smaller learning rate"
    """What to try when training diverges: continues the word "Try"."""

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """Why the parts of a recipe cannot be trained together although their capabilities fit."""
        return ()

    def nets(self, recipe: Recipe) -> tuple[Net, ...]:
        """The networks that play beside the model; none for objectives without a critic."""
        return ()

    def build_critic(self, recipe: Recipe, generator: torch.Generator) -> Network | None:
        """The critic over the data of a recipe with fresh weights, or None for objectives that need none."""
        return None

    @property
    def critic_turns(self) -> int:
        """How many turns the critic takes before each turn of the generator."""
        return 0

    @property
    def simultaneous(self) -> bool:
        """Whether both players find their gradients before either moves."""
        return False

    @property
    def critic_rate(self) -> float:
        """Learning rate of the critic."""
        return 0.0

    def critic_turn(self, game: Game) -> dict[str, float]:
        """Fill ``game.critic.gradient``; return the scalars to plot. Only with a critic."""
        raise NotImplementedError(f"{self.title} has no critic")

    @abstractmethod
    def generator_turn(self, game: Game) -> dict[str, float]:
        """Fill ``game.model.network.gradient``; return the scalars to plot, always the same names."""

    def critic_at(self, game: Game, points: Tensor, real: Tensor, fake: Tensor) -> Tensor | None:
        """The critic's raw output at single points, for looking at: the same at every call; None without a critic.

        Args:
            game: with the critic.
            points: where, in the units of training, shape (N, d).
            real: data that a point may stand among, shape (M, d), for critics that judge more than one sample at once.
            fake: samples that it may stand among, shape (M, d).

        Returns:
            Shape (N, 1).
        """
        return None if game.critic is None else game.critic.evaluate(points)

    def judged(self, game: Game, samples: Tensor) -> Tensor | None:
        """The critic's raw outputs on a batch, shape (N, d) to (M, 1), as in training but without noise.

        M is N unless it judges more than one sample at once; None without a critic.
        """
        return None if game.critic is None else game.critic.evaluate(samples)

    @property
    def blurs_bound(self) -> str:
        """Why what the critic proves is not the best bound on D(P_X ‖ P_θ) itself, one sentence; empty if it is."""
        return ""

    def constrain(self, game: Game) -> None:
        """Bring the critic back into the class that the objective asks for, after each of its steps."""

    def sample_loss(self, game: Game, fake: Tensor, real: Tensor, told: Tensor | None = None) -> Tensor:
        """The generator's loss as a function of its samples, shape (), differentiable in ``fake``, shape (N, d).

        Its negative gradient is the arrow along which each generated sample is pushed. Only with ``arrows``.

        Args:
            game: that is played.
            fake: samples, shape (N, d).
            real: data, shape (M, d).
            told: what is told of each sample and of the datum in its place, which are then as many; None for no c in
                particular.
        """
        raise NotImplementedError(f"{self.title} moves weights, not samples")

    def uses_whole_sample(self, game: Game) -> bool:
        """Whether a turn takes all of a finite training sample instead of a batch."""
        return False

    def log_target(self, game: Game, theta: Tensor) -> Tensor:
        """Log of the law of θ that the particles tend to, up to a constant, without gradient: shape (R, P) to (R,).

        Only with ``log_target``.
        """
        raise NotImplementedError(f"{self.title} samples no law of θ")

    def per_sample_loss(self, game: Game, u: Tensor) -> Tensor:
        """The loss of each data point, units of training, shape (N, d) to (N,), differentiable in θ.

        What training descends is its mean over a batch, for a model that is told no classes. Noise that it needs comes
        from ``game.chance``. Only with ``per_sample_loss``.
        """
        raise NotImplementedError(f"{self.title} is no mean over the data")


OBJECTIVES: Final[Registry[Objective]] = Registry("objectives", Objective)
