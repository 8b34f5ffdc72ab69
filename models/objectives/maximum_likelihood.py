"""Maximum likelihood: KL(P_X ‖ P_θ), up to the entropy of the data, by the model's own density."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from torch import Tensor

from models.objectives._base import OBJECTIVES, Game, Objective
from models.registry import option


@OBJECTIVES.register
class MaximumLikelihood(Objective):
    """The mean of −log p_θ over a batch of data is descended: no samples of the model, no critic.

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
        x = game.sample if self.uses_whole_sample(game) else game.real()
        assert x is not None, "only a sample that is there is used"
        loss = model.network.differentiate(lambda: self.per_sample_loss(game, x).mean())
        return {"negative_log_likelihood": loss + model.log_stretch}

    def uses_whole_sample(self, game: Game) -> bool:
        """With ``full_batch``, where there is a sample."""
        return self.full_batch and game.sample is not None

    def per_sample_loss(self, game: Game, u: Tensor) -> Tensor:
        """The negative log-likelihood of each point."""
        return -game.model.log_density(u)
