"""What all costs of transport between two samples share."""

from __future__ import annotations

from typing import ClassVar, Literal

from models.divergences._base import SampleDivergence
from models.registry import option


class TransportCost(SampleDivergence):
    """The least cost at which mass is carried from one sample to the other, where ‖x − x̂‖ᵖ is the price of the way."""

    group: ClassVar[str] = "Optimal transport"
    capabilities: ClassVar[frozenset[str]] = frozenset({"transport"})

    power: Literal[1, 2] = option(
        2, label="power", symbol="p", live=True,
        help="Of the distance: 2 moves far samples most, 1 moves all at one speed.",
    )  # fmt: skip
