"""A slider for each direction of latent space, beside the one picture that they change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPalette, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QSlider, QVBoxLayout, QWidget

from explorer.session.snapshot import Array, Scene
from explorer.views._picture_sheet import PictureSheet
from explorer.widgets.plot import plot_font
from explorer.widgets.theme import DARK, SMALL_PX, Theme

FINE: Final = 100
"""Places of a slider to one unit of z."""

HELP: Final = "The picture of the z that the sliders make."


class DirectionSliders(QWidget):
    """One large picture, and how far its z lies along each direction.

    Signals:
        moved: a person moved a slider; ``places`` says where they are.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.scale = DARK, 1.0
        self.picture = PictureSheet(HELP, self)
        self.picture.largest = 4096.0
        self.sliders: list[QSlider] = []
        self._names: list[QLabel] = []
        self._values: list[QLabel] = []
        self._panel = QWidget(self)
        self._grid = QGridLayout(self._panel)
        self._grid.setContentsMargins(8, 0, 10, 8)
        self._grid.setVerticalSpacing(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.picture, 1)
        column.addWidget(self._panel)
        column.addStretch(0)

    @property
    def places(self) -> Array:
        """Where the sliders are, shape (J,), units of z."""
        return np.array([slider.value() / FINE for slider in self.sliders], np.float32)

    def set_rows(self, names: Sequence[str], places: Array, extent: float) -> None:
        """As many sliders as names, at these places; they reach from −extent to it, or as far as a place is."""
        while len(self.sliders) < len(names):
            self._add()
        while len(self.sliders) > len(names):
            for part in (self.sliders.pop(), self._names.pop(), self._values.pop()):
                self._grid.removeWidget(part)
                part.hide()
                part.deleteLater()
        for row, name in enumerate(names):
            self._names[row].setText(name)
            self.sliders[row].setAccessibleName(f"place along {name}")
            self._put(row, float(places[row]), extent)

    def set_place(self, row: int, place: float) -> None:
        """Move one slider, as a person would."""
        self.sliders[row].setValue(round(place * FINE))

    def show_picture(self, x: Array, scene: Scene) -> None:
        """Show one sample, shape (1, d)."""
        self.picture.show_pictures(x, scene, 1)

    def clear(self, message: str) -> None:
        """Nothing to see, and no sliders."""
        self.picture.clear(message)
        self.set_rows((), np.zeros(0), 1.0)

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self.theme, self.scale = theme, scale
        self.picture.theme, self.picture.scale = theme, scale
        for label in (*self._names, *self._values):
            self._dress(label)
        self.picture.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture has no more height than it can fill, so that the sliders stand close to it."""
        super().resizeEvent(event)
        self.picture.setMaximumHeight(max(40, self.width()))

    def _put(self, row: int, place: float, extent: float) -> None:
        slider, reach = self.sliders[row], max(extent, abs(place))
        slider.blockSignals(True)  # noqa: FBT003  (nobody moved it)
        slider.setRange(round(-reach * FINE), round(reach * FINE))
        slider.setValue(round(place * FINE))
        slider.blockSignals(False)  # noqa: FBT003
        self._say(row)

    def _add(self) -> None:
        row = len(self.sliders)
        slider, name, value = QSlider(Qt.Orientation.Horizontal, self._panel), QLabel(), QLabel()
        slider.setPageStep(FINE)
        slider.setSingleStep(FINE // 10)
        slider.setMinimumWidth(40)
        slider.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        slider.valueChanged.connect(lambda _, at=row: self._moved(at))
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column, part in enumerate((name, slider, value)):
            self._grid.addWidget(part, row, column)
        self._grid.setColumnStretch(1, 1)
        self.sliders.append(slider)
        self._names.append(name)
        self._values.append(value)
        for label in (name, value):
            self._dress(label)

    def _moved(self, row: int) -> None:
        self._say(row)
        self.moved.emit()

    def _say(self, row: int) -> None:
        self._values[row].setText(f"{self.sliders[row].value() / FINE:.2f}".replace("-", "−"))

    def _dress(self, label: QLabel) -> None:
        label.setFont(plot_font(SMALL_PX, self.scale))
        colours = label.palette()
        colours.setColor(QPalette.ColorRole.WindowText, QColor(self.theme.text))
        label.setPalette(colours)
        label.setMinimumWidth(round((34 if label in self._values else 18) * self.scale))
