"""The way from noise to data as a strip of small pictures, above a bar on which one time is chosen."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QWidget

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import is_line
from explorer.views._frame_shares import frame_shares
from explorer.views._header import Chip
from explorer.views._small_pictures import Bounds, Paper, draw_small
from explorer.views._strip_places import GAP_PX, LABELS_PX, StripPlaces
from explorer.widgets.glyph_button import GlyphButton
from explorer.widgets.plot import plot_font
from explorer.widgets.style import mix
from explorer.widgets.theme import DARK, SMALL_PX, Theme

ROWS: Final = (("forward", "data", "into noise ←"), ("reverse", "model", "→ to data"))
"""Array, role and sense of either row: above data that go into the noise, below samples that come out of it."""

SPEEDS: Final = (1.0, 2.0, 0.5)
WORDS: Final = {1.0: "1×", 2.0: "2×", 0.5: "½×"}
PLAY: Final = {
    False: ("play", "Play from noise to data and back (P)"),
    True: ("pause", "Pause between noise and data (P)"),
}


class TimeStrip(QAbstractSlider):
    """Chooses a frame: drag, click, wheel and arrow keys; a click on a picture goes to its time.

    Signals:
        played: play or pause.
    """

    played = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.scale = DARK, 1.0
        self.places = StripPlaces()
        self.pace = 1.0
        self.shares: Array = np.zeros(1)
        self._arrays: Arrays | None = None
        self._scene: Scene | None = None
        self._bounds: Bounds = (0.0, 0.0, 1.0, 1.0)
        self._pictures: list[list[QImage]] = []
        self._made_for: tuple[list[int], int] = ([], 0)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, 0)
        self.setAccessibleName("time between noise and data")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.play = GlyphButton(*PLAY[False], self, side=26)
        self.speed = Chip(WORDS[self.pace], "How fast it plays.", self, fades=False)
        self.speed.setCheckable(False)
        self.play.clicked.connect(self.played)
        self.speed.clicked.connect(self._change_pace)

    def show_frames(self, arrays: Arrays, scene: Scene, bounds: Bounds) -> None:
        """The arrays of the observation ``process``, and what of data space is shown; keeps the frame if it can."""
        self._arrays, self._scene, self._bounds = arrays, scene, bounds
        count = len(arrays["time"])
        # Over a line the plot above has each frame straight above its place, and these stand evenly there.
        self.shares = np.linspace(0.0, 1.0, count) if is_line(scene) else frame_shares(arrays["noise"])
        self._pictures = []
        self.setRange(0, count - 1)
        self._lay_out()

    def clear(self) -> None:
        """Nothing is known."""
        self._arrays, self._pictures = None, []
        self.update()

    def set_playing(self, playing: bool) -> None:  # noqa: FBT001
        """Whether the button pauses now."""
        self.play.set_icon(*PLAY[playing])

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self.theme, self.scale = theme, scale
        self._pictures = []
        self.play.set_theme(theme, scale)
        self.speed.set_theme(theme, scale, "")
        self._lay_out()

    def take_room(self, width: int, height: int) -> None:
        """Be as high as suits a card of this size."""
        self.places = StripPlaces.in_card(width, height, self.scale)
        self.setFixedHeight(round(self.places.height))
        self._lay_out()

    @property
    def track(self) -> tuple[float, float]:
        """Where the first and the last frame stand on the bar, pixels from the left."""
        return self.places.first, self.places.last

    def frame_at(self, at: QPointF) -> int:
        """The frame of the picture under the mouse, or else that of the place on the bar."""
        for frame, row, box in self._boxes():
            del row
            if box.contains(at):
                return frame
        return self._nearest(at.x())

    def place_of(self, frame: int) -> float:
        """Where a frame stands on the bar, pixels from the left."""
        return self.places.at_share(float(self.shares[min(frame, len(self.shares) - 1)]))

    def _nearest(self, x: float) -> int:
        return int(np.abs(self.shares - self.places.share_of(x)).argmin())

    @property
    def shown_frames(self) -> list[int]:
        """Of which frames there are small pictures."""
        return self.places.pictured(self.shares)[0]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(self.frame_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.setValue(self._nearest(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """One frame for each notch: down or to the right goes on towards the data."""
        turn = event.angleDelta().y() or -event.angleDelta().x()
        if turn:
            self.setValue(self.value() - (1 if turn > 0 else -1))
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other places."""
        super().resizeEvent(event)
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Both rows, their words, and the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(plot_font(SMALL_PX, self.scale))
        if self.places.has_pictures:
            self._paint_words(painter)
        if self._arrays is not None:
            if self.places.has_pictures:
                self._paint_pictures(painter)
            self._paint_bar(painter, self._arrays["time"])

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """Another frame is another picture of the bar."""
        super().sliderChange(change)
        self.update()

    def _change_pace(self, *_: object) -> None:
        self.pace = SPEEDS[(SPEEDS.index(self.pace) + 1) % len(SPEEDS)]
        self.speed.rename(WORDS[self.pace], "How fast it plays.")
        self._lay_out()

    def _lay_out(self) -> None:
        middle = round(self.places.bar_middle)
        self.play.move(round(GAP_PX * self.scale * 1.6), middle - self.play.height() // 2)
        self.speed.resize(self.speed.sizeHint())
        self.speed.move(self.play.geometry().right() + round(5 * self.scale), middle - self.speed.height() // 2)
        self.update()

    def _boxes(self) -> list[tuple[int, int, QRectF]]:
        """Frame, row and place of each small picture."""
        boxes: list[tuple[int, int, QRectF]] = []
        if not self.places.has_pictures:
            return boxes
        frames, side = self.places.pictured(self.shares)
        for frame in frames:
            x = self.place_of(frame)
            boxes += [(frame, row, self.places.box(x, row, side)) for row in range(len(ROWS))]
        return boxes

    def _paint_words(self, painter: QPainter) -> None:
        metrics, s = QFontMetricsF(painter.font()), self.scale
        for row, (_, role, sense) in enumerate(ROWS):
            box = self.places.box(self.places.first, row, self.places.row)
            line, left = metrics.height(), 13 * s
            top = box.center().y() - line
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(getattr(self.theme, role)))
            painter.drawEllipse(QPointF(left + 3.5 * s, top + line / 2), 3.5 * s, 3.5 * s)
            room = LABELS_PX * s
            painter.setPen(QColor(self.theme.text))
            painter.drawText(QRectF(left + 12 * s, top, room, line), Qt.AlignmentFlag.AlignVCenter, role)
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(QRectF(left, top + line, room, line), Qt.AlignmentFlag.AlignVCenter, sense)

    def _paint_pictures(self, painter: QPainter) -> None:
        boxes = self._boxes()
        pictures = self._made([frame for frame, _, _ in boxes[:: len(ROWS)]], boxes[0][2].width())
        nearest = min((frame for frame, _, _ in boxes), key=lambda frame: abs(frame - self.value()))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
        for index, (frame, row, box) in enumerate(boxes):
            painter.fillRect(box, QColor(self.theme.ground))
            painter.drawImage(box, pictures[row][index // len(ROWS)])
            lit = frame == nearest
            painter.setPen(QPen(QColor(self.theme.text if lit else self.theme.line), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-0.5, -0.5, 0.5, 0.5), 3, 3)

    def _made(self, frames: list[int], side: float) -> list[list[QImage]]:
        """The small pictures, made once for the same arrays, size and colours."""
        pixels = round(side * self.devicePixelRatioF())
        if not self._pictures or self._made_for != (frames, pixels):
            assert self._arrays is not None
            assert self._scene is not None
            self._made_for = (frames, pixels)
            arrays, scene = self._arrays, self._scene
            papers = [(name, Paper(pixels, self._bounds, self.theme, role, scene)) for name, role, _ in ROWS]
            self._pictures = [[draw_small(arrays[name][frame], paper) for frame in frames] for name, paper in papers]
        return self._pictures

    def _paint_bar(self, painter: QPainter, time: Array) -> None:
        t, s, middle = self.theme, self.scale, self.places.bar_middle
        (first, last), at = self.track, self.place_of(self.value())
        painter.setPen(Qt.PenStyle.NoPen)
        for ink, end in ((mix(t.line, t.muted, 0.12), last), (t.muted, at)):
            painter.setBrush(QColor(ink))
            painter.drawRoundedRect(QRectF(first, middle - 2 * s, end - first, 4 * s), 2 * s, 2 * s)
        painter.setBrush(QColor(mix(t.panel, t.muted, 0.55)))
        for frame in range(self.maximum() + 1):
            x = self.place_of(frame)
            painter.drawRect(QRectF(round(x), middle + 6 * s, 1, 3 * s))
        lit = self.hasFocus() or self.underMouse()
        painter.setBrush(QColor(t.data if lit else t.text))
        painter.drawEllipse(QPointF(at, middle), 6 * s, 6 * s)
        self._paint_times(painter, time, middle + 10 * s)

    def _paint_times(self, painter: QPainter, time: Array, top: float) -> None:
        painter.setPen(QColor(self.theme.muted))
        metrics = QFontMetricsF(painter.font())
        for place, frame in enumerate(self.shown_frames):
            words = ("t = " if place == 0 else "") + self._when(time, frame)
            x = self.place_of(frame)
            box = QRectF(x - 40 * self.scale, top, 80 * self.scale, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _when(self, time: Array, frame: int) -> str:
        """A frame's t; of two frames that stand at t = 0 the last holds what is left when all noise is taken away."""
        words = f"{time[frame]:.2f}".rstrip("0").rstrip(".")
        is_cleaned = frame == self.maximum() and f"{time[frame - 1]:.2f}" == f"{time[frame]:.2f}"
        return "data" if is_cleaned else words
