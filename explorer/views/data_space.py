"""The data space: what is learned and what is made, in one picture of layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Arrays, Scene, Snapshot
from explorer.views import _line_frame
from explorer.views._base import is_line, is_picture
from explorer.views._layered import LayeredView
from explorer.views._mark_layer import CaptionedLayer
from explorer.views._mosaic import MosaicLayer, set_grids
from explorer.views._mosaic_grid import Grid, grid_for
from explorer.views.choice import Choice, Place
from explorer.views.modes import MissingModes

COUNTED = ("samples", "images")

ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip
"""To the right, and down."""

HOVER_MS: Final = 80
"""Between two places that a moving mouse is told to be at."""


class DataSpaceView(LayeredView):
    """Samples, densities, critic, arrows and warped grid: in the plane, over a line, or as pictures.

    Signals:
        pointed: a place of data space was clicked.
        hovered: the mouse is over a place of data space, told a few times a second while it moves.
        left: the picture that was chosen is meant no longer.
        picked: a picture was clicked: whether it is a real one, and its number; of a nearest one the generated one's.
    """

    pointed = Signal(float, float)
    hovered = Signal(float, float)
    picked = Signal(bool, int)
    left = Signal()
    title = "Data space"
    plane = "data"
    exclusive = ("reconstructed_images", "nearest")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._under: tuple[float, float] | None = None
        self._hover = QTimer(self, singleShot=True)
        self._hover.setInterval(HOVER_MS)
        self._hover.timeout.connect(self._tell_hover)
        self.plot.hovered.connect(self._hovered)
        self._grid = Grid()
        self._choice: Place | None = None
        self._under_mouse: Place | None = None
        self.plot.box.sigResized.connect(self._arrange)
        self.plot.installEventFilter(self)

    def set_shown(self, key: str, shown: bool) -> None:  # noqa: FBT001
        """Panes come and go."""
        super().set_shown(key, shown)
        self._arrange()

    def amend_scene(self, scene: Scene) -> None:
        """Panes come and go."""
        super().amend_scene(scene)
        self._arrange()

    def take_scene(self, scene: Scene) -> None:
        """Nothing is chosen yet."""
        self._choice = None
        super().take_scene(scene)
        self._arrange()

    def restyle(self) -> None:
        """A presenter's pictures are larger."""
        super().restyle()
        self._arrange()

    def show_choice(self, choice: tuple[bool, int] | None) -> None:
        """Frame the picture that a card tells of: whether it is a real one, and its number; None for none."""
        self._choice = None if choice is None else (0 if choice[0] else 1, choice[1])
        self._mark_pictures()

    def draw(self, snapshot: Snapshot) -> None:
        """Frames are round what is there."""
        super().draw(snapshot)
        self._mark_pictures()

    def clear(self, *, same_data: bool) -> None:
        """Nothing is left to frame until the next picture."""
        super().clear(same_data=same_data)
        self._mark_pictures()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows go from the chosen picture to its neighbours, also where the window has shortcuts on them; Escape."""
        keys = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if self._choice is None or event.type() not in keys or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key, move = Qt.Key(event.key()), ARROWS.get(Qt.Key(event.key()))
        is_free = event.modifiers() & Qt.KeyboardModifier.ShiftModifier or (move is None and key != Qt.Key.Key_Escape)
        if is_free:
            return super().eventFilter(watched, event)
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self.left.emit() if move is None else self._go(self._choice, move[0] + move[1] * self._grid.across)
        return True

    def _go(self, choice: Place, places: int) -> None:
        pane, number = choice
        layer = self._panes().get(pane)
        shown = 0 if layer is None else min(layer.count(), self._grid.across * self._grid.down)
        if 0 <= number + places < shown:
            self.picked.emit(pane == 0, number + places)

    def show_probe(self, x: Any, log_det: Any) -> None:
        """Mark where the z that the user holds lands: ``x``, shape (1, d); ``log_det``, shape (1,), NaN for none."""
        for layer in self._with("probe"):
            layer.show({"x": np.asarray(x), "log_det": np.asarray(log_det)}, 0)
        self._arrange()

    def clear_probe(self) -> None:
        """Nobody holds a z any more."""
        for layer in self._with("probe"):
            layer.clear()
        self._arrange()

    def show_datum(self, arrays: Arrays | None) -> None:
        """Mark the point of data that a card tells of; None for none."""
        for layer in self._with("datum"):
            layer.clear() if arrays is None else layer.show(arrays, 0)
        self._arrange()

    def remember_modes(self, lost: Callable[[int], Mapping[int, int]]) -> None:
        """Know which modes were alive once (see ``MissingModes.remember``)."""
        for layer in self.layers:
            if isinstance(layer, MissingModes):
                layer.remember(lost)

    def point_out(self, mode: int | None) -> None:
        """Ring a mode that is pointed at elsewhere; None for none."""
        for layer in self.layers:
            if isinstance(layer, MissingModes):
                layer.point_out(mode)

    def frame(self, scene: Scene) -> None:
        """Equal units in the plane; height is density over a line; pictures have no axes."""
        self.plot.box.setAspectLocked(not is_line(scene))
        axes = self.plot.axes
        assert axes is not None
        axes.setVisible(not is_picture(scene))
        axes.vertical = True
        axes.names = ("x", "density, 1/unit") if is_line(scene) else ("x₁", "x₂")
        self.plot.set_home(home(scene))

    def describe(self, snapshot: Snapshot | None) -> None:
        """How many points, at which step, and what is not shown of them."""
        parts = [self._count(snapshot), self._step(snapshot), self._shown_of(self.scene)]
        self.header.set_subtitle(" · ".join(part for part in parts if part))

    def explain(self, x: float, y: float) -> None:
        """A click on a picture chooses it."""
        if self._has_places:
            super().explain(x, y)
            self.pointed.emit(x, y)
        elif (place := self._picture_at(x, y)) is not None:
            self.plot.setFocus()
            self.picked.emit(self._panes()[place[0]].is_of_data, place[1])

    def place(self, x: float, y: float) -> str:
        """The place itself."""
        if self.scene is not None and is_line(self.scene):
            return f"x = {x:.3f}".replace("-", "−")
        return super().place(x, y)

    @property
    def _has_places(self) -> bool:
        """Whether a point of the plot is a place of data space, as it is not in a mosaic of pictures."""
        return self.scene is not None and not is_picture(self.scene)

    def _hovered(self, at: tuple[float, float] | None) -> None:
        if not self._has_places:
            self._tell_picture(at)
        self._under = at if self._has_places else None
        if self._under is not None and not self._hover.isActive():
            self._tell_hover()

    def _tell_hover(self) -> None:
        if self._under is not None:
            self.hovered.emit(*self._under)
            self._under = None
            self._hover.start()

    def _panes(self) -> dict[int, MosaicLayer]:
        """The layer that is seen in each pane."""
        seen = [layer for layer in self.layers if isinstance(layer, MosaicLayer) and self._is_seen(layer)]
        return {layer.pane: layer for layer in seen}

    def _arrange(self, *_: object) -> None:
        """As many pictures as there is room for."""
        if self.scene is None or self.scene.image_shape is None:
            return
        room = self.plot.box.size()
        size = (max(1.0, room.width()), max(1.0, room.height()))
        panes = max(2, 1 + max(self._panes(), default=0))
        has_marks = any(isinstance(layer, CaptionedLayer) and layer.is_filled for layer in self.layers)
        most = max(1, len(self.scene.real))
        grid = grid_for(size, self.scene.image_shape, panes, most, scale=self.scale, has_marks=has_marks)
        if grid != self._grid:
            self.plot.readout.hide()
        self._grid = grid
        set_grids(self.layers, grid)
        self.plot.move_home(grid.frame)

    def _picture_at(self, x: float, y: float) -> Place | None:
        """Pane and number of the picture that is seen there."""
        place = self._grid.at(x, y)
        layer = None if place is None else self._panes().get(place[0])
        return place if layer is not None and place is not None and place[1] < layer.count() else None

    def _tell_picture(self, at: tuple[float, float] | None) -> None:
        """Name the picture under the mouse, and frame it with those that belong to it."""
        self._under_mouse = place = None if at is None else self._picture_at(*at)
        self._mark_pictures()
        if place is None or at is None:
            self.plot.readout.hide()
            return
        panes = self._panes()
        told = [panes[place[0]].words(place[1])]
        if place[0] == 1 and 2 in panes:
            told.append(panes[2].words(place[1]))
        self.plot.tell("\n".join(filter(None, told)), *at)

    def _mark_pictures(self) -> None:
        panes = self._panes()
        is_gone = self._choice is not None and self._choice[0] == 1 and 1 in panes and panes[1].is_of_data
        chosen = None if is_gone else self._choice
        for layer in self.layers:
            if isinstance(layer, Choice):
                layer.mark(*(_kin(place, panes) for place in (chosen, self._under_mouse)))

    def _count(self, snapshot: Snapshot | None) -> str:
        if self.scene is not None and is_picture(self.scene):
            return ""
        arrays = [snapshot.pictures[key] for key in COUNTED if key in snapshot.pictures] if snapshot else []
        return f"{len(next(iter(arrays[0].values()))):,} points pushed" if arrays else ""

    def _step(self, snapshot: Snapshot | None) -> str:
        if snapshot is None:
            return "" if self.scene is None else self.scene.title
        return f"step {snapshot.step:,}" + ("" if snapshot.live else ", looked back")

    def _shown_of(self, scene: Scene | None) -> str:
        if scene is not None and scene.image_shape is not None:
            channels, rows, columns = scene.image_shape
            return f"{columns} × {rows} pixels" + (", colour" if channels == 3 else "")
        if scene is None or scene.dimension <= 2:
            return ""
        return f"first 2 of {scene.dimension} coordinates"


def _kin(place: Place | None, panes: Mapping[int, MosaicLayer]) -> tuple[Place, ...]:
    """A generated picture and the nearest one to it belong together, a real one and its reconstruction."""
    if place is None:
        return ()
    pane, number = place
    groups = ((0, 1), (2,)) if 1 in panes and panes[1].is_of_data else ((0,), (1, 2))
    kin = next(group for group in groups if pane in group)
    return tuple((pane, number) for pane in kin if pane in panes and number < panes[pane].count())


def home(scene: Scene) -> tuple[float, float, float, float]:
    """The range that is shown at first, (left, bottom, right, top)."""
    if is_picture(scene):
        return Grid().frame
    return _line_frame.frame(scene) if is_line(scene) else scene.bounds
