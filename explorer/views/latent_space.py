"""The latent space: each z coloured by where it lands, and one z to hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Scene, Snapshot
from explorer.views._base import Layer, is_picture
from explorer.views._handle import Handle
from explorer.views._header import Chip
from explorer.views._layered import LayeredView

BEHIND: Final = 0.3
"""How much of the noise is seen while encoded data lie upon it."""

FRESH: Final = ("z starts a way on which fresh noise enters", "fresh noise enters")
"""What is said of a sampler that draws more noise than z, and in brief."""


class LatentSpaceView(LayeredView):
    """Points z ~ P_Z, and a handle that asks where its z lands.

    Signals:
        asked: the question ``push`` and its z, float32, shape (1, k); coordinates that are not shown are 0.
    """

    asked = Signal(str, object)
    title = "Latent space"
    plane = "latent"
    exclusive = ("lands", "mode")

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Samples that are a function of z; noise that only picks one of several components has no place to show.

        Nor has noise that becomes a picture pixel by pixel: its first two numbers are those of a corner.
        """
        return bool(({"push"} if is_picture(scene) else {"push", "process"}) & scene.offers)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer = ""
        self.handle = Handle(self.plot)
        self.handle.held.connect(self._ask)

    def set_shown(self, key: str, shown: bool) -> None:  # noqa: FBT001
        """Noise stands back behind encoded data."""
        super().set_shown(key, shown)
        self._step_back()

    def set_opacity(self, key: str, opacity: float) -> None:
        """As it is asked for, but that noise stands back behind encoded data."""
        super().set_opacity(key, opacity)
        self._step_back()

    def take_scene(self, scene: Scene) -> None:
        """Layers that know who stands before them."""
        super().take_scene(scene)
        self._step_back()

    def amend_scene(self, scene: Scene) -> None:
        """Another sampler may draw more noise than z, or none."""
        super().amend_scene(scene)
        self.describe(self.snapshot)

    def hold(self, z1: float, z2: float = 0.0) -> None:
        """Hold this z (its first two coordinates) and ask where it lands."""
        self.handle.hold(z1, z2)

    def show_answer(self, arrays: Mapping[str, Any]) -> None:
        """Say what is known of ``z``, shape (1, k): ``log_det``, shape (1,), NaN where it is not defined."""
        at = np.append(arrays["z"][0], 0.0)
        value = float(arrays["log_det"][0])
        stretch = f" · log|det J| = {value:.2f}" if np.isfinite(value) else ""
        self._answer = f"z = ({at[0]:.2f}, {at[1]:.2f}){stretch}".replace("-", "−")
        self.describe(self.snapshot)

    def explain(self, x: float, y: float) -> None:
        """A click takes hold of this z."""
        self.hold(x, y)

    def frame(self, scene: Scene) -> None:
        """The latent square."""
        self._answer = ""
        self.handle.let_go()
        self.plot.box.setAspectLocked(True)
        axes = self.plot.axes
        assert axes is not None
        axes.vertical = scene.latent_dimension > 1
        axes.names = ("z", "") if scene.latent_dimension == 1 else ("z₁", "z₂")
        e = scene.latent_extent
        self.plot.set_home((-e, -e, e, e))

    def describe(self, snapshot: Snapshot | None) -> None:
        """The answer, or what can be done."""
        k = self.scene.latent_dimension if self.scene else 2
        which = {1: "z on a line, height only spreads", 2: ""}.get(k, f"first 2 of {k} coordinates")
        brief = {1: "z on a line", 2: ""}.get(k, f"z₁, z₂ of {k}")
        if self._draws_more:
            which, brief = " · ".join(filter(None, (which, FRESH[0]))), " · ".join(filter(None, (brief, FRESH[1])))
        hint = self._answer or "click or drag to hold a z"
        short = self._answer or "click to hold a z"
        wordings = [" · ".join(filter(None, parts)) for parts in ((which, hint), (brief, hint), (brief, short))]
        self.header.set_subtitle(*wordings, short)

    @property
    def _draws_more(self) -> bool:
        """Whether z is only where a sample starts."""
        return self.scene is not None and "process" in self.scene.offers and "map" not in self.scene.offers

    def draw(self, snapshot: Snapshot) -> None:
        """Draw, and ask again: the same z lands elsewhere now."""
        super().draw(snapshot)
        if self.handle.is_held:
            self._ask()

    def restyle(self) -> None:
        """The handle, too."""
        super().restyle()
        self.handle.set_theme(self.theme, self.scale)

    def dot(self, layer: Layer) -> str:
        """Many colours have no one dot."""
        return ""

    def make_chip(self, layer: Layer) -> Chip:
        """Names are enough here."""
        chip = super().make_chip(layer)
        chip.setAccessibleDescription(layer.help)
        return chip

    def _step_back(self) -> None:
        behind = BEHIND if "encoded" in self.chips and self.is_shown("encoded") else 1.0
        for layer in self.layers:
            if layer.key in self.exclusive:
                layer.set_opacity(behind * self._opacity[layer.key])

    def _z(self) -> np.ndarray:
        k = self.scene.latent_dimension if self.scene else 2
        z = np.zeros((1, k), np.float32)
        at = self.handle.at
        z[0, : min(k, 2)] = at[: min(k, 2)]
        return z

    def _ask(self, *_: float) -> None:
        self.asked.emit("push", {"z": self._z()})
