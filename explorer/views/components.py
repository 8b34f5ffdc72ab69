"""The Gaussians that the model is a mixture of: ellipses in the plane, curves over a line."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QTransform

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, is_line, is_plane, layer
from explorer.views._items import InView, Strokes
from explorer.widgets.plot import Plot, colour, plot_font
from explorer.widgets.theme import DARK, SMALL_PX, Theme

FEW: Final = 30
"""Up to so many components have two ellipses, a centre and a rim of the ground's colour; more would be a thicket."""

LABELLED: Final = 12
"""Up to so many have their weights beside them; of a single one it says nothing."""

FAINTEST: Final = 0.32
"""Opacity of a component without weight, where the heaviest has 1."""

SELECTION: Final = "P_θ is a mixture of infinitely many, one for each z: these are of 60 draws of z."

CENTRE_PX: Final = 2.2
LABEL_GAP_PX: Final = 4.0


class Ellipses(InView):
    """Ellipses of one and two standard deviations; the heavier a component, the stronger its strokes."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = DARK
        self.factor = 1.0
        self.weights: Array = np.empty(0)
        self._circles: list[QTransform] = []

    def set_components(self, weights: Array, means: Array, axes: Array) -> None:
        """Weights (K,), centres (K, 2) and axes (K, 2, 2), whose columns are one standard deviation long."""
        order = np.argsort(weights, kind="stable")  # the heaviest is drawn over the others
        self.weights = weights[order]
        frames = zip(axes[order].tolist(), means[order].tolist(), strict=True)
        self._circles = [QTransform(a, c, b, d, *mean) for ((a, b), (c, d)), mean in frames]
        self.update()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """In pixels, so that strokes keep their width; rims first, so that none covers another's stroke."""
        to_pixels = painter.transform()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        placed = [circle * to_pixels for circle in self._circles]
        is_few = len(placed) <= FEW
        radii = (2.0, 1.0) if is_few else (1.0,)
        for radius in radii if is_few else ():
            for place, share in zip(placed, self._shares(), strict=True):
                self._stroke(painter, place, radius, self.theme.plot, (0.75, self._width(share, radius) + 2))
        for radius in radii:
            for place, share in zip(placed, self._shares(), strict=True):
                strength = FAINTEST + (1 - FAINTEST) * share
                ink = strength * (1.0 if radius == 1.0 else 0.8)
                self._stroke(painter, place, radius, self.theme.model, (ink, self._width(share, radius)))
        if is_few:
            self._mark_centres(painter, placed)
        if 1 < len(placed) <= LABELLED:
            self._write_weights(painter, placed)

    def _shares(self) -> list[float]:
        """Of the heaviest component's weight."""
        return (self.weights / max(float(self.weights.max(initial=0.0)), 1e-30)).tolist()

    def _width(self, share: float, radius: float) -> float:
        if len(self.weights) > FEW:
            return 1.1 * self.factor
        return self.factor * ((1.0 + 1.2 * share) if radius == 1.0 else (0.8 + 0.5 * share))

    def _stroke(self, painter: QPainter, place: QTransform, radius: float, name: str, ink: tuple[float, float]) -> None:
        alpha, width = ink
        painter.setPen(QPen(colour(name, alpha), width))
        painter.drawPath(outline(place, radius))

    def _mark_centres(self, painter: QPainter, placed: list[QTransform]) -> None:
        painter.setPen(QPen(colour(self.theme.plot, 0.75), self.factor))
        for place, share in zip(placed, self._shares(), strict=True):
            painter.setBrush(colour(self.theme.model, FAINTEST + (1 - FAINTEST) * share))
            painter.drawEllipse(place.map(QPointF(0, 0)), CENTRE_PX * self.factor, CENTRE_PX * self.factor)

    def _write_weights(self, painter: QPainter, placed: list[QTransform]) -> None:
        """Outside the ellipses, the heaviest first; a weight that would stand on another is left out."""
        font = plot_font(SMALL_PX, self.factor)
        metrics, written = QFontMetricsF(font), list[QRectF]()
        middle = self._middle(placed)
        painter.setFont(font)
        for place, weight in reversed(list(zip(placed, self.weights.tolist(), strict=True))):
            text = percent(weight)
            card = QSizeF(metrics.horizontalAdvance(text) + 6, metrics.height())
            at = beside(place, middle, card, LABEL_GAP_PX * self.factor)
            if not any(at.intersects(other) for other in written):
                written.append(at)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour(self.theme.plot, 0.8))
                painter.drawRoundedRect(at, 4, 4)
                painter.setPen(colour(self.theme.model))
                painter.drawText(at, Qt.AlignmentFlag.AlignCenter, text)

    def _middle(self, placed: list[QTransform]) -> QPointF:
        total = max(float(self.weights.sum()), 1e-30)
        centres = [
            place.map(QPointF(0, 0)) * (w / total) for place, w in zip(placed, self.weights.tolist(), strict=True)
        ]
        return sum(centres, QPointF(0, 0))


def outline(place: QTransform, radius: float) -> QPainterPath:
    """The circle of this radius around the origin, put in its place."""
    circle = QPainterPath()
    circle.addEllipse(QPointF(0, 0), radius, radius)
    return place.map(circle)


