"""What every view and every layer of a view offers. A view draws arrays and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, TypeVar

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QShowEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QVBoxLayout, QWidget

import explorer.views
from explorer.session.snapshot import Arrays, Scene, Snapshot
from explorer.views._header import Header
from explorer.widgets.plot import Plot
from explorer.widgets.theme import DARK, RADIUS, Theme

Plane = Literal["data", "latent", "process"]


class Layer(ABC):
    """One thing that can be seen of the data or of the model, on one plot; switched and faded on its own.

    Attributes:
        key: of the switch; layers for data of other dimensions may share it and then share the switch.
        title: on the switch.
        help: one sentence for the tool tip.
        role: the theme's colour for it.
        plane: the view that it belongs to.
        observation: key of the observation that it draws; empty for what a scene brings.
        order: place among the switches.
        visible: whether it is shown at first.
        opacity: at first, in [0, 1].
        switch: whether there is a switch at all.
        covers: key of layers that are not seen while this one is: it shows the same in another way.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str] = ""
    role: ClassVar[str] = "muted"
    plane: ClassVar[Plane] = "data"
    observation: ClassVar[str] = ""
    order: ClassVar[int] = 0
    visible: ClassVar[bool] = True
    opacity: ClassVar[float] = 1.0
    switch: ClassVar[bool] = True
    covers: ClassVar[str] = ""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.theme, self.scale = DARK, 1.0
        self._shown, self._filled = self.visible, False
        self.reason = ""

    @classmethod
    @abstractmethod
    def fits(cls, scene: Scene) -> bool:
        """Whether this is how data of this kind is drawn."""

    @abstractmethod
    def attach(self, plot: Plot) -> None:
        """Make the graphics items, put them on the plot and name them in ``items``."""

    @abstractmethod
    def draw(self, arrays: Arrays, step: int) -> None:
        """Draw the observation's arrays as they are."""

    def set_scene(self, scene: Scene) -> None:
        """Take up another frame; layers of the data itself are drawn here."""
        return

    @classmethod
    def shown_at_first(cls, scene: Scene) -> bool:
        """Whether it is shown before the user has said so."""
        return cls.visible

    @property
    def tip(self) -> str:
        """What the switch says of it in this scene."""
        return self.help

    def restyle(self) -> None:
        """Take up ``theme`` and ``scale``."""
        return

    def explain(self, x: float, y: float) -> str:
        """What this layer knows of a place: one line such as "p(x) = 0.3", or nothing."""
        return ""

    def detach(self) -> None:
        """Take the items off the plot."""
        for item in self.items:
            item.hide()
            if item.scene() is not None:
                item.scene().removeItem(item)
        self.items = []

    def show(self, arrays: Arrays, step: int) -> None:
        """Draw arrays, and be seen if switched on."""
        self.draw(arrays, step)
        self.fill()

    def fill(self) -> None:
        """There is something to see."""
        self._filled = True
        self._apply()

    def clear(self) -> None:
        """There is nothing to see, until the next ``show``."""
        self._filled = False
        self._apply()

    def lack(self, reason: str) -> None:
        """There is nothing to see: for a reason, or because it is still being made."""
        self.clear()

    def set_shown(self, shown: bool) -> None:  # noqa: FBT001
        """Switch on or off."""
        self._shown = shown
        self._apply()

    def set_opacity(self, opacity: float) -> None:
        """Fade, in [0, 1]."""
        for item in self.items:
            item.setOpacity(opacity)

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes, live."""
        self.theme, self.scale = theme, scale
        self.restyle()

    @property
    def colour(self) -> str:
        """This layer's colour in the present theme."""
        return getattr(self.theme, self.role)

    def _apply(self) -> None:
        for item in self.items:
            item.setVisible(self._shown and self._filled)


class SceneLayer(Layer):
    """A layer of what stays the same throughout a run; drawn when the scene is set."""

    def draw(self, arrays: Arrays, step: int) -> None:
        """Nothing of the model is drawn here."""


LAYERS: Final[list[type[Layer]]] = []

AnyLayer = TypeVar("AnyLayer", bound=Layer)


def layer(cls: type[AnyLayer]) -> type[AnyLayer]:
    """Class decorator: this layer can be seen. Its file only has to lie in this folder."""
    LAYERS.append(cls)
    return cls


@cache
def import_all() -> None:
    """Import every file of this folder, so that its layers and cards make themselves known."""
    for found in pkgutil.iter_modules(explorer.views.__path__):
        if not found.name.startswith("_"):
            importlib.import_module(f"explorer.views.{found.name}")


@cache
def discover() -> tuple[type[Layer], ...]:
    """All layers of the files in this folder, in the order of their switches."""
    import_all()
    return tuple(sorted(LAYERS, key=lambda cls: (cls.order, cls.key, cls.__qualname__)))


def layers_for(scene: Scene, plane: Plane) -> Iterator[type[Layer]]:
    """The layers that draw data of this kind on this plane."""
    return (cls for cls in discover() if cls.plane == plane and cls.fits(scene))


def is_plane(scene: Scene) -> bool:
    """Two coordinates, or the first two of a table."""
    return scene.dimension >= 2 and scene.image_shape is None


