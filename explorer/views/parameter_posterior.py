"""The space of θ: the particles in the plane of two weights, the best fit, and the posterior where it can be drawn."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Array, Arrays, Scene, Snapshot
from explorer.views._card import Card, card
from explorer.views._colour import look_up, ramp
from explorer.views._density import SHARES
from explorer.views._grid import Grid, mass_levels
from explorer.views._items import Field, Strokes
from explorer.widgets.plot import Plot, nice_step

KEY: Final = "parameter_posterior"
DOT_PX: Final = 6.0
FIT_PX: Final = 13.0
PARTS: Final = 6
"""Round numbers that the range of the particles is widened to, so that it stands still while they move a little."""


@card
class ParameterPosteriorCard(Card):
    """Each particle is a dot of this plane, and a whole density in data space."""

    title = "Posterior over θ"
    key = KEY
    beside = "latent"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = Plot(self)
        self.plot.put_axes_inside()
        self._field, self._lines = Field(), Strokes()
        self._dots, self._fit = pg.ScatterPlotItem(pxMode=True), pg.ScatterPlotItem(pxMode=True, symbol="+")
        for depth, item in enumerate((self._field, self._lines, self._dots, self._fit)):
            item.setZValue(depth)
            self.plot.box.addItem(item, ignoreBounds=True)
        self.plot.clicked.connect(self.explain)
        self.put(self.plot)
        self._arrays: Arrays | None = None

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For models of many θ."""
        return "particles" in scene.offers

    def needs(self) -> frozenset[str]:
        """The one observation."""
        return frozenset({KEY})

    def take_scene(self, scene: Scene) -> None:
        """Nothing is known of the new run yet."""
        self.clear()
        self.plot.go_home()

    def clear(self) -> None:
        """Empty."""
        super().clear()
        self._show(None)
        self.header.set_subtitle("")

    def draw(self, snapshot: Snapshot) -> None:
        """The particles of this snapshot."""
        arrays = snapshot.pictures.get(KEY)
        self._show(arrays)
        if arrays is None:
            self.header.set_subtitle(snapshot.missing.get(KEY, ""))
        else:
            count = len(arrays["theta"]) - 1
            known = ", lines: their exact law" if arrays["density"].size else ""
            self.header.set_subtitle(f"{count} particles, + best fit{known}", f"{count} particles, + best fit", "")

    def restyle(self) -> None:
        """Colours and sizes."""
        self.plot.set_theme(self.theme, self.scale)
        rim = pg.mkPen(self.theme.plot, width=1)
        self._dots.setBrush(pg.mkBrush(self.theme.model))
        self._dots.setPen(rim)
        self._dots.setSize(DOT_PX * self.scale)
        self._fit.setBrush(pg.mkBrush(self.theme.text))
        self._fit.setPen(rim)
        self._fit.setSize(FIT_PX * self.scale)
        self._lines.set_ink(self.theme.muted, 0.9)
        self._show(self._arrays)

    def explain(self, x: float, y: float) -> None:
        """A click tells the place, by the names of the weights."""
        if self._arrays is not None:
            told = (f"{name} = {value:.3g}" for name, value in zip(names_of(self._arrays), (x, y), strict=True))
            self.plot.tell("\n".join(told).replace("-", "−"), x, y)

    def _show(self, arrays: Arrays | None) -> None:
        self._arrays = arrays
        for item in (self._field, self._lines, self._dots, self._fit):
            item.setVisible(arrays is not None)
        if arrays is None:
            return
        assert self.plot.axes is not None
        self.plot.axes.names = names_of(arrays)
        self.plot.axes.vertical = True
        theta = arrays["theta"]
        self._dots.setData(theta[:-1, 0], theta[:-1, 1])
        self._fit.setData(theta[-1:, 0], theta[-1:, 1])
        self._show_law(arrays)
        self.plot.move_home(round_range(arrays["bounds"]))

    def _show_law(self, arrays: Arrays) -> None:
        density, bounds = arrays["density"], tuple(float(edge) for edge in arrays["bounds"])
        for item in (self._field, self._lines):
            item.setVisible(bool(density.size))
        if density.size:
            grid = Grid.of_cells(density, bounds)  # type: ignore[arg-type]
            table = ramp(self.theme.plot, self.theme.muted, 0.4)
            self._field.set_picture(look_up(table, density, 0.0, float(density.max())), grid.cells)
            self._lines.set_points(*grid.contours(mass_levels(density, SHARES)), "finite")


def names_of(arrays: Arrays) -> tuple[str, str]:
    """What the two weights are called."""
    across, up = ("".join(chr(point) for point in row if point) for row in arrays["names"])
    return across, up


def round_range(bounds: Array) -> tuple[float, float, float, float]:
    """The range (left, bottom, right, top), widened to round numbers."""
    low, high = bounds[:2].astype(float), bounds[2:].astype(float)
    steps = np.array([nice_step(span, PARTS) for span in high - low])
    left, bottom = np.floor(low / steps) * steps
    right, top = np.ceil(high / steps) * steps
    return float(left), float(bottom), float(right), float(top)
