"""The plot of the curves: lines that keep their spikes, a legend above them, a floor, events, a cross-hair."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from explorer.views._curve_notes import Floor, Notes
from explorer.views._series import Drawn, Series
from explorer.widgets.plot import Plot, colour, plot_font
from explorer.widgets.theme import DARK, SMALL_PX, Theme

LEAST_LOG: Final = 1e-12
HEADROOM: Final = 0.09
FLAT: Final = 1e-6
"""Values that differ by no more than this share of them are one, about which the axis has a range of its own."""

BAND_ALPHA: Final = 0.38
NOTHING: Final = Drawn(*(np.zeros(0) for _ in range(4)), is_thinned=False)

TALL_PX: Final = 150
"""Height from which on numbers stand as close as they may."""

LONE: Final = 4.0
"""Steps on either side of a single one: enough for whole numbers."""
LEAST_HIGH_PX: Final = 76
"""Steps stand below the lines, which need some room of their own."""


class Line(pg.PlotCurveItem):
    """A curve that takes all of the plot for its place, so that nothing has to be searched for its bounds."""

    def boundingRect(self) -> QRectF:
        """What is seen."""
        rect = self.viewRect()
        return QRectF() if rect is None else QRectF(rect)

    def viewTransformChanged(self) -> None:
        """The range that is seen has changed."""
        pg.GraphicsObject.viewTransformChanged(self)  # the curve's own goes on telling the range that was seen first
        super().viewTransformChanged()


class CurvePlot(Plot):
    """Columns of one ``Series`` as lines; knows linear and logarithmic axes.

    Signals:
        pointed: index of the row nearest to the mouse, or None.
    """

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.series = Series()
        self.lines: dict[str, Line] = {}
        self.bands: dict[str, Line] = {}
        self.inks: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self.floor: Floor | None = None
        self.events: list[tuple[int, str]] = []
        self.changes: list[tuple[int, str]] = []
        self.marks: list[tuple[int, str]] = []  # of the page that is shown
        self.names_one = False
        self.early = 0.0  # share of the steps, the first ones, whose values the axis need not hold
        self.exploded_after: int | None = None
        self.looked_at: int | None = None
        self.log = [False, False]
        self.theme, self.factor = DARK, 1.0
        self.notes = Notes(self.box)
        self.unit = QLabel("step", self)
        self.unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.chart.setContentsMargins(4, 2, 13, 4)
        self.setMinimumHeight(LEAST_HIGH_PX)
        self.box.sigResized.connect(self.refresh)
        self.box.sigRangeChangedManually.connect(self._zoomed)
        self.hovered.connect(self._point)

    def show_columns(self, series: Series, inks: dict[str, str], floor: Floor | None) -> None:
        """Draw these columns in these colours from now on."""
        self.series, self.inks, self.floor = series, inks, floor
        for name in [name for name in self.lines if name not in inks]:
            self.box.removeItem(self.lines.pop(name))
            self.box.removeItem(self.bands.pop(name))
        for name, ink in inks.items():
            if name not in self.lines:
                self._add_line(name)
            self.lines[name].setPen(pg.mkPen(ink, width=round(1.6 * self.factor)))
            self.bands[name].setPen(pg.mkPen(colour(ink, BAND_ALPHA), width=1))
        self.refresh()

    @property
    def is_thinned(self) -> bool:
        """Whether a pixel stands for several steps."""
        return any(band.xData is not None and len(band.xData) for band in self.bands.values())

    def set_log(self, axis: int, on: bool) -> None:  # noqa: FBT001
        """Axis 0 is the step, 1 the value."""
        self.log[axis] = on
        self.chart.getAxis(("bottom", "left")[axis]).setLogMode(on)
        self._at_home = True
        self.refresh()

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Colours and sizes, also of axes and notes."""
        super().set_theme(theme, scale)
        self.theme, self.factor = theme, scale
        self.notes.set_theme(theme, scale)
        self.chart.getAxis("left").setWidth(round(46 * scale))
        self.chart.getAxis("bottom").setHeight(round(20 * scale))
        for side in ("left", "bottom"):
            self.chart.getAxis(side).setStyle(tickLength=-4, tickTextOffset=5, maxTextLevel=0)
        self._space_ticks()
        self.unit.setFont(plot_font(SMALL_PX, scale))
        self.unit.setStyleSheet(f"color: {theme.muted}; background: transparent;")
        self._place_unit()
        self.notes.update()

    def go_home(self) -> None:
        """All steps, and the values that are there."""
        self._at_home = True
        self.refresh()

    def resizeEvent(self, ev: QResizeEvent | None) -> None:
        """Keep the word below the left axis."""
        super().resizeEvent(ev)
        if hasattr(self, "unit"):
            self._place_unit()
            self._space_ticks()

    def _space_ticks(self) -> None:
        """Fewer numbers where they would cover one another."""
        shares = {"left": min(1.0, self.height() / (TALL_PX * self.factor)), "bottom": 1.0}
        for side, share in shares.items():
            self.chart.getAxis(side).setTickDensity(share / self.factor)

    def _place_unit(self) -> None:
        self.unit.adjustSize()
        row = self.chart.getAxis("bottom").height()
        right = 4 + self.chart.getAxis("left").width() - 6
        self.unit.move(round(right - self.unit.width()), round(self.height() - 4 - row / 2 - self.unit.height() / 2))

    def refresh(self, *_: Any) -> None:
        """Draw what there is, thinned to the present range and width."""
        if not hasattr(self, "notes"):
            return
        if self._at_home:
            self._fit_steps()
        self._draw_lines()
        self._set_legend()
        if self._at_home:
            self._fit_values()
        self._note()
        # Else pyqtgraph moves the lines while it paints them, and everything has to be painted a second time.
        self.box.updateMatrix()

    def drawn(self, value: Any, axis: int) -> Any:
        """A step (axis 0) or value (axis 1) in the units of the axis: as it is, or its logarithm; NaN below zero."""
        if not self.log[axis]:
            return value
        numbers = np.asarray(value, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(numbers > LEAST_LOG, np.log10(numbers), np.nan if axis else 0.0)

    def _add_line(self, name: str) -> None:
        self.bands[name] = Line(connect="finite")
        self.lines[name] = Line(antialias=True, connect="finite")
        self.lines[name].setSegmentedLineMode("on")
        for item in (self.bands[name], self.lines[name]):
            self.box.addItem(item, ignoreBounds=True)

    def _fit_steps(self) -> None:
        steps = self.series.steps
        ends = (float(steps[0]), float(steps[-1])) if len(steps) else (0.0, 1.0)
        if ends[0] == ends[1]:
            ends = (max(0.0, ends[0] - LONE), ends[1] + LONE)
        low, high = (float(self.drawn(end, 0)) for end in ends)
        self.box.setXRange(low, max(high, low + 1e-9), padding=0.0)

    def _draw_lines(self) -> None:
        low, high = self.box.viewRange()[0]
        if self.log[0]:
            low, high = 10.0**low, 10.0**high
        pixels = max(int(self.box.width() * self.devicePixelRatioF()), 50)
        for name, line in self.lines.items():
            drawn = self.series.thinned(name, low, high, pixels, log=self.log[0]) if len(self.series) else NOTHING
            x = np.asarray(self.drawn(drawn.steps, 0))
            line.setData(x, np.asarray(self.drawn(drawn.mean, 1)))
            band = np.stack([drawn.least, drawn.greatest], axis=1).ravel() if drawn.is_thinned else np.zeros(0)
            self.bands[name].setData(np.repeat(x, 2)[: len(band)], np.asarray(self.drawn(band, 1)))

    def _fit_values(self) -> None:
        items = (*self.lines.values(), *self.bands.values())
        end = np.inf if self.exploded_after is None else float(self.drawn(self.exploded_after, 0))
        drawn = [(item.xData, item.yData) for item in items if item.yData is not None and item.xData is not None]
        if not any((x <= end).any() for x, _ in drawn):
            end = np.inf  # it exploded at once: the explosion is all that there is to see
        begin = self._first_that_counts() if any((x >= self._first_that_counts()).any() for x, _ in drawn) else -np.inf
        values = [y[(x >= begin) & (x <= end)] for x, y in drawn]
        values += [np.atleast_1d(self.drawn(edge, 1)) for edge in self._floor_edges()]
        joined = np.concatenate(values) if values else np.zeros(0)
        joined = joined[np.isfinite(joined)]
        low, high = (float(joined.min()), float(joined.max())) if joined.size else (0.0, 1.0)
        flat = (0.05 * abs(high) or 0.5) if high - low <= FLAT * abs(high) else 0.0
        low, high, reach = low - flat, high + flat, high - low + 2 * flat
        share = min(self.notes.strip() / max(self.box.height(), 1.0), 0.5)
        high += (HEADROOM + share / (1 - share)) * reach
        self.box.setYRange(low - 0.5 * HEADROOM * reach, high, padding=0)

    def _first_that_counts(self) -> float:
        steps = self.series.steps
        if not self.early or len(steps) * self.early < 1:
            return -np.inf
        return float(self.drawn(steps[0] + self.early * (steps[-1] - steps[0]), 0))

    def _floor_edges(self) -> tuple[float, ...]:
        return (self.floor.low, self.floor.high) if self.floor else ()

    def _note(self) -> None:
        edges = [float(self.drawn(edge, 1)) for edge in self._floor_edges()]
        bottom = self.box.viewRange()[1][0]
        self.notes.floor = (edges[0] if np.isfinite(edges[0]) else bottom, edges[1]) if edges else None
        self.notes.dots = self._dots()
        self.notes.events = [(float(self.drawn(step, 0)), text) for step, text in self.events + self.marks]
        self.notes.changes = [float(self.drawn(step, 0)) for step, _ in self.changes]
        self.notes.looked_at = None if self.looked_at is None else float(self.drawn(self.looked_at, 0))
        self.notes.update()

    def _dots(self) -> list[tuple[float, float, str]]:
        """A value between two that are missing makes no line: a dot in the colour of its column."""
        ends = [(line.getData(), self.inks[name]) for name, line in self.lines.items()]
        drawn = [(x, y, ink) for (x, y), ink in ends if x is not None and y is not None]
        return [(float(x[i]), float(y[i]), ink) for x, y, ink in drawn for i in np.flatnonzero(_alone(y))]

    def _set_legend(self) -> None:
        """Names of several lines; one alone is named in the header, unless that has something else to say."""
        named = (len(self.lines) > 1 or self.names_one) and len(self.series) > 0
        names = [(self.titles.get(name, name.replace("_", " ")), self.inks[name]) for name in self.lines if named]
        self.notes.legend = names + ([(self.floor.title, self.theme.floor)] if self.floor else [])

    def _point(self, at: tuple[float, float] | None) -> None:
        row = None
        if at is not None and len(self.series):
            row = self.series.nearest(10 ** at[0] if self.log[0] else at[0])
        self.notes.cross = None if row is None else float(self.drawn(int(self.series.steps[row]), 0))
        self.notes.update()
        self.pointed.emit(row)

    def _zoomed(self, *_: Any) -> None:
        self._at_home = False
        self.refresh()


def _alone(values: Any) -> Any:
    """Which values are finite between two that are not."""
    finite = np.concatenate([[False], np.isfinite(values), [False]])
    return finite[1:-1] & ~finite[:-2] & ~finite[2:]