def is_line(scene: Scene) -> bool:
    """One number a sample."""
    return scene.dimension == 1


def is_picture(scene: Scene) -> bool:
    """Samples are pictures."""
    return scene.image_shape is not None


class Corners(QWidget):
    """Rounds the corners of a view over whatever was drawn there; never takes the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = DARK
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground outside the rounded card, and the card's border."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        card, outside = QPainterPath(), QPainterPath()
        card.addRoundedRect(frame, RADIUS, RADIUS)
        outside.addRect(QRectF(self.rect()))
        painter.fillPath(outside.subtracted(card), QColor(self.theme.ground))
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.drawPath(card)


class View(QWidget):
    """A card of the window that draws snapshots.

    Signals:
        wanted_changed: ``wanted()`` gives another answer now.
    """

    wanted_changed = Signal()
    title: ClassVar[str] = ""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Whether there is anything to show of a model of this kind; its card is not there otherwise."""
        return True

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.scale = DARK, 1.0
        self.scene: Scene | None = None
        self.snapshot: Snapshot | None = None
        self._is_front = True
        self.setAccessibleName(self.title)
        self.setAutoFillBackground(True)
        self.header = Header(self.title, self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        self._column.addWidget(self.header)
        self._corners = Corners(self)

    def put(self, body: QWidget) -> None:
        """Fill the card below the header."""
        self._column.addWidget(body, 1)
        self._corners.raise_()

    @property
    def foot(self) -> int:
        """Height of what stands at its lower edge and must not be covered by a hint, pixels."""
        return 0

    @property
    def is_seen(self) -> bool:
        """Whether it is on the screen: shown, and not behind another tab."""
        return self._is_front and self.isVisible()

    def set_front(self, front: bool) -> None:  # noqa: FBT001  (a slot)
        """Come to the front of the tabs, and draw what came meanwhile; or go behind another one."""
        self._is_front = front
        if self.is_seen and self.snapshot is not None:
            self.draw(self.snapshot)
        self.wanted_changed.emit()

    def wanted(self) -> frozenset[str]:
        """Keys of the observations that are on the screen now; none while the view is hidden."""
        return self.needs() if self.is_seen else frozenset()

    def needs(self) -> frozenset[str]:
        """Keys of the observations that are switched on."""
        return frozenset()

    def set_scene(self, scene: Scene) -> None:
        """Another run: what was drawn is gone."""
        self.scene, self.snapshot = scene, None
        self.take_scene(scene)
        self.wanted_changed.emit()

    def amend_scene(self, scene: Scene) -> None:
        """The same run, of which something else can be asked now: what was drawn stays."""
        self.scene = scene

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw a snapshot; the same one gives the same picture. While hidden it is only remembered."""
        self.snapshot = snapshot
        if self.is_seen:
            self.draw(snapshot)

    def set_theme(self, theme: Theme, scale: float = 1.0) -> None:
        """Take up colours and sizes, live."""
        self.theme, self.scale = theme, scale
        self._corners.theme = theme
        colours = self.palette()
        colours.setColor(self.backgroundRole(), QColor(theme.plot))
        self.setPalette(colours)
        self.header.set_theme(theme, scale)
        self.restyle()
        self.update()

    def take_scene(self, scene: Scene) -> None:
        """Make ready for another scene."""

    def draw(self, snapshot: Snapshot) -> None:
        """Draw a snapshot now."""

    def restyle(self) -> None:
        """Take up ``theme`` and ``scale`` in the parts."""

    def export_picture(self, path: str | Path, ratio: float = 2.0) -> None:
        """Write the card, as it is seen, as PNG (with ``ratio`` pixels to a point) or SVG, by the file's ending."""
        writers = {".svg": self._write_svg, ".png": self._write_png}
        suffix = Path(path).suffix.lower()
        if suffix not in writers:
            raise ValueError(f"{Path(path).name}: a picture's name must end in .png or .svg")
        writers[suffix](Path(path), ratio)

    def _write_svg(self, path: Path, _ratio: float) -> None:
        writer = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
        writer.setFileName(str(path))
        writer.setSize(self.size())
        writer.setViewBox(QRectF(self.rect()))
        writer.setTitle(self.title)
        self._paint_on(writer)

    def _write_png(self, path: Path, ratio: float) -> None:
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        picture = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(self.theme.ground))
        self._paint_on(picture)
        if not picture.save(str(path)):
            raise OSError(f"{path.name} could not be written")

    def _paint_on(self, device: Any) -> None:
        painter = QPainter()
        if not painter.begin(device):
            raise OSError("the picture could not be written there")
        self.render(painter, QPoint(0, 0))
        painter.end()

    def resizeEvent(self, event: Any) -> None:
        """Keep the rounded frame on the edge."""
        super().resizeEvent(event)
        self._corners.setGeometry(self.rect())

    def showEvent(self, event: QShowEvent) -> None:
        """On the screen again: draw what came meanwhile, and ask for pictures."""
        super().showEvent(event)
        if self.is_seen and self.snapshot is not None:
            self.draw(self.snapshot)
        self.wanted_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Off the screen: ask for nothing."""
        super().hideEvent(event)
        self.wanted_changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        """A new font (size) needs a new layout of the header."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.header.set_theme(self.theme, self.scale)
