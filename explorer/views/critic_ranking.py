"""Critic: the pictures that it takes for data most and least surely, and where on them it looks."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import is_picture
from explorer.views._card import card
from explorer.views._critic_strips import CriticStrips
from explorer.views._header import Chip
from explorer.views._painted_card import PaintedCard

SALIENCY: Final = (
    "Below each picture where the critic looks: |∂T/∂x|, the sum over a pixel's channels; the colours of all pictures "
    "have one scale."
)


@card
class CriticRankingCard(PaintedCard):
    """Real and generated pictures in the order of T(x), high where the critic takes x for data."""

    title = "Critic"
    key = "critic_ranking"
    beside: ClassVar[str] = "data"
    paints = CriticStrips
    order = 40

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chip = Chip("saliency", SALIENCY, fades=False)
        self.chip.setChecked(True)
        self.chip.clicked.connect(self._switch)
        self.header.set_parts([self.chip])

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Pictures, and a critic."""
        return is_picture(scene) and scene.critic_parameters > 0

    @property
    def strips(self) -> CriticStrips:
        """What is painted."""
        assert isinstance(self.picture, CriticStrips)
        return self.picture

    def take_scene(self, scene: Scene) -> None:
        """Shape of the pictures."""
        self.strips.scene = scene
        super().take_scene(scene)

    def restyle(self) -> None:
        """Saliencies have another colour."""
        super().restyle()
        self.chip.set_theme(self.theme, self.scale, self.theme.critic_high)
        self.strips.refresh()
        self.header.arrange()

    def flaw(self, arrays: Arrays) -> str:
        """A critic beyond all numbers puts nothing in order."""
        is_finite = all(np.isfinite(arrays[name]).all() for name in ("real_all", "fake_all"))
        return "" if is_finite else "The critic's values are not finite here: they have no order."

    def words(self, arrays: Arrays) -> tuple[str, ...]:
        """Means of T, and how often it is right."""
        real, fake, threshold = arrays["real_all"], arrays["fake_all"], float(arrays["threshold"])
        means = f"mean T: real {real.mean():.2f}, generated {fake.mean():.2f}".replace("-", "−")
        right = (float((real > threshold).mean()) + float((fake <= threshold).mean())) / 2
        if not np.isfinite(threshold):
            return (means,)
        return (f"{means} · right about {100 * right:.0f} % of pictures", means, f"right {100 * right:.0f} %")

    def _switch(self, *_: object) -> None:
        self.strips.is_salient = self.chip.isChecked()
        self.strips.update()
