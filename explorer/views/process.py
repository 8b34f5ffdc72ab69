"""Noise to data: the particles of the model on their way, beside those of the data on theirs."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Scene, Snapshot
from explorer.views._base import Plane
from explorer.views._card import Card, card
from explorer.views._frame_layer import FrameLayer
from explorer.views._layered import LayeredView
from explorer.views.data_space import home

OBSERVATION = "process"


@card
class ProcessView(Card, LayeredView):
    """The plane at one time t between noise and data; its layers all show the same frame."""

    key: ClassVar[str] = "process"
    beside: ClassVar[str] = "latent"
    title: ClassVar[str] = "Noise to data"
    plane: ClassVar[Plane] = "process"

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Families with a way from noise to data in time."""
        return "process" in scene.offers

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown_frame, self.frames = 0, 0

    def needs(self) -> frozenset[str]:
        """The way itself, and what the layers ask for."""
        return super().needs() | {OBSERVATION}

    def set_frame(self, frame: int) -> None:
        """Show another frame."""
        self.shown_frame = max(0, min(frame, self.frames - 1))
        for layer in self.layers:
            if isinstance(layer, FrameLayer):
                layer.set_frame(self.shown_frame)

    def draw(self, snapshot: Snapshot) -> None:
        """All layers at the present frame."""
        arrays = snapshot.pictures.get(OBSERVATION)
        self.frames = 0 if arrays is None else len(arrays["time"])
        self.set_frame(self.shown_frame)
        super().draw(snapshot)

    def clear(self, *, same_data: bool = False) -> None:
        """A new run."""
        LayeredView.clear(self, same_data=same_data)

    def frame(self, scene: Scene) -> None:
        """As the data space."""
        self.plot.set_home(home(scene))
