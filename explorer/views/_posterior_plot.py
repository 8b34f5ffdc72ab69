"""Over the latent space: the true posterior of one point, and the Gaussians that stand for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.session.snapshot import Array, Arrays
from explorer.views._colour import look_up, ramp
from explorer.views._density import SHARES
from explorer.views._grid import Grid, mass_levels, middles, words
from explorer.views._items import Field, InView, Strokes
from explorer.views._rate_bars import name_of
from explorer.widgets.plot import Overlay, Plot, colour, plot_font
from explorer.widgets.theme import DARK, SMALL_PX, Theme

Floats = NDArray[np.floating[Any]]

CIRCLE: Final = np.linspace(0.0, 2 * np.pi, 97)
CURVE: Final = 1_201
DASHES: Final = (3.4, 2.2)
STROKE_PX: Final = 18.0

WITHIN: Final = (1 - np.exp(-0.5), 1 - np.exp(-2.0))
"""Shares of a Gaussian of the plane within one and two standard deviations."""


@dataclass(frozen=True, eq=False)
class Belief:
    """One Gaussian over the one or two coordinates of z that are shown."""

    mean: Array
    std: Array

    def ellipse(self, sigmas: float) -> Floats:
        """The points so many standard deviations away, shape (97, 2)."""
        ring = np.stack([np.cos(CIRCLE), np.sin(CIRCLE)], 1)
        return self.mean + sigmas * self.std * ring

    def density(self, z: Floats) -> Floats:
        """Of a single coordinate, 1/unit, shape (G,) to (G,)."""
        scaled = (z - self.mean[0]) / self.std[0]
        return np.exp(-0.5 * scaled**2) / (self.std[0] * np.sqrt(2 * np.pi))


class Outline(InView):
    """Lines with a halo of the ground's colour, so that they are seen on any map."""

    def __init__(self, width: float = 1.8, dashes: tuple[float, ...] = ()) -> None:
        super().__init__()
        self._path = pg.functions.arrayToQPath(np.zeros(0), np.zeros(0), "finite")
        self._pen, self._halo = QPen(), QPen()
        self._width, self._dashes = width, dashes

    def put(self, lines: list[Floats]) -> None:
        """Lines, shape (M, 2) each."""
        gap = np.full((1, 2), np.nan)
        joined = np.concatenate([part for line in lines for part in (line, gap)]) if lines else np.zeros((0, 2))
        self._path = pg.functions.arrayToQPath(joined[:, 0], joined[:, 1], "finite")
        self.update()

    def set_ink(self, ink: str, ground: str, scale: float, alpha: float = 1.0) -> None:
        """Colours and scale of the width."""
        self._pen = QPen(colour(ink, alpha), self._width * scale)
        self._halo = QPen(colour(ground, 0.75 * alpha), (self._width + 2) * scale)
        for pen in (self._pen, self._halo):
            pen.setCosmetic(True)
        if self._dashes:
            self._pen.setDashPattern(self._dashes)
        self.update()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Halo first."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen in (self._halo, self._pen):
            painter.setPen(pen)
            painter.drawPath(self._path)


class Hint(Overlay):
    """What to do while there is nothing to see."""

    depth = 200.0

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self.text = ""

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """In the middle, in as many lines as it needs."""
        painter.setFont(plot_font(SMALL_PX, self.factor))
        painter.setPen(QColor(self.theme.muted))
        room = self.boundingRect().adjusted(8, 4, -8, -4)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.text)


