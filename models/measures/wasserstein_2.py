"""How far mass has to travel, by the best plan there is, when long ways count more."""

from __future__ import annotations

from typing import ClassVar

from models.measures._base import MEASURES
from models.measures._transport import Transport


@MEASURES.register
class Wasserstein2(Transport):
    """Wasserstein-2 distance, exact between samples of at most a thousand points each; exact on the line.

    Source: Peyré and Cuturi 2019, Computational Optimal Transport, arXiv:1803.00567, section 2.4.
    """

    title: ClassVar[str] = "Wasserstein-2"
    source: ClassVar[str] = "Peyré and Cuturi 2019, Computational Optimal Transport, arXiv:1803.00567, section 2.4"
    formula: ClassVar[str] = r"\left(\min_\pi E_\pi \|x - y\|^2\right)^{1/2}"
    power: ClassVar[int] = 2
