"""A curve over a line that has the critic's units: against the axis at the right."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from explorer.session.snapshot import Array, Scene
from explorer.views._base import is_line
from explorer.views._density import CurveLayer
from explorer.views._right_axis import RightValues
from explorer.widgets.plot import Plot


class RightCurve(CurveLayer):
    """A curve of one-dimensional data space against the right axis; not filled, for 0 means nothing there.

    Attributes:
        name: what the axis calls it.
        stroke: solid, dashed or dotted.
    """

    name: ClassVar[str]
    stroke: ClassVar[Qt.PenStyle] = Qt.PenStyle.SolidLine
    fill_alpha: ClassVar[float] = 0.0

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension."""
        return is_line(scene)

    def attach(self, plot: Plot) -> None:
        """On the right axis."""
        super().attach(plot)
        if self.stroke is not Qt.PenStyle.SolidLine:
            self._curve.setSegmentedLineMode("off")  # dashes would begin anew with every segment
        self._values = RightValues.join(plot, self.name, self._curve)

    def detach(self) -> None:
        """Let go of the axis, too."""
        super().detach()
        self._values.leave(self.name)

    def set_scene(self, scene: Scene) -> None:
        """The frame of the curve."""
        self._span = (scene.bounds[0], scene.bounds[2])

    def put_between(self, y: Array, low: float, high: float) -> None:
        """Draw values at evenly spaced places, shape (G,), and say which of their range is to be seen."""
        self.put(np.linspace(*self._span, len(y)), y)
        self._values.hold(self.name, low, high)

    def restyle(self) -> None:
        """The curve and its axis."""
        self._curve.setPen(pg.mkPen(self.colour, width=round(2 * self.scale), style=self.stroke))
        self._values.set_theme(self.theme, self.scale)

    def _apply(self) -> None:
        super()._apply()
        self._values.show(self.name, self._shown and self._filled)
