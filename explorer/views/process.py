"""Noise to data: the particles of the model on their way, beside those of the data on theirs."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Array, Arrays, Scene, Snapshot
from explorer.views._base import Plane, is_line, is_picture
from explorer.views._card import Card, card
from explorer.views._frame_layer import FrameLayer
from explorer.views._frame_words import words_of
from explorer.views._handle import Handle
from explorer.views._layered import LayeredView
from explorer.views._mosaic import set_grids
from explorer.views._mosaic_grid import grid_for
from explorer.views._small_pictures import Bounds
from explorer.views._time_strip import TimeStrip

OBSERVATION: Final = "process"
QUESTION: Final = "path"

PASS_S: Final = 2.4
"""From noise to data at the usual speed …"""

REST_S: Final = 0.7
"""… and a rest at either end."""

HELD: Final = "Press to hold a point at this time: its way to the data, and back to the noise where no chance enters."

FIELDS: Final = ("field", "exact_field", "field_error")
MANNERS: Final = ("streams", "velocity")
"""Ways of drawing a field, of which there has to be one then."""

MOST_PICTURES: Final = 64
"""Taken to be there before the first have come."""

STRAY: Final = (0.003, 0.997)
"""All but stray particles lie in the picture at every time."""


@card
class ProcessView(Card, LayeredView):
    """The plane at one time t between noise and data; its layers all show the same frame."""

    key: ClassVar[str] = "process"
    beside: ClassVar[str] = "data"
    title: ClassVar[str] = "Noise to data"
    plane: ClassVar[Plane] = "process"
    exclusive: ClassVar[tuple[str, ...]] = ("particles", "start", "class")

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Families with a way from noise to data in time."""
        return "process" in scene.offers

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown_frame, self._sense = 0, 1
        self.is_playing = self._has_played = False
        self._arrays: Arrays | None = None
        self._seen: Bounds = (0.0, 0.0, 1.0, 1.0)
        self._time = 1.0
        self.strip = TimeStrip(self)
        self._column.addWidget(self.strip)
        self._corners.raise_()
        self.strip.valueChanged.connect(self.set_frame)
        self.strip.played.connect(self.play)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go_on)
        self.plot.clicked.disconnect(self.explain)
        self.plot.clicked.connect(self.press)
        self.plot.setToolTip(HELD)
        self.handle = Handle(self.plot)
        self.handle.held.connect(self._follow)

    # ---- time

    @property
    def frames(self) -> int:
        """How many there are."""
        return 0 if self._arrays is None else len(self._arrays["time"])

    def set_frame(self, frame: int) -> None:
        """Show another frame."""
        self.shown_frame = max(0, min(frame, self.frames - 1))
        self.strip.setValue(self.shown_frame)
        for layer in self.layers:
            if isinstance(layer, FrameLayer):
                layer.set_frame(self.shown_frame)
        self.describe(self.snapshot)
        if self._explained and self.plot.readout.isVisible():
            self.explain(*self._explained)

    def play(self) -> None:
        """Play to and fro, or pause; from now on a person's choice."""
        self._has_played = True
        self._play(playing=not self.is_playing)

    def settle(self) -> None:
        """Rest where the samples are finished."""
        self._play(playing=False)
        self.set_frame(self.frames - 1)

    def _play(self, *, playing: bool) -> None:
        self.is_playing = playing
        self.strip.set_playing(playing)
        self._keep_time()

    def _keep_time(self) -> None:
        """The next frame comes in due time; none while nobody looks."""
        if not (self.is_playing and self.is_seen and self.frames > 1):
            self._timer.stop()
        elif not self._timer.isActive():
            at_end = self.shown_frame in (0, self.frames - 1)
            self._timer.start(round(1000 * (REST_S if at_end else PASS_S / self.frames) / self.strip.pace))

    def _go_on(self) -> None:
        if self.shown_frame >= self.frames - 1:
            self._sense = -1
        elif self.shown_frame <= 0:
            self._sense = 1
        self.set_frame(self.shown_frame + self._sense)
        self._keep_time()

    # ---- what is shown

    def needs(self) -> frozenset[str]:
        """The way itself, and what the layers ask for."""
        return super().needs() | {OBSERVATION}

    @property
    def foot(self) -> int:
        """The strip."""
        return self.strip.height()

    def _switch(self, key: str, *_: object) -> None:
        """Particles that are no longer coloured are plain again; who asks how a field is drawn wants to see one."""
        super()._switch(key)
        plain, *coloured = self.exclusive
        if key in coloured and not self._is_any(self.exclusive):
            self.set_shown(plain, shown=True)
        if key in MANNERS and self.is_shown(key) and not self._is_any(FIELDS):
            self.set_shown(FIELDS[0], shown=True)

    def _is_any(self, keys: tuple[str, ...]) -> bool:
        return any(self._shown.get(key) for key in keys)

    def frame(self, scene: Scene) -> None:
        """Equal units in the plane; over a line the numbers above their times; pictures have no axes."""
        self._arrays = None
        self.handle.let_go()
        self.strip.clear()
        self.plot.box.setAspectLocked(not is_line(scene))
        axes = self.plot.axes
        assert axes is not None
        axes.setVisible(not is_picture(scene))
        axes.across = not is_line(scene)
        axes.names = ("", "x") if is_line(scene) else ("x₁", "x₂")
        self._seen = scene.bounds
        self._set_home()

    def draw(self, snapshot: Snapshot) -> None:
        """All layers at the present frame; the same point goes another way now."""
        assert self.scene is not None
        if self.is_for_others(snapshot):
            return
        before, arrays = self.frames, snapshot.pictures.get(OBSERVATION)
        self._arrays = arrays
        if arrays is not None:
            self._take_frames(arrays, self.scene, before)
        super().draw(snapshot)
        if snapshot.live and snapshot.step and not self._has_played:
            self.play()  # once, as soon as there is something to see
        self._keep_time()
        if self.handle.is_held:
            self._ask(*self.handle.at)

    def describe(self, snapshot: Snapshot | None) -> None:
        """Where on the way."""
        if snapshot is None or self._arrays is None:
            self.header.set_subtitle("" if self.scene is None else self.scene.title)
        else:
            outside = self._outside(self._arrays["reverse"][self.shown_frame])
            self.header.set_subtitle(*words_of(self._arrays, self.shown_frame, snapshot, outside))

    def restyle(self) -> None:
        """The strip and the handle, too."""
        super().restyle()
        self.strip.set_theme(self.theme, self.scale)
        self.handle.set_theme(self.theme, self.scale)
        self._take_room()

    def clear(self, *, same_data: bool = False) -> None:
        """A new run: what was drawn of the old one is gone."""
        LayeredView.clear(self, same_data=same_data)
        self._arrays = None
        self.strip.clear()
        self.handle.let_go()
        self._timer.stop()

    def leave(self) -> None:
        """No way to show."""
        super().leave()
        self._timer.stop()

    def _take_frames(self, arrays: Arrays, scene: Scene, before: int) -> None:
        seen = _around(arrays, scene)
        if seen != self._seen:
            self._seen = seen
            self._set_home()
        self.strip.blockSignals(True)  # noqa: FBT003  (the frame is set below, once)
        self.strip.show_frames(arrays, scene, self._seen)
        self.strip.blockSignals(False)  # noqa: FBT003
        if not before:
            self.shown_frame = self.frames - 1
        self.set_frame(self.shown_frame)

    def _set_home(self) -> None:
        if self.scene is None:
            return
        if is_picture(self.scene):
            self._arrange_pictures(self.scene)
        elif is_line(self.scene):
            self.plot.move_home(self._over_strip())
        else:
            self.plot.move_home(self._seen)

    def _arrange_pictures(self, scene: Scene) -> None:
        """As many as there are, and as there is room for."""
        assert scene.image_shape is not None
        room = self.plot.box.size()
        most = MOST_PICTURES if self._arrays is None else self._arrays["reverse"].shape[1]
        size = (max(1.0, room.width()), max(1.0, room.height()))
        grid = grid_for(size, scene.image_shape, 2, most, scale=self.scale, has_marks=False)
        set_grids(self.layers, grid)
        self.plot.move_home(grid.frame)

    def _outside(self, rows: Array) -> float:
        """The share of particles, shape (N, d), that are not in the picture at first sight, or not even finite."""
        assert self.scene is not None
        low, high = (self._seen[1], self._seen[3]) if is_line(self.scene) else (self._seen[:2], self._seen[2:])
        inside = np.isfinite(rows) if is_picture(self.scene) else (rows >= low) & (rows <= high)
        return 1 - float(np.all(inside, axis=1).mean())

    def _over_strip(self) -> Bounds:
        """Numbers upwards, and each frame straight above its place on the bar."""
        first, last = self.strip.track
        width = (last - first) or 1.0
        return -first / width, self._seen[1], 1 + (self.width() - last) / width, self._seen[3]

    def place(self, x: float, y: float) -> str:
        """The place; over a line, where time runs across, the time and the number."""
        if self.scene is None or self._arrays is None or not is_line(self.scene):
            return super().place(x, y)
        time = float(self._arrays["time"][self._frame_of(x)])
        return f"t = {time:.2f}, x = {y:.3f}".replace("-", "−")

    # ---- the point that is held

    def press(self, x: float, y: float) -> None:
        """Take hold of the point, and tell what the layers know of it."""
        if self.scene is None or self._arrays is None or is_picture(self.scene):
            return
        self._time = float(self._arrays["time"][self._frame_of(x)])
        self.handle.hold(x, y)
        if any(layer.explain(x, y) for layer in self.layers if self.is_shown(layer.key)):
            self.explain(x, y)

    def show_answer(self, question: str, arrays: Arrays) -> None:
        """Draw the way of the point that is held."""
        if question == QUESTION and self.handle.is_held and self._arrays is not None:
            for layer in self._with("path"):
                layer.show({**arrays, "time": self._arrays["time"]}, 0)

    def _frame_of(self, x: float) -> int:
        """The present frame; over a line, where time runs across, the one at this place."""
        assert self.scene is not None
        if not is_line(self.scene):
            return self.shown_frame
        return round(max(0.0, min(1.0, x)) * (self.frames - 1))

    def _follow(self, x: float, y: float) -> None:
        """What was told of the place before is true no longer."""
        self.plot.readout.hide()
        self._ask(x, y)

    def _ask(self, x: float, y: float) -> None:
        """Where does this point go from its time on, and where does it come from?"""
        assert self.scene is not None
        assert self._arrays is not None
        if is_line(self.scene):
            self._time = float(self._arrays["time"][self._frame_of(x)])
        place = [y] if is_line(self.scene) else [x, y]
        self.asked.emit(QUESTION, {"x": np.array([place], np.float32), "time": np.array(self._time, np.float32)})

    # ---- Qt's own events

    def set_front(self, front: bool) -> None:  # noqa: FBT001  (a slot)
        """What is not seen does not play."""
        super().set_front(front)
        self._keep_time()

    def showEvent(self, event: QShowEvent) -> None:
        """Play on."""
        super().showEvent(event)
        self._keep_time()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        super().hideEvent(event)
        self._timer.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The strip has its share."""
        super().resizeEvent(event)
        self._take_room()

    def _take_room(self) -> None:
        self.strip.take_room(self.width(), self.height())
        self._set_home()


def _around(arrays: Arrays, scene: Scene) -> Bounds:
    """The data's own frame, widened to hold the noise in which the way begins."""
    if is_picture(scene):
        return 0.0, 0.0, float(arrays["reverse"].shape[1]), 1.0  # other pictures than before have another grid
    left, bottom, right, top = scene.bounds
    start = np.concatenate([arrays["reverse"][0], arrays["forward"][0]])
    low, high = np.quantile(start[np.isfinite(start).all(1)], STRAY, axis=0)
    if is_line(scene):
        return 0.0, float(min(left, low[0])), 1.0, float(max(right, high[0]))
    half = max((right - left) / 2, *np.abs(np.stack([low, high]) - [(left + right) / 2, (bottom + top) / 2]).ravel())
    across, up = (left + right) / 2, (bottom + top) / 2
    return across - half, up - half, across + half, up + half
