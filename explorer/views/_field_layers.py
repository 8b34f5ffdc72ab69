"""What the layers of velocity and score share, in the plane and over time: style, legend, and what a click says."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Final

import numpy as np

from explorer.session.snapshot import Arrays, Scene
from explorer.views._arrows import HEAD, segments
from explorer.views._base import is_line, is_plane
from explorer.views._field_frame import NAMES, Array, FieldFrame
from explorer.views._field_style import FieldStyle
from explorer.views._frame_layer import FrameLayer
from explorer.views._items import Strokes
from explorer.views._streamlines import VectorGrid, flow_lines, streamlines
from explorer.widgets.plot import Plot

LONGEST: Final = 0.95
"""Length of the longest arrow in gaps between two."""

PALE: Final = 0.3
"""Opacity where nothing of the data lies."""

COLUMNS: Final = 16
"""Times at most at which arrows stand over a line."""

BARB: Final = 0.2
"""Half the width of the longest upright arrow's head, in gaps between columns."""


class AnyField(FrameLayer):
    """Arrows, pale where nothing lies, or lines along the field.

    Attributes:
        name: in the legend.
        bends: whether it is drawn as lines where those are chosen.
        depth: above or below other items.
    """

    observation = "denoising_field"
    name: ClassVar[str]
    bends: ClassVar[bool] = True
    depth: ClassVar[float]

    def attach(self, plot: Plot) -> None:
        """Two paths: where something lies, and elsewhere."""
        self._style = FieldStyle.of(plot)
        self._now: FieldFrame | None = None
        self._clear, self._pale = Strokes(), Strokes()
        self.items = [self._pale, self._clear]
        for item in self.items:
            item.setZValue(self.depth)
            plot.box.addItem(item, ignoreBounds=True)
        self._style.changed.connect(self._change)

    def detach(self) -> None:
        """Out of the legend, too."""
        self._style.changed.disconnect(self._change)
        self._style.withdraw(self.key)
        super().detach()

    def vectors(self, frame: FieldFrame) -> Array | None:
        """What is drawn, shape (G, d) or (F, G, d); None where it is not known."""
        raise NotImplementedError

    @abstractmethod
    def put(self, arrays: Arrays, frame: int) -> None:
        """Draw, and remember as ``_now`` what is drawn of this frame."""

    @property
    def is_bent(self) -> bool:
        """Whether it is drawn as lines."""
        return self._style.streams and self.bends

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """The field at this time, and its entry in the legend."""
        self._now = self.looked(arrays, frame)
        known = self.vectors(self._now) is not None
        self.reason = "" if known else str(arrays["unknown"])
        if not known:
            self._empty()
            return
        self.put(arrays, frame)
        said = (self._now.headline(streams=self.is_bent), self._now.error_words(arrays, frame))
        lines = tuple(((text, self.theme.muted),) for text in said if text)
        if self._shown:
            self._style.say(self.key, self.name, self.colour, lines)

    def looked(self, arrays: Arrays, frame: int | slice) -> FieldFrame:
        """What is looked at of one frame, or of several."""
        return FieldFrame.of(arrays, frame, velocity=self._style.velocity)

    def restyle(self) -> None:
        """Colours."""
        self._clear.set_ink(self.colour, 0.95)
        self._pale.set_ink(self.colour, PALE)
        self._style.legend.set_theme(self.theme, self.scale)
        self._change()

    def _change(self) -> None:
        """Another style; what is not seen is drawn when it comes back."""
        if self._shown and self._filled:
            self._redraw()

    def _said(self, value: str) -> str:
        assert self._now is not None
        return f"{NAMES[self._now.name]}, {self.name} = {value}".replace("-", "−")

    def _empty(self) -> None:
        for item in self.items:
            item.set_points(np.zeros(0), np.zeros(0), "pairs")
        self._style.withdraw(self.key)

    def _apply(self) -> None:
        super()._apply()
        if not (self._shown and self._filled):
            self._style.withdraw(self.key)


