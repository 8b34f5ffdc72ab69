"""The projection critic: it judges samples together with what is told of them."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from models.architectures._network import Network
from models.families._condition import Condition

FEATURES: Final = 64
"""Numbers of φ(x)."""


class Projection(nn.Module):
    """T(x, c) = ψ(φ(x)) + ⟨e_c, φ(x)⟩, with ψ affine.

    With p(c|x) and p(x) in the exponential form of a softmax over φ, the log ratio of the laws of pairs has this shape:
    the inner product compares c with what x looks like, ψ asks whether x looks like data at all.

    Of a pack of m samples, φ is of the whole pack, and a product is added for each of its c, with e of its own.

    Source: Miyato and Koyama 2018, arXiv:1802.05637, eq. 3.
    """

    def __init__(self, features: nn.Module, encoder: nn.Module, columns: int, told: int, packing: int) -> None:
        """Take the parts.

        Args:
            features: φ, from rows of x alone.
            encoder: from the columns that tell c to what e is linear in.
            columns: how many numbers tell one c.
            told: how many numbers the encoder gives.
            packing: m.
        """
        super().__init__()
        self.features, self.encoder = features, encoder
        self.columns, self.packing = columns, packing
        self.plain = nn.Linear(FEATURES, 1)
        self.embedded = nn.Linear(told * packing, FEATURES, bias=False)

    @property
    def told_columns(self) -> int:
        """How many numbers of a row tell c: of each sample of a pack."""
        return self.columns * self.packing

    def forward(self, rows: Tensor) -> Tensor:
        """Rows of x, then of the columns that tell c: shape (N, d + m · columns) to (N, 1)."""
        told = rows[:, -self.told_columns :]
        phi = self.features(rows[:, : -told.shape[1]])
        e = self.embedded(self.encoder(told.reshape(-1, self.columns)).view(len(rows), -1))
        return self.plain(phi) + (e * phi).sum(1, keepdim=True)


def projection(features: Network, condition: Condition, packing: int, generator: torch.Generator) -> Network:
    """The critic over features that a network of the chosen architecture gives, with fresh weights."""
    encoder = condition.encoder(generator)
    module = Projection(features.module, encoder, condition.columns, condition.width, packing)
    for layer in (module.plain, module.embedded):
        nn.init.normal_(layer.weight, std=FEATURES**-0.5, generator=generator)
    nn.init.zeros_(module.plain.bias)
    return Network(module, units=features.units)