def beside(place: QTransform, middle: QPointF, card: QSizeF, gap: float) -> QRectF:
    """Where a card of this size stands just outside the ellipse of two standard deviations, away from the middle."""
    centre = place.map(QPointF(0, 0))
    away = centre - middle
    length = math.hypot(away.x(), away.y())
    x, y = (away.x() / length, away.y() / length) if length > 1 else (1.0, 0.0)
    reach = 2 * math.hypot(place.m11() * x + place.m12() * y, place.m21() * x + place.m22() * y)
    reach += gap + (abs(x) * card.width() + abs(y) * card.height()) / 2
    at = QRectF(QPointF(0, 0), card)
    at.moveCenter(centre + QPointF(x, y) * reach)
    return at


def percent(weight: float) -> str:
    """A weight as a share: ``12 %``."""
    return f"{100 * weight:.0f} %" if weight >= 0.005 else "< 1 %"


def shares_at(point: Array, weights: Array, means: Array, axes: Array) -> Array:
    """How much each component answers for a place of the plane: wₖ N(x; μₖ, Σₖ) / p(x), shape (K,), sum 1."""
    lengths = np.maximum(np.linalg.norm(axes, axis=1), 1e-12)
    along = np.einsum("kd,kdj->kj", point - means, axes / lengths[:, None]) / lengths
    logs = np.log(np.maximum(weights, 1e-30)) - np.log(lengths).sum(1) - 0.5 * (along**2).sum(1)
    found = np.exp(logs - logs.max())
    return found / found.sum()


def is_infinite(scene: Scene) -> bool:
    """Whether there is a Gaussian for every z of a continuum."""
    return "posterior" in scene.offers


class Components(Layer):
    """What every picture of the components has in common."""

    key = "components"
    title = "components"
    role = "model"
    observation = "components"
    order = 22

    @classmethod
    def shown_at_first(cls, scene: Scene) -> bool:
        """Not of an infinite mixture: those that stand for it would cover all else."""
        return not is_infinite(scene)

    def set_scene(self, scene: Scene) -> None:
        """Whether there are more than are seen."""
        self._infinite = is_infinite(scene)

    @property
    def tip(self) -> str:
        """What is drawn, and of an infinite mixture, that it is a selection."""
        return f"{self.help} {SELECTION}" if self._infinite else self.help

    def tell(self, shares: Array, weights: Array) -> str:
        """The component that answers most for a place; of an infinite mixture none does."""
        if self._infinite:
            return ""
        best = int(shares.argmax())
        called = f"component {best + 1} of {len(weights)}, weight {weights[best]:.3g}"
        return f"{called}, answers for {percent(shares[best])}"


@layer
class ComponentsPlane(Components):
    """Ellipses."""

    help = "The Gaussians of P_θ at 1σ and 2σ: the heavier, the stronger. A click tells whose a place is."

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Mixtures of Gaussians in the plane."""
        return is_plane(scene) and "components" in scene.offers

    def attach(self, plot: Plot) -> None:
        """One item for all ellipses."""
        self._ellipses = Ellipses()
        self._ellipses.setZValue(20)
        self._arrays: Arrays = {}
        self.items = [self._ellipses]
        plot.box.addItem(self._ellipses, ignoreBounds=True)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The components of this step."""
        self._arrays = arrays
        self._ellipses.set_components(arrays["weights"], arrays["means"], arrays["axes"])

    def restyle(self) -> None:
        """Colours and sizes."""
        self._ellipses.theme, self._ellipses.factor = self.theme, self.scale
        self._ellipses.update()

    def explain(self, x: float, y: float) -> str:
        """The component that answers most for a place."""
        if not self._arrays:
            return ""
        weights = self._arrays["weights"]
        shares = shares_at(np.array([x, y]), weights, self._arrays["means"], self._arrays["axes"])
        return self.tell(shares, weights)


@layer
class ComponentsLine(Components):
    """Each component's share of the density as a curve; together they make up q."""

    help = "wₖ N(x; μₖ, σₖ²), 1/unit: the parts that make up the density of P_θ."

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Mixtures of Gaussians over a line."""
        return is_line(scene) and "components" in scene.offers

    def attach(self, plot: Plot) -> None:
        """One path for all curves."""
        self._lines = Strokes()
        self._lines.setZValue(4)
        self._arrays: Arrays = {}
        self.items = [self._lines]
        plot.box.addItem(self._lines, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """Where the curves' points lie."""
        super().set_scene(scene)
        self._span = scene.bounds[0], scene.bounds[2]

    def draw(self, arrays: Arrays, step: int) -> None:
        """The curves of this step."""
        self._arrays = arrays
        curves = arrays["curves"]
        x = np.tile(np.linspace(*self._span, curves.shape[1]), len(curves))
        joined = np.ones(curves.shape, np.int32)
        joined[:, -1] = 0
        self._lines.set_points(x, curves.ravel(), joined.ravel())

    def restyle(self) -> None:
        """Colour."""
        self._lines.set_ink(self.theme.model, 0.85)

    def explain(self, x: float, y: float) -> str:
        """The component that answers most for a place."""
        if not self._arrays:
            return ""
        curves = self._arrays["curves"]
        here = curves[:, int(np.abs(np.linspace(*self._span, curves.shape[1]) - x).argmin())]
        return self.tell(here / here.sum(), self._arrays["weights"]) if here.sum() > 0 else ""