class Legend(QWidget):
    """What each line of the plot is, in a column beside it: on the plot it would cover what it names."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.scale = DARK, 1.0
        self.entries: list[tuple[str, str, bool]] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)

    def set_entries(self, entries: list[tuple[str, str, bool]]) -> None:
        """Name, colour, and whether it is dashed, of each."""
        self.entries = entries
        metrics = QFontMetricsF(plot_font(SMALL_PX, self.scale))
        widest = max((metrics.horizontalAdvance(text) for text, _, _ in entries), default=0.0)
        self.setFixedWidth(round(widest + (STROKE_PX + 20) * self.scale))
        self.setAccessibleName(", ".join(text for text, _, _ in entries))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A stroke and a name each."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self.theme.plot))
        font = plot_font(SMALL_PX, self.scale)
        painter.setFont(font)
        metrics, left, stroke = QFontMetricsF(font), 5 * self.scale, STROKE_PX * self.scale
        for row, (text, ink, dashed) in enumerate(self.entries):
            top = 4 * self.scale + row * (metrics.height() + 2)
            middle = top + metrics.height() / 2
            pen = QPen(QColor(ink), 1.8 * self.scale)
            if dashed:
                pen.setDashPattern(DASHES)
            painter.setPen(pen)
            painter.drawLine(QPointF(left, middle), QPointF(left + stroke, middle))
            painter.setPen(QColor(self.theme.text))
            painter.drawText(QPointF(left + stroke + 5 * self.scale, top + metrics.ascent()), text)


class PosteriorPlot(Plot):
    """A map and ellipses where z is a plane, curves where it is a line, ellipses alone where it has more dimensions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.put_axes_inside()
        self.arrays: Arrays | None = None
        self.grid: Grid | None = None
        self.pair = (0, 1)
        self.extent = 3.0
        self.theme = DARK
        self.field, self.contours, self.curve = Field(), Strokes(), pg.PlotCurveItem(antialias=True)
        self.prior, self.amortised, self.best = Outline(1.2), Outline(1.9, DASHES), Outline(1.9)
        self.hint, self.legend = Hint(self.box), Legend()
        for depth, item in enumerate((self.field, self.contours, self.curve, self.prior, self.best, self.amortised)):
            item.setZValue(depth)
            self.box.addItem(item, ignoreBounds=True)
        self.clicked.connect(self.explain)

    def set_style(self, theme: Theme, scale: float) -> None:
        """Colours and sizes of everything on it."""
        self.theme = theme
        self.set_theme(theme, scale)
        self.hint.set_theme(theme, scale)
        self.legend.theme, self.legend.scale = theme, scale
        self.prior.set_ink(theme.muted, theme.plot, scale, 0.55)
        self.amortised.set_ink(theme.critic_low, theme.plot, scale)
        self.best.set_ink(theme.critic_high, theme.plot, scale)
        self.contours.set_ink(theme.model, 0.7)
        self.curve.setPen(pg.mkPen(theme.model, width=round(2 * scale)))
        self.curve.setBrush(pg.mkBrush(colour(theme.model, 0.18)))
        self.curve.setFillLevel(0.0)
        self._paint_map()
        self._name_lines()

    def clear_posterior(self, hint: str) -> None:
        """Nothing to see but what to do."""
        self.arrays, self.grid = None, None
        self._show_axes(on=False)  # another run may have other coordinates of z
        self.hint.text = hint
        self.hint.update()
        self.readout.hide()
        self._draw_beliefs()
        self.curve.setData([], [])
        self._paint_map()
        self._name_lines()

    def show_posterior(self, arrays: Arrays) -> None:
        """Draw an answer to the question ``posterior``."""
        new = self.arrays is None or len(self.arrays["mean"]) != len(arrays["mean"])
        self.arrays = arrays
        self._show_axes(on=True)
        self.hint.text = ""
        self.hint.update()
        extent = float(arrays["extent"])
        moved, self.extent = extent != self.extent, extent
        self.pair = busiest(arrays)
        self.grid = Grid.of_nodes(arrays["density"], self._square()) if arrays["density"].ndim == 2 else None
        self._draw_beliefs()
        self._draw_curve()
        self._paint_map()
        self._name_lines()
        if new or moved or self.is_line:
            self._frame()

    @property
    def is_line(self) -> bool:
        """Whether z is one number."""
        return self.arrays is not None and len(self.arrays["mean"]) == 1

    def belief(self, name: str) -> Belief:
        """The Gaussian ``""`` that the encoder gives or ``"best_"``, over the coordinates that are shown."""
        assert self.arrays is not None, "nothing was answered yet"
        shown = list(self.pair)
        return Belief(self.arrays[f"{name}mean"][shown], self.arrays[f"{name}std"][shown])

    def explain(self, x: float, y: float) -> None:
        """A click tells the densities at a place."""
        if self.arrays is None:
            return
        z = np.array([x] if self.is_line else [x, y])
        both = {"q(z|x)": self.belief(""), "q(z|x) optimised": self.belief("best_")}
        place = ", ".join(f"{value:.2f}" for value in z)
        lines = [f"z = {place}" if self.is_line else f"({self.names()[0]}, {self.names()[1]}) = ({place})"]
        lines += [words("p(z|x)", self._posterior_at(x, y))]
        lines += [words(name, float(np.prod(_normal(z, belief)))) for name, belief in both.items()]
        self.tell("\n".join(line for line in lines if line).replace("-", "−"), x, y)

    def names(self) -> tuple[str, str]:
        """Of the axes."""
        return ("z", "density, 1/unit") if self.is_line else (name_of(self.pair[0]), name_of(self.pair[1]))

    def _posterior_at(self, x: float, y: float) -> float | None:
        if self.grid is not None:
            return self.grid.at(x, y)
        if not self.is_line or self.arrays is None:
            return None
        heights = self.arrays["density"]
        return float(np.interp(x, np.linspace(-self.extent, self.extent, len(heights)), heights))

    def _square(self) -> tuple[float, float, float, float]:
        return -self.extent, -self.extent, self.extent, self.extent

    def _show_axes(self, *, on: bool) -> None:
        assert self.axes is not None, "the axes are put inside at once"
        self.axes.setVisible(on)

    def _frame(self) -> None:
        assert self.axes is not None, "the axes are put inside at once"
        self.axes.names = self.names()
        self.box.setAspectLocked(not self.is_line)
        if not self.is_line or self.arrays is None:
            self.set_home(self._square())
            return
        highest = max(self.arrays["density"].max(initial=0.1), *(0.4 / self.belief(n).std[0] for n in ("", "best_")))
        self.set_home((-self.extent, -0.16 * highest, self.extent, 1.15 * highest))

    def _draw_beliefs(self) -> None:
        if self.arrays is None:
            for outline in (self.prior, self.amortised, self.best):
                outline.put([])
            return
        self.prior.put(self._prior())
        for outline, belief in ((self.amortised, self.belief("")), (self.best, self.belief("best_"))):
            one_and_two = [belief.ellipse(1.0), belief.ellipse(2.0)]
            outline.put([_curve(belief, self.extent)] if self.is_line else one_and_two)

    def _prior(self) -> list[Floats]:
        """Its density over a line, or lines that hold as much of it as one and two standard deviations do."""
        assert self.arrays is not None, "nothing was answered yet"
        heights = self.arrays["prior"]
        if heights.ndim == 2:
            return [np.stack(Grid.of_nodes(heights, self._square()).contours(mass_levels(heights, WITHIN)), 1)]
        if self.is_line:
            return [np.stack([np.linspace(-self.extent, self.extent, len(heights)), heights], 1)]
        standard = Belief(np.zeros(2), np.ones(2))
        return [standard.ellipse(1.0), standard.ellipse(2.0)]

    def _draw_curve(self) -> None:
        heights = self.arrays["density"] if self.arrays is not None and self.is_line else np.zeros(0)
        self.curve.setData(np.linspace(-self.extent, self.extent, len(heights)), heights)

    def _paint_map(self) -> None:
        shown = self.grid is not None
        self.field.setVisible(shown)
        self.contours.setVisible(shown)
        if self.grid is None:
            return
        values = self.grid.values
        table = ramp(self.theme.plot, self.theme.model, 0.6)
        self.field.set_picture(look_up(table, values, 0.0, float(values.max(initial=0.0))), self.grid.cells)
        self.contours.set_points(*self.grid.contours(mass_levels(values, SHARES)), "finite")

    def _name_lines(self) -> None:
        theme = self.theme
        is_whole = self.arrays is None or len(self.arrays["density"]) > 0
        true = [("true p(z|x)", theme.model, False)] if is_whole else []
        self.legend.set_entries([
            *true,
            ("amortised q", theme.critic_low, True),
            ("optimised q", theme.critic_high, False),
            ("prior" if is_whole else "N(0, I)", theme.muted, False),
        ])  # fmt: skip


def busiest(arrays: Arrays) -> tuple[int, ...]:
    """The coordinates that are shown: all of one or two, else the two in which q differs most from N(0, 1)."""
    mean, std = arrays["mean"], arrays["std"]
    if len(mean) <= 2:
        return tuple(range(len(mean)))
    rate = 0.5 * (mean**2 + std**2 - 1) - np.log(std)
    return tuple(sorted(np.argsort(-rate, kind="stable")[:2].tolist()))


def _normal(z: Floats, belief: Belief) -> Floats:
    scaled = (z - belief.mean) / belief.std
    return np.exp(-0.5 * scaled**2) / (belief.std * np.sqrt(2 * np.pi))


def _curve(belief: Belief, extent: float) -> Floats:
    """Density over a line that is fine where the Gaussian is narrow, shape (G, 2)."""
    near = belief.mean[0] + belief.std[0] * np.linspace(-5, 5, 201)
    z = np.sort(np.concatenate([middles(-extent, extent, CURVE), near]))
    return np.stack([z, belief.density(z)], 1)
