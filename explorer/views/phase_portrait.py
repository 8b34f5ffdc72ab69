"""The phase portrait of a game of two numbers: the field, where each player rests, and the path that training took."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from explorer.session.messages import Rows
from explorer.session.snapshot import Array, Arrays, Scene, Snapshot
from explorer.views._card import Card, card
from explorer.views._header import Chip
from explorer.views._items import Strokes
from explorer.views._phase_flow import Floats, Flow
from explorer.views._series import Series
from explorer.widgets.plot import Overlay, Plot, colour

Complexes = NDArray[np.complexfloating[Any, Any]]
KEY: Final = "phase_portrait"
PLACE: Final = ("theta", "psi")
"""Scalars of a step that say where the game stands."""

LONGEST_PATH: Final = 4_000
"""Steps of the path that are drawn: more cannot be told apart, and would take long to draw."""

AGES: Final = ((1.0, 0.38), (0.5, 0.55), (0.25, 0.75), (0.1, 1.0))
"""The path in parts: from this share of it before its end, with this opacity."""

EVEN: Final = 1.5e-3
"""Sizes of an eigenvalue so near 1 are told as 1: the field is known in single precision."""

LAYERS: Final = {
    "path": ("path", "Every step that training took, fading with age.", "text"),
    "flow": ("flow", "Where both players' losses push: (−∂L_G/∂θ, −∂L_T/∂ψ), lengths left out.", "muted"),
    "theta": ("θ rests", "Where the generator has no reason to move: −∂L_G/∂θ = 0.", "model"),
    "psi": ("ψ rests", "Where the critic has no reason to move: −∂L_T/∂ψ = 0.", "critic_high"),
}
"""What is drawn: words and help of its switch, and its colour."""


class Marks(Overlay):
    """Painted in pixels: the equilibrium as a ring, the game's place as a dot."""

    depth = 90.0

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self.equilibrium: Array | None = None
        self.point: Array | None = None
        self.start: Array | None = None

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Ring, small hollow dot at the start, full dot at the present place."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, s = self.theme, self.factor
        self._dot(painter, self.equilibrium, 6.5 * s, QPen(QColor(theme.data), 2 * s), theme.plot)
        self._dot(painter, self.start, 3.2 * s, QPen(QColor(theme.muted), 1.4 * s), theme.plot)
        self._dot(painter, self.point, 5.5 * s, QPen(QColor(theme.plot), 1.6 * s), theme.text)

    def _dot(self, painter: QPainter, place: Array | None, radius: float, pen: QPen, fill: str) -> None:
        if place is None or not np.isfinite(place).all():
            return
        at = self.box.mapFromView(QPointF(float(place[0]), float(place[1])))
        painter.setPen(pen)
        painter.setBrush(QColor(fill))
        painter.drawEllipse(at, radius, radius)


class Lines(Strokes):
    """Lines thicker than a pixel, or dashed."""

    def __init__(self, width: float = 1.0, dashes: tuple[float, ...] = ()) -> None:
        super().__init__()
        self.width, self.dashes = width, dashes
        self.has_points = False

    def put(self, places: Floats) -> None:
        """Points parted by NaN, shape (M, 2)."""
        self.has_points = len(places) > 1
        self.set_points(places[:, 0], places[:, 1], "finite")

    def dye(self, name: str, alpha: float, scale: float = 1.0) -> None:
        """Colour, opacity and scale of the width."""
        pen = QPen(colour(name, alpha), self.width * scale)
        pen.setCosmetic(True)
        if self.dashes:
            pen.setDashPattern(self.dashes)
        self._pen = pen
        self.update()


