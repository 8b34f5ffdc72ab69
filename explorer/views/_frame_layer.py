"""What layers share that show one frame of many: the state of affairs at one time between noise and data."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from explorer.session.snapshot import Arrays
from explorer.views._base import Layer, Plane


class FrameLayer(Layer):
    """A layer of the card "Noise to data", whose arrays have one entry for each frame; all show the same frame.

    Attributes:
        frame: which one, from 0, noise, on.
    """

    plane: ClassVar[Plane] = "process"

    def __init__(self) -> None:
        super().__init__()
        self.frame = 0
        self._arrays: Arrays | None = None

    @abstractmethod
    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """Draw one frame of the observation's arrays."""

    def draw(self, arrays: Arrays, step: int) -> None:
        """Draw the present frame."""
        self._arrays = arrays
        self._redraw()

    def set_frame(self, frame: int) -> None:
        """Show another frame of the same arrays."""
        if frame != self.frame:
            self.frame = frame
            if self._shown and self._filled:
                self._redraw()

    def set_shown(self, shown: bool) -> None:  # noqa: FBT001
        """What comes back shows the present frame."""
        super().set_shown(shown)
        if shown and self._filled:
            self._redraw()

    def clear(self) -> None:
        """Nothing is known."""
        super().clear()
        self._arrays = None

    def _redraw(self) -> None:
        if self._arrays is not None:
            self.draw_frame(self._arrays, min(self.frame, len(self._arrays["time"]) - 1))