class PlaneField(AnyField):
    """The plane at one time."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, and a way from noise to data."""
        return is_plane(scene) and scene.dimension == 2 and "process" in scene.offers

    def put(self, arrays: Arrays, frame: int) -> None:
        """Arrows from the places of the grid, or streamlines."""
        now, vectors = self._now, None if self._now is None else self.vectors(self._now)
        assert now is not None
        assert vectors is not None
        if self.is_bent:
            self._clear.set_points(*streamlines(VectorGrid.of(vectors, now.bounds)))
            self._pale.set_points(np.zeros(0), np.zeros(0), "pairs")
            return
        arrows = now.arrows(vectors, LONGEST * (now.bounds[2] - now.bounds[0]) / len(now.grid) ** 0.5)
        for item, chosen in ((self._clear, now.peopled), (self._pale, ~now.peopled)):
            item.set_points(*segments(now.grid[chosen], arrows[chosen]), "pairs")

    def explain(self, x: float, y: float) -> str:
        """The vector at a place."""
        vectors = None if self._now is None else self.vectors(self._now)
        if self._now is None or vectors is None:
            return ""
        grid, place = VectorGrid.of(vectors, self._now.bounds), np.array([[x, y]])
        along, up = grid.at(place)[0]
        return self._said(f"({along:.3g}, {up:.3g})") if grid.inside(place)[0] else ""


class LineField(AnyField):
    """Numbers upwards, and the way from noise to data across: upright arrows, or the ways that the velocity leads."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension, and a way from noise to data."""
        return is_line(scene) and "process" in scene.offers

    def looked(self, arrays: Arrays, frame: int | slice) -> FieldFrame:
        """Lines are led by the velocity."""
        return FieldFrame.of(arrays, frame, velocity=self._style.velocity or self.is_bent)

    def put(self, arrays: Arrays, frame: int) -> None:
        """All times at once."""
        whole = self.looked(arrays, slice(None))
        vectors = self.vectors(whole)
        assert vectors is not None
        if self.is_bent:
            self._clear.set_points(*flow_lines(arrays["time"], whole.grid[:, 0], vectors[:, :, 0]))
            self._pale.set_points(np.zeros(0), np.zeros(0), "pairs")
            return
        chosen = np.arange(0, len(vectors), -(-len(vectors) // COLUMNS))
        room = LONGEST * 2 * float(whole.grid[1, 0] - whole.grid[0, 0])
        arrows, barb = whole.arrows(vectors, room)[chosen, ::2, 0], BARB / (room * len(chosen))
        across, up = np.broadcast_arrays((chosen / max(1, len(vectors) - 1))[:, None], whole.grid[None, ::2, 0])
        for item, there in ((self._clear, whole.peopled[chosen, ::2]), (self._pale, ~whole.peopled[chosen, ::2])):
            item.set_points(*_upright(across[there], up[there], arrows[there], barb), "pairs")

    def explain(self, x: float, y: float) -> str:
        """The number at the nearest time and place."""
        vectors = None if self._arrays is None else self.vectors(self.looked(self._arrays, slice(None)))
        if self._arrays is None or vectors is None or not 0 <= x <= 1:
            return ""
        frame = round(x * (len(vectors) - 1))
        return self._said(f"{np.interp(y, self._arrays['grid'][:, 0], vectors[frame, :, 0]):.3g}")


def _upright(x: Array, y: Array, length: Array, barb: float) -> tuple[Array, Array]:
    """Upright arrows as pairs of points: x and y, shape (6 N,); heads are ``barb`` times as wide as arrows are long."""
    tip, neck, half = y + length, y + (1 - HEAD) * length, barb * length
    pairs_x = np.stack([x, x, x, x - half, x, x + half], 1).reshape(-1)
    return pairs_x, np.stack([y, tip, tip, neck, tip, neck], 1).reshape(-1)