@card
class PhasePortraitView(Card):
    """(θ, ψ) in the plane; the path comes from the scalars of every step, for pictures come too seldom to draw it."""

    title = "Phase portrait"
    key = "phase"
    beside = "latent"
    replaces = ("modes",)

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """A game of two numbers, which has no modes to tell apart."""
        return scene.is_planar

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.series = Series(PLACE)
        self.plot = Plot(self)
        self.plot.put_axes_inside()
        assert self.plot.axes is not None
        self.plot.axes.names = ("θ", "ψ")
        self.plot.box.setAspectLocked(True)
        self.plot.clicked.connect(self._explain)
        self.put(self.plot)
        self._flow: Flow | None = None
        self._extent = 0.0
        self.lines = {
            "flow": [Lines()],
            "theta": [Lines(2.0, (4, 3))],
            "psi": [Lines(2.0, (1, 2.5))],
            "path": [Lines(1.8) for _ in AGES],
        }
        for depth, line in enumerate(line for lines in self.lines.values() for line in lines):
            line.setZValue(depth)
            self.plot.box.addItem(line, ignoreBounds=True)
        self.marks = Marks(self.plot.box)
        self.chips = {key: self._make_chip(key) for key in LAYERS}
        self.header.set_parts(list(self.chips.values()))
        self._empty("press Space to train")

    def needs(self) -> frozenset[str]:
        """The one observation."""
        return frozenset({KEY})

    def add_rows(self, rows: Rows) -> None:
        """Scalars of every step since the last report; those of other games are let go."""
        if not set(PLACE) <= set(rows.names):
            return
        self.series.add(rows.steps, rows.values[:, [rows.names.index(name) for name in PLACE]])
        if self.snapshot is not None and self.is_seen:
            self._draw_path(self.snapshot)

    def clear(self) -> None:
        """A new run has no past."""
        self.series, self.snapshot = Series(PLACE), None
        self._empty("")

    def cut_after(self, step: int) -> None:
        """The run goes on from this step: forget what came after it."""
        self.series.cut_after(step)

    def take_scene(self, scene: Scene) -> None:
        """Nothing is known of the new run yet."""
        self._empty("")

    def draw(self, snapshot: Snapshot) -> None:
        """Field, path up to the snapshot's step, place, and what the game does near its equilibrium."""
        arrays = snapshot.pictures.get(KEY)
        if arrays is None:
            self._empty(snapshot.missing.get(KEY, ""))
            return
        self._draw_flow(arrays)
        self._draw_path(snapshot)
        self.marks.equilibrium, self.marks.start, self.marks.point = (
            arrays[name] for name in ("equilibrium", "start", "point")
        )
        self.marks.update()
        verdict = near_equilibrium(arrays)
        self.header.set_subtitle(*verdict)

    def path(self, snapshot: Snapshot) -> Floats:
        """The places of all steps up to the snapshot's, and its own, shape (N, 2)."""
        arrays = snapshot.pictures[KEY]
        end = int(np.searchsorted(self.series.steps, snapshot.step, side="left"))
        first = max(0, end - LONGEST_PATH)
        rows = np.stack([self.series.column(name)[first:end] for name in PLACE], 1)
        begins = end > 0 and first == 0 and int(self.series.steps[0]) == 1
        start = [np.asarray(arrays["start"])[None]] if begins or snapshot.step == 1 else []
        return np.concatenate([*start, rows, np.asarray(arrays["point"])[None]]).astype(np.float64)

    def restyle(self) -> None:
        """Every line in its theme's colour."""
        self.plot.set_theme(self.theme, self.scale)
        self.marks.set_theme(self.theme, self.scale)
        for key, chip in self.chips.items():
            chip.set_theme(self.theme, self.scale, self._colour(key))
        self.header.arrange()
        for key, alpha in (("flow", 0.42), ("theta", 0.9), ("psi", 1.0)):
            self.lines[key][0].dye(self._colour(key), alpha, self.scale)
        for line, (_, alpha) in zip(self.lines["path"], AGES, strict=True):
            line.dye(self._colour("path"), alpha, self.scale)

    def set_shown(self, key: str, shown: bool) -> None:  # noqa: FBT001  (a slot of a switch)
        """Switch a part on or off."""
        self.chips[key].setChecked(shown)
        for line in self.lines[key]:
            line.setVisible(shown)

    def _draw_flow(self, arrays: Arrays) -> None:
        field, extent = arrays["field"], float(arrays["extent"])
        if self._flow is not None and np.array_equal(self._flow.field, field):
            return
        self._flow = flow = Flow(field, extent)
        self.lines["flow"][0].put(flow.streams())
        for part, key in enumerate(PLACE):
            self.lines[key][0].put(flow.zeros(part))
        if self._extent != extent:
            self._extent = extent
            self.plot.set_home((-extent, -extent, extent, extent))

    def _draw_path(self, snapshot: Snapshot) -> None:
        if KEY not in snapshot.pictures:
            return
        path = self.path(snapshot)
        bounds = [len(path) - 1 - int(share * (len(path) - 1)) for share, _ in AGES] + [len(path) - 1]
        for line, first, last in zip(self.lines["path"], bounds, bounds[1:], strict=False):
            line.put(path[first : last + 1])

    def _empty(self, reason: str) -> None:
        self._flow = None
        self.marks.equilibrium = self.marks.start = self.marks.point = None
        self.marks.update()
        for line in (line for lines in self.lines.values() for line in lines):
            line.put(np.empty((0, 2)))
        self.header.set_subtitle(reason)

    def _colour(self, key: str) -> str:
        return getattr(self.theme, LAYERS[key][2])

    def _make_chip(self, key: str) -> Chip:
        words, help_text, _ = LAYERS[key]
        chip = Chip(words, help_text, fades=False)
        chip.setChecked(True)
        chip.toggled.connect(partial(self.set_shown, key))
        return chip

    def _explain(self, x: float, y: float) -> None:
        if self._flow is None:
            return
        theta, psi = self._flow.at(np.array([[x, y]]))[0]
        text = f"θ = {x:.2f}, ψ = {y:.2f}\n−∂L_G/∂θ = {theta:.3f}\n−∂L_T/∂ψ = {psi:.3f}"
        self.plot.tell(text.replace(" -", " −"), x, y)


def near_equilibrium(arrays: Arrays) -> tuple[str, ...]:
    """What the linearised game does at its equilibrium, in several wordings, the longest first."""
    matrix = np.asarray(arrays["step"], np.float64)
    if np.isfinite(matrix).all():
        return _of_steps(np.linalg.eigvals(matrix).astype(complex))
    jacobian = np.asarray(arrays["jacobian"], np.float64)
    if np.isfinite(jacobian).all():
        values = _complex(np.linalg.eigvals(jacobian).astype(complex))
        return (f"eigenvalues of the field at the ring: {values}", f"eigenvalues {values}", values)
    return ("a kink at the ring: no eigenvalues there", "no eigenvalues: a kink")


def _of_steps(values: Complexes) -> tuple[str, ...]:
    size = float(np.abs(values).max())
    turns = bool(np.abs(values.imag).max() > EVEN)
    if abs(size - 1) < EVEN:
        fate = "circles" if turns else "stands"
    else:
        fate = ("spirals " if turns else "runs ") + ("in" if size < 1 else "out")
    brief = f"{fate}, |λ| = {size:.3f}"
    return (f"near the ring it {brief} a step: λ = {_complex(values)}", f"near the ring it {brief}", brief)


def _complex(values: Complexes) -> str:
    """A pair of eigenvalues: a ± bi, or both."""
    first = complex(values[np.argmax(values.imag)])
    if first.imag > EVEN:
        return f"{first.real:.3f} ± {first.imag:.3f}i".replace("-", "−")
    return " and ".join(f"{value:.3f}" for value in sorted(values.real)).replace("-", "−")
