"""Maximum likelihood: KL(P_X ‖ P_θ), up to the entropy of the data, by the model's own density."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from torch import Tensor

from models.objectives._base import OBJECTIVES, Game, Objective
from models.objectives._told import untold_some
from models.registry import option


@OBJECTIVES.register
class MaximumLikelihood(Objective):
    """The mean of −log p_θ over a batch of data is descended: no samples of the model, no critic.

    A model that is told the class or the caption c of each sample learns p(x|c): it descends −log p_θ(x|c).

    KL(P_X ‖ P_θ) = E[−log p_θ(x)] − H(P_X), and the entropy H does not depend on θ. The gradient of a batch is an
    unbiased estimate of that of the whole sample; its spread falls as 1/√N.

    Source: Fisher 1922, Phil. Trans. R. Soc. A 222, 309, section 6.
    """

    title: ClassVar[str] = "maximum likelihood"
    source: ClassVar[str] = "Fisher 1922, Phil. Trans. R. Soc. A 222, 309, section 6"
    formula: ClassVar[str] = r"\min_\theta\ -\frac{1}{N} \sum_i \log p_\theta(x_i)"
    swaps: ClassVar[str] = "one player"
    capabilities: ClassVar[frozenset[str]] = frozenset({"per_sample_loss"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"likelihood"}), "family": frozenset({"log_prob"})}
    )

    full_batch: bool = option(
        default=False, label="full batch", live=True,
        help="Takes the gradient over the whole training sample; with fresh data in every batch it has no effect.",
    )  # fmt: skip

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the mean negative log-likelihood, nats in data units."""
        model = game.model
        x, told = self._batch(game)
        if told is None:
            loss = model.network.differentiate(lambda: self.per_sample_loss(game, x).mean())
        else:
            known = untold_some(told, model, game.chance)
            loss = model.network.differentiate(lambda: -model.log_density_given(x, known).mean())
        return {"negative_log_likelihood": loss + model.log_stretch}

    def _batch(self, game: Game) -> tuple[Tensor, Tensor | None]:
        """A batch or the whole sample, and what is told of each; None for a model that is told nothing."""
        if not self.uses_whole_sample(game):
            return game.batch()
        assert game.whole is not None, "only a sample that is there is used"
        return game.whole(), game.labels if game.model.condition else None

    def uses_whole_sample(self, game: Game) -> bool:
        """With ``full_batch``, where there is a sample, with classes if the model is told some."""
        is_there = game.sample is not None and (game.labels is not None or not game.model.condition)
        return self.full_batch and is_there

    def per_sample_loss(self, game: Game, u: Tensor) -> Tensor:
        """The negative log-likelihood of each point."""
        return -game.model.log_density(u)
