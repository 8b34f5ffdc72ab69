"""A normal law around the decoder's output."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor, nn

from models.likelihoods._base import LIKELIHOODS, Likelihood, Observed
from models.registry import option


class RoundGaussian(Observed):
    """N(u; g, σ²I) with one σ for all coordinates, which is a weight or a fixed number."""

    def __init__(self, dimension: int, std: float, *, is_learnt: bool) -> None:
        super().__init__(dimension, dimension)
        log_std = torch.tensor([math.log(std)])
        if is_learnt:
            self.log_std = nn.Parameter(log_std)
        else:
            self.register_buffer("log_std", log_std)

    @property
    def std(self) -> Tensor:
        """σ in the units of training, shape (1,)."""
        return self.log_std.exp()

    def log_prob(self, outputs: Tensor, u: Tensor) -> Tensor:
        """−‖u − g‖²/2σ² − d log σ − (d/2) log 2π."""
        return self._log_density((u - outputs).square().sum(1))

    def log_prob_of_all(self, outputs: Tensor, u: Tensor) -> Tensor:
        """The same for every pair, the squared distances by one product of matrices around the outputs' mean."""
        centre = outputs.mean(0)
        outputs, u = outputs - centre, u - centre
        squares = u.square().sum(1, keepdim=True) + outputs.square().sum(1) - 2 * u @ outputs.T
        return self._log_density(squares.clamp_min(0))

    def separation(self, outputs: Tensor, others: Tensor) -> Tensor:
        """‖g − g′‖²/σ²."""
        return (outputs - others).square().sum(1) / self.std.square()

    def mean(self, outputs: Tensor) -> Tensor:
        """The outputs themselves."""
        return outputs

    def sample(self, outputs: Tensor, noise: Tensor) -> Tensor:
        """The point g + σ ε."""
        return outputs + self.std * noise

    def _log_density(self, squares: Tensor) -> Tensor:
        return -0.5 * squares / self.std.square() - self.dimension * (self.log_std + 0.5 * math.log(2 * math.pi))


@LIKELIHOODS.register
class Gaussian(Likelihood):
    """Normal noise of one standard deviation around the decoder's output.

    p(x|z) = N(x; g(z), σ²I). A small σ makes P_θ a thin blur of the decoder's image; a large one makes the latent
    needless. Learnt, σ comes to the root mean square of what the decoder cannot explain.

    Source: Kingma and Welling 2014, Auto-encoding variational Bayes, arXiv:1312.6114, appendix C.2.
    """

    title: ClassVar[str] = "Gaussian"
    source: ClassVar[str] = "Kingma and Welling 2014, arXiv:1312.6114, appendix C.2"
    formula: ClassVar[str] = r"p(x|z) = N(x;\ g(z),\ \sigma^2 I)"
    capabilities: ClassVar[frozenset[str]] = frozenset({"smooth"})

    std: float = option(
        0.1, label="std", symbol="σ", low=1e-3, high=10.0, log=True,
        help="Standard deviation of the noise around the decoder's output; where it is learnt, the one it starts from.",
    )  # fmt: skip
    learn_std: bool = option(default=True, label="learn σ", help="Lets training move σ with the other weights.")

    def build(self, dimension: int) -> Observed:
        """With σ as a weight or as a fixed number."""
        return RoundGaussian(dimension, self.std, is_learnt=self.learn_std)
