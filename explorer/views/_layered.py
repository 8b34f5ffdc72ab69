"""A view that is one plot with layers, each with a switch and an opacity."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Scene, Snapshot
from explorer.views._base import Layer, Plane, View, layers_for
from explorer.views._header import Chip
from explorer.views._waiting import Waiting
from explorer.widgets.plot import Plot


class LayeredView(View):
    """Holds the layers of one plane.

    Attributes:
        plane: which one.
        exclusive: keys of layers that show one and the same thing: at most one of them is on.
    """

    plane: ClassVar[Plane]
    exclusive: ClassVar[tuple[str, ...]] = ()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = Plot(self)
        self.plot.put_axes_inside()
        self.put(self.plot)
        self.waiting = Waiting(self.plot)
        self.layers: list[Layer] = []
        self.chips: dict[str, Chip] = {}
        self._shown: dict[str, bool] = {}
        self._chosen: set[str] = set()
        self._opacity: dict[str, float] = {}
        self._explained: tuple[float, float] | None = None
        self._drawn: frozenset[str] = frozenset()
        self.plot.clicked.connect(self.explain)

    def needs(self) -> frozenset[str]:
        """Observations of the layers that are switched on."""
        return frozenset(layer.observation for layer in self.layers if layer.observation and self.is_shown(layer.key))

    def is_shown(self, key: str) -> bool:
        """Whether the layers of this key are switched on."""
        return self._shown[key]

    def set_shown(self, key: str, shown: bool) -> None:  # noqa: FBT001
        """Switch layers on or off; the user's choice outlives the scene."""
        for other in self.exclusive if shown and key in self.exclusive else ():
            if other != key and self._shown.get(other):
                self.set_shown(other, shown=False)
        self._shown[key] = shown
        self._chosen.add(key)
        if key in self.chips:
            self.chips[key].setChecked(shown)
        self._uncover()
        if self.snapshot is not None and self.isVisible():
            self.draw(self.snapshot)
        self.wanted_changed.emit()

    def set_opacity(self, key: str, opacity: float) -> None:
        """Fade layers, in [0, 1]."""
        self._opacity[key] = opacity
        for layer in self._with(key):
            layer.set_opacity(opacity)

    def clear(self, *, same_data: bool) -> None:
        """A new run: what was drawn of the model is gone, and what was drawn of P_X unless that is the same."""
        self.snapshot, self._explained, self._drawn = None, None, frozenset()
        self.plot.readout.hide()
        for layer in self.layers:
            if layer.observation or not same_data:
                layer.clear()
        self.header.set_subtitle("")
        self.waiting.begin()

    def take_scene(self, scene: Scene) -> None:
        """The layers that draw data of this kind, empty."""
        self._drawn = frozenset()
        self.waiting.end()
        self.plot.readout.hide()
        for layer in self.layers:
            layer.detach()
        self.layers = [cls() for cls in layers_for(scene, self.plane)]
        self.frame(scene)
        for layer in self.layers:
            self._ready(layer, scene)
        self._uncover()
        self._make_chips()
        self.describe(None)

    def amend_scene(self, scene: Scene) -> None:
        """Layers come and go; those that stay keep what they show, and the range its zoom."""
        super().amend_scene(scene)
        self._drawn = frozenset()
        self.waiting.end()
        before = {type(layer): layer for layer in self.layers}
        self.layers = [before.pop(cls, None) or cls() for cls in layers_for(scene, self.plane)]
        for gone in before.values():
            gone.detach()
        for layer in self.layers:
            if not layer.items:
                self._ready(layer, scene)
        self._uncover()
        self._make_chips()
        self.wanted_changed.emit()

    def is_for_others(self, snapshot: Snapshot) -> bool:
        """Whether it lacks what is drawn here, having been made while other cards were seen, and not this one."""
        return not self._drawn & self.needs() <= _told_by(snapshot)

    def draw(self, snapshot: Snapshot) -> None:
        """Each layer that is switched on draws its observation; what is not in the snapshot is not on the screen.

        Where the snapshot is for others, what was drawn stays, with the step that it is of, until the next one comes.
        """
        if self.is_for_others(snapshot):
            return
        self._drawn = self.needs() & _told_by(snapshot)
        for layer in self.layers:
            if layer.observation:
                self._draw(layer, snapshot)
        for key, chip in self.chips.items():
            reasons = [snapshot.missing.get(layer.observation) or layer.reason for layer in self._with(key)]
            chip.set_missing(next(iter(reasons), ""))
        self.describe(snapshot)
        if self._explained and self.plot.readout.isVisible():
            self.explain(*self._explained)

    def restyle(self) -> None:
        """New colours for the plot and each layer."""
        self.plot.set_theme(self.theme, self.scale)
        self.waiting.set_theme(self.theme, self.scale)
        for layer in self.layers:
            layer.set_theme(self.theme, self.scale)
        for layer in self.layers:
            if layer.key in self.chips:
                self.chips[layer.key].set_theme(self.theme, self.scale, self.dot(layer))
        self.header.arrange()
        if self.snapshot is not None and self.isVisible():
            self.draw(self.snapshot)

    def explain(self, x: float, y: float) -> None:
        """A click explains: what each layer knows of this place, beside it."""
        lines = [self.place(x, y), *(layer.explain(x, y) for layer in self.layers if self.is_shown(layer.key))]
        self._explained = (x, y)
        self.plot.tell("\n".join(line for line in lines if line), x, y)

    def frame(self, scene: Scene) -> None:
        """Set the range and the axes."""

    def describe(self, snapshot: Snapshot | None) -> None:
        """Set the subtitle."""

    def place(self, x: float, y: float) -> str:
        """The first line of an explanation."""
        return f"x = ({x:.3f}, {y:.3f})".replace("-", "−")

    def dot(self, layer: Layer) -> str:
        """The colour on the layer's chip."""
        return layer.colour

    def make_chip(self, layer: Layer) -> Chip:
        """A switch for the layers of one key."""
        chip = Chip(layer.title, layer.tip)
        chip.opacity = self._opacity[layer.key]
        chip.opacity_changed.connect(partial(self.set_opacity, layer.key))
        return chip

    def _switch(self, key: str, *_: object) -> None:
        self.set_shown(key, self.chips[key].isChecked())

    def _draw(self, layer: Layer, snapshot: Snapshot) -> None:
        arrays = snapshot.pictures.get(layer.observation)
        if arrays is None:
            layer.lack(snapshot.missing.get(layer.observation, ""))
        elif self._is_seen(layer):
            layer.show(arrays, snapshot.step)

    def _ready(self, layer: Layer, scene: Scene) -> None:
        if layer.key not in self._chosen:
            self._shown[layer.key] = layer.shown_at_first(scene)
        self._opacity.setdefault(layer.key, layer.opacity)
        layer.attach(self.plot)
        layer.set_theme(self.theme, self.scale)
        layer.lack("")
        layer.set_scene(scene)
        layer.set_opacity(self._opacity[layer.key])

    def _uncover(self) -> None:
        """Show what is switched on, but for what another layer shows in its own way."""
        for layer in self.layers:
            layer.set_shown(self._is_seen(layer))

    def _is_seen(self, layer: Layer) -> bool:
        covered = any(other.covers == layer.key and self._shown[other.key] for other in self.layers)
        return self._shown[layer.key] and not covered

    def _make_chips(self) -> None:
        self.chips = {}
        for layer in self.layers:
            if layer.switch and layer.key not in self.chips:
                chip = self.make_chip(layer)
                chip.setChecked(self._shown[layer.key])
                chip.set_missing(layer.reason)
                chip.set_theme(self.theme, self.scale, self.dot(layer))
                chip.clicked.connect(partial(self._switch, layer.key))
                self.chips[layer.key] = chip
        self.header.set_parts(list(self.chips.values()))

    def _with(self, key: str) -> list[Layer]:
        return [layer for layer in self.layers if layer.key == key]


def _told_by(snapshot: Snapshot) -> frozenset[str]:
    """Keys of the observations that it has, or says why it has not."""
    return frozenset(snapshot.pictures) | frozenset(snapshot.missing)
