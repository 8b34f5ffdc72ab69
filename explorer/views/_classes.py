"""Classes of samples by colour: hues that colour-blind people tell apart, and the legend that names them."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from explorer.session.snapshot import Array, Scene
from explorer.views._base import Layer
from explorer.views._colour import Floats, Table, pack, rgb_of, wheel
from explorer.views._header import Chip
from explorer.widgets.plot import Plot, colour
from explorer.widgets.theme import DARK, Theme

HUES: Final = {
    "dark": ("#d0609a", "#4cc828", "#ae7afc", "#edee36", "#96fec8", "#983ace", "#f396c3", "#1d8900"),
    "light": ("#fa4891", "#269000", "#9e5bf5", "#cfb91e", "#77bdff", "#582164", "#8c1309", "#4021bc"),
}
"""Found by a search for eight colours that are as far apart as can be in OKLab for people with each kind of colour
blindness (as Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, simulate it) and for all others, and far
from the colours of data and model."""

LIGHTNESS: Final = {"dark": 0.72, "light": 0.58}
"""Of the hues round the circle that stand for more classes than that: there neighbours are alike, and names tell."""

ALL: Final = -1
"""In the place of a class: every one of them."""

ROWS: Final = 12
"""Names in one column of the legend."""

MOST: Final = 64
"""Classes that the legend names; of more, none could be found in it."""

MARGIN: Final = 8
PADDING: Final = 6


def class_colours(theme: Theme, n: int) -> Floats:
    """One colour for each of n classes as sRGB in [0, 1], shape (n, 3)."""
    hues = HUES[theme.name]
    return np.stack([rgb_of(hue) for hue in hues[:n]]) if n <= len(hues) else wheel(n, LIGHTNESS[theme.name])


def class_table(theme: Theme, n: int) -> Table:
    """The same as ARGB words, shape (n + 1,): the last is for samples of no class, which an index of −1 finds."""
    rest = rgb_of(theme.muted)[None]
    return pack(np.concatenate([class_colours(theme, n), rest]) if n else rest)


def seen_classes(labels: Array, alone: int) -> Array:
    """Which samples are seen while this class is alone, shape (N,), bool."""
    return np.ones(len(labels), bool) if alone == ALL else labels == alone


class ClassLegend(QWidget):
    """A card in the upper right corner of a plot: the name of each class in its colour, as a switch.

    A press shows this class alone, a second one all of them again.

    Signals:
        chosen: the class that is shown alone, or ``ALL``.
    """

    chosen = Signal(int)

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self._plot, self.theme, self.alone = plot, DARK, ALL
        self._count = 0
        self.chips: list[Chip] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(PADDING, PADDING, PADDING, PADDING)
        self._grid.setSpacing(3)
        plot.box.sigResized.connect(self.place)
        self.hide()

    def set_names(self, names: tuple[str, ...]) -> None:
        """Name these classes."""
        self._count = len(names)
        for chip in self.chips:
            chip.hide()
            chip.deleteLater()
        self.chips = [Chip(name, f"Class {name} alone; once more for all classes.", self, fades=False)
                      for name in names[:MOST]]  # fmt: skip
        for index, chip in enumerate(self.chips):
            chip.setChecked(True)
            chip.clicked.connect(lambda _=False, at=index: self.choose(ALL if self.alone == at else at))
            self._grid.addWidget(chip, index % ROWS, index // ROWS)

    def choose(self, alone: int) -> None:
        """Show one class alone, or ``ALL``, and tell."""
        self.alone = alone
        for index, chip in enumerate(self.chips):
            chip.setChecked(alone in (ALL, index))
        self.chosen.emit(alone)

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self.theme = theme
        for chip, rgb in zip(self.chips, class_colours(theme, self._count)[:MOST] if self.chips else (), strict=True):
            chip.set_theme(theme, scale, QColor.fromRgbF(*(float(part) for part in rgb)).name())
            chip.setFixedHeight(chip.sizeHint().height())
        self._grid.activate()
        self.place()
        self.update()

    def sizeHint(self) -> QSize:
        """As the switches need it."""
        return self._grid.sizeHint()

    def place(self, *_: object) -> None:
        """In the corner."""
        self.resize(self.sizeHint())
        self.move(self._plot.width() - self.width() - MARGIN, MARGIN)

    def leave(self) -> None:
        """Go off the plot for good."""
        self._plot.box.sigResized.disconnect(self.place)
        self.hide()
        self.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card, so that names are legible over any picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.setBrush(colour(self.theme.plot, 0.82))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), PADDING, PADDING)


class ClassLayer(Layer):
    """A layer that colours samples by their class, with the legend; subclasses draw, and call ``put_legend`` first."""

    role = "muted"
    visible = False

    def put_legend(self, plot: Plot) -> None:
        """The legend of a scene that is still to come."""
        self.legend, self.names = ClassLegend(plot), ()
        self.legend.chosen.connect(self.redraw)

    def redraw(self, *_: object) -> None:
        """Draw the same arrays with what the legend says now."""
        raise NotImplementedError

    def seen(self, labels: Array) -> Array:
        """Which samples are seen now, shape (N,), bool."""
        return seen_classes(labels, self.legend.alone)

    @property
    def table(self) -> Table:
        """The colours of the classes."""
        return class_table(self.theme, len(self.names))

    def set_scene(self, scene: Scene) -> None:
        """The names of the classes, none of them alone."""
        super().set_scene(scene)
        self.names = scene.class_names
        self.legend.set_names(scene.class_names)
        self.legend.set_theme(self.theme, self.scale)

    def restyle(self) -> None:
        """The same in other colours."""
        self.legend.set_theme(self.theme, self.scale)
        self.redraw()

    def detach(self) -> None:
        """The legend goes, too."""
        super().detach()
        self.legend.leave()

    def _apply(self) -> None:
        super()._apply()
        self.legend.setVisible(self._shown and self._filled)
