"""The multilayer perceptron: the plainest function class, for generators and critics of few dimensions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar, Final, Literal, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from models.architectures._activation import ACTIVATIONS
from models.architectures._base import ARCHITECTURES, Architecture
from models.architectures._mlp_pass import MlpPass
from models.architectures._network import Network, Pass
from models.data._picture import Shape, numbers
from models.registry import option


def _uniform(weight: Tensor, chance: torch.Generator) -> None:
    bound = 1 / math.sqrt(weight.shape[1])
    nn.init.uniform_(weight, -bound, bound, generator=chance)


INITIALISATIONS: Final[Mapping[str, Callable[[Tensor, torch.Generator], object]]] = MappingProxyType(
    {
        "uniform": _uniform,
        "kaiming": lambda w, g: nn.init.kaiming_uniform_(w, nonlinearity="relu", generator=g),
        "xavier": lambda w, g: nn.init.xavier_uniform_(w, generator=g),
        "orthogonal": lambda w, g: nn.init.orthogonal_(w, gain=math.sqrt(2), generator=g),
        "normal": lambda w, g: nn.init.normal_(w, std=0.02, generator=g),
    }
)

NORMALISATIONS: Final[Mapping[str, Callable[[int], nn.Module]]] = MappingProxyType(
    {"none": lambda width: nn.Identity(), "batch": nn.BatchNorm1d, "layer": nn.LayerNorm}
)


class MlpModule(nn.Module):
    """Linear layers with normalisation, activation and, where asked, skip connections in between."""

    def __init__(self, spec: Mlp, inputs: int, outputs: int) -> None:
        super().__init__()
        widths = [inputs, *[spec.width] * spec.depth, outputs]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(widths))
        self.norms = nn.ModuleList(NORMALISATIONS[spec.normalisation](spec.width) for _ in range(spec.depth))
        self.activation = ACTIVATIONS[spec.activation].module()
        self.residual = [spec.residual and i > 0 for i in range(spec.depth)]

    def forward(self, x: Tensor) -> Tensor:
        """Shape (N, inputs) to (N, outputs)."""
        h = x
        for layer, norm, skip in zip(self.layers, self.norms, self.residual, strict=False):
            after = self.activation(norm(layer(h)))
            h = after + h if skip else after
        return self.layers[-1](h)


@ARCHITECTURES.register
class Mlp(Architecture):
    """Fully connected layers with a nonlinearity between them.

    hᵢ₊₁ = φ(Wᵢhᵢ + bᵢ), y = W_L h_L + b_L. No notion of neighbourhood: every input may act on every output. A generator
    of this kind is continuous, so it joins separate modes by thin bridges.

    Source: Rumelhart, Hinton and Williams 1986, Nature 323, 533; residual: He et al. 2016, arXiv:1512.03385, eq. 1;
    spectral norm: Miyato et al. 2018, arXiv:1802.05957, eq. 8.
    """

    title: ClassVar[str] = "MLP"
    source: ClassVar[str] = "Rumelhart, Hinton and Williams 1986, Nature 323, 533"
    formula: ClassVar[str] = r"h_{i+1} = \varphi(W_i h_i + b_i)"

    width: int = option(128, label="width", low=1, high=1024, log=True, help="How many units each hidden layer has.")
    depth: int = option(3, label="depth", low=0, high=12, help="How many hidden layers there are; 0 is a linear map.")
    activation: Literal["relu", "leaky_relu", "tanh", "elu", "selu", "softplus", "silu", "gelu"] = option(
        "leaky_relu", label="activation", symbol="φ", help="The nonlinearity after each hidden layer."
    )
    normalisation: Literal["none", "batch", "layer"] = option(
        "none", label="normalisation", help="Standardises each hidden layer over the batch or over its units."
    )
    residual: bool = option(default=False, label="residual", help="Adds each hidden layer's input to its output.")
    initialisation: Literal["uniform", "kaiming", "xavier", "orthogonal", "normal"] = option(
        "uniform", label="initialisation",
        help="Law of the first weights: uniform is torch's own, ±1/√inputs; normal has standard deviation .02.",
    )  # fmt: skip
    spectral_norm: bool = option(
        default=False, label="spectral norm",
        help="Divides each weight matrix by its largest singular value, so the net's slope is bounded.",
    )  # fmt: skip

    @property
    def least_batch(self) -> int:
        """Two where layers are standardised over the batch."""
        return 2 if self.normalisation == "batch" else 1

    def build(self, inputs: Shape, outputs: Shape, generator: torch.Generator) -> Network:
        """A network with weights drawn by ``initialisation`` and biases uniform in ±1/√inputs (zero for normal)."""
        module = MlpModule(self, numbers(inputs), numbers(outputs))
        for layer in self._linear(module):
            self._initialise(layer, generator)
            if self.spectral_norm:
                _bound_slope(layer, generator)
        plain = self.normalisation == "none" and not self.spectral_norm
        return Network(module, self._hand_written if plain else None)

    @property
    def has_bounded_slope(self) -> bool:
        """With spectral norm, for no activation here is steeper than about 1."""
        return self.spectral_norm

    def units(self, inputs: Shape, outputs: Shape) -> int:
        """Width times depth."""
        return self.width * self.depth

    def label(self) -> str:
        """``MLP 3×128``."""
        return f"MLP {self.depth}×{self.width}"

    def _hand_written(self, module: nn.Module) -> Pass:
        assert isinstance(module, MlpModule)
        return MlpPass(module, self._linear(module), ACTIVATIONS[self.activation], module.residual)

    def _linear(self, module: MlpModule) -> list[nn.Linear]:
        return [cast(nn.Linear, layer) for layer in module.layers]

    def _initialise(self, layer: nn.Linear, generator: torch.Generator) -> None:
        INITIALISATIONS[self.initialisation](layer.weight, generator)
        bound = 0.0 if self.initialisation == "normal" else 1 / math.sqrt(layer.in_features)
        nn.init.uniform_(layer.bias, -bound, bound, generator=generator)


def _bound_slope(layer: nn.Linear, generator: torch.Generator) -> None:
    """Give the layer torch's spectral norm, with its power iteration started from the run's own generator."""
    spectral_norm(layer)
    vectors = dict(layer.named_buffers())
    for name in ("parametrizations.weight.0._u", "parametrizations.weight.0._v"):
        vector = vectors[name]
        vector.copy_(nn.functional.normalize(torch.randn(vector.shape, generator=generator), dim=0))
