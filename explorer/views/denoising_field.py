"""The score or the velocity at one time on the way: what the net says, what is right, and the difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, Plane, is_plane, layer
from explorer.views._field_style import FieldStyle, Words
from explorer.views._frame_layer import FrameLayer
from explorer.views._items import Strokes
from explorer.views._streamlines import VectorGrid, streamlines
from explorer.views.gradient_arrows import segments
from explorer.widgets.plot import Plot

Array = NDArray[Any]

LONGEST: Final = 0.95
"""Length of the longest arrow in gaps between two."""

PERCENTILE: Final = 95
"""Share of the learnt arrows, in percent, that are drawn as long as they are; the others are cut to the longest."""

PALE: Final = 0.3
"""Opacity where nothing of the data lies."""

NAMES: Final = {"score": ("score ∇ log pₜ", "/unit"), "velocity": ("velocity −dx/dt, towards the data", "units")}
"""What each is called, and in which unit it is: a velocity's is the way from t = 1 to 0 at this speed."""

SENSE: Final = {"score": 1.0, "velocity": -1.0}
"""Samples go against time: a velocity is drawn as they go."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One field at one time.

    Attributes:
        name: "score" or "velocity".
        bounds: what the grid fills, data units.
        grid: places, shape (G, 2).
        learnt: vectors as they are drawn, shape (G, 2).
        exact: the same; None where they are not known.
        peopled: where something of the data lies, shape (G,).
        words: of the error; empty where it is not known.
    """

    name: str
    bounds: tuple[float, float, float, float]
    grid: Array
    learnt: Array
    exact: Array | None
    peopled: Array
    words: str

    @classmethod
    def of(cls, arrays: Arrays, frame: int, *, velocity: bool) -> Frame:
        """One of the observation's frames; its score where there is one, unless the velocity is wanted."""
        name = "velocity" if velocity or "score" not in arrays else "score"
        left, bottom, right, top = (float(edge) for edge in arrays["bounds"])
        exact = arrays.get(f"{name}_exact")
        return cls(
            name=name,
            bounds=(left, bottom, right, top),
            grid=arrays["grid"],
            learnt=SENSE[name] * arrays[name][frame],
            exact=None if exact is None else SENSE[name] * exact[frame],
            peopled=arrays["peopled"][frame] > 0,
            words="" if exact is None else error_words(arrays, name, frame),
        )

    @property
    def longest(self) -> float:
        """The length of a vector that is drawn as the longest arrow."""
        return max(float(np.percentile(np.linalg.norm(self.learnt, axis=1), PERCENTILE)), 1e-30)

    def arrows(self, vectors: Array) -> Array:
        """Vectors as they are drawn, data units, shape (G, 2): in proportion, none longer than the longest."""
        room = LONGEST * (self.bounds[2] - self.bounds[0]) / round(len(self.grid) ** 0.5)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors * (room / np.maximum(lengths, self.longest))

    def headline(self, *, streams: bool) -> str:
        """What is drawn, and in which units."""
        title, unit = NAMES[self.name]
        return title if streams else f"{title}; longest arrow {short(self.longest)} {unit}"


def error_words(arrays: Arrays, name: str, frame: int) -> str:
    """How far the net is from what is right, where the data lie at this time, and on average over all times."""
    error, size = arrays[f"{name}_error"], arrays[f"{name}_size"]
    here = f"error at t = {arrays['time'][frame]:.2f}: {short(error[frame])} of {short(size[frame])}"
    return f"{here}; mean over t {short(float(error.mean()))}"


def short(value: float) -> str:
    """Three digits."""
    return f"{value:.3g}".replace("-", "−")


class FieldPlane(FrameLayer):
    """What all three have in common: arrows, pale where nothing lies, or streamlines.

    Attributes:
        name: in the legend.
        bends: whether it is drawn as streamlines where those are chosen.
    """

    observation = "denoising_field"
    name: ClassVar[str]
    bends: ClassVar[bool] = True
    depth: ClassVar[float]

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, and a way from noise to data."""
        return is_plane(scene) and scene.dimension == 2 and "process" in scene.offers

    def attach(self, plot: Plot) -> None:
        """Two paths: where something lies, and elsewhere."""
        self._style, self._now = FieldStyle.of(plot), None
        self._pale, self._clear = Strokes(), Strokes()
        self.items = [self._pale, self._clear]
        for item in self.items:
            item.setZValue(self.depth)
            plot.box.addItem(item, ignoreBounds=True)
        self._style.changed.connect(self._redraw)

    def detach(self) -> None:
        """Out of the legend, too."""
        self._style.changed.disconnect(self._redraw)
        self._style.withdraw(self.key)
        super().detach()

    def vectors(self, frame: Frame) -> Array | None:
        """What is drawn, shape (G, 2); None where it is not known."""
        raise NotImplementedError

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """The field at this time."""
        now = Frame.of(arrays, frame, velocity=self._style.velocity)
        vectors = self.vectors(now)
        self._now = None if vectors is None else now
        self.reason = "" if self._now else "The exact field of these data, noised in this way, is not known."
        if vectors is not None:
            self._put(now, vectors)
        else:
            self._empty()

    def restyle(self) -> None:
        """Colour."""
        self._clear.set_ink(self.colour, 0.95)
        self._pale.set_ink(self.colour, PALE)
        self._style.legend.set_theme(self.theme, self.scale)
        self._redraw()

    def explain(self, x: float, y: float) -> str:
        """The vector at a place."""
        vectors = None if self._now is None else self.vectors(self._now)
        if self._now is None or vectors is None:
            return ""
        grid = VectorGrid.of(vectors, self._now.bounds)
        if not grid.inside(np.array([[x, y]]))[0]:
            return ""
        along, up = grid.at(np.array([[x, y]]))[0]
        return f"{NAMES[self._now.name][0].split(',')[0]}, {self.name} = ({along:.3g}, {up:.3g})".replace("-", "−")

    def _empty(self) -> None:
        for item in self.items:
            item.set_points(np.zeros(0), np.zeros(0), "pairs")
        self._style.withdraw(self.key)

    def _put(self, now: Frame, vectors: Array) -> None:
        streams = self._style.streams and self.bends
        if streams:
            self._clear.set_points(*streamlines(VectorGrid.of(vectors, now.bounds)))
            self._pale.set_points(np.zeros(0), np.zeros(0), "pairs")
        else:
            arrows = now.arrows(vectors)
            for item, chosen in ((self._clear, now.peopled), (self._pale, ~now.peopled)):
                item.set_points(*segments((now.grid - 0.5 * arrows)[chosen], arrows[chosen]), "pairs")
        self._style.say(self.key, self.name, self.colour, self._lines(now, streams=streams))

    def _lines(self, now: Frame, *, streams: bool) -> tuple[Words, ...]:
        said = [now.headline(streams=streams), now.words]
        return tuple(((text, self.theme.muted),) for text in said if text)

    def _apply(self) -> None:
        super()._apply()
        if not (self._shown and self._filled):
            self._style.withdraw(self.key)


@layer
class LearntField(FieldPlane):
    """In the model's colour."""

    key = "field"
    title = "field"
    name = "learnt"
    help = (
        "What the net says at this time: the score ∇ log pₜ or the velocity, from the present weights. Pale where "
        "nothing of the data lies at this time, so that the net has never been asked there."
    )
    role = "model"
    order = 40
    depth = -1.0
    visible = False

    def vectors(self, frame: Frame) -> Array | None:
        """As learnt."""
        return frame.learnt


@layer
class ExactField(FieldPlane):
    """In the colour of a floor: what cannot be bettered."""

    key = "exact_field"
    title = "exact"
    name = "exact"
    help = "The field that a perfectly trained net would be: the law of noised data in closed form."
    role = "floor"
    order = 41
    depth = -1.5
    visible = False

    def vectors(self, frame: Frame) -> Array | None:
        """Where it is known."""
        return frame.exact


@layer
class FieldError(FieldPlane):
    """In the colour of an alarm, always arrows, only where something lies."""

    key = "field_error"
    title = "error"
    name = "learnt − exact"
    help = (
        "Learnt less exact, on the scale of the learnt field, where pₜ is more than a hundredth of its highest value. "
        "The number is the root of the mean square over the noised data at this time."
    )
    role = "alarm"
    order = 42
    depth = -0.5
    bends = False
    visible = False

    def vectors(self, frame: Frame) -> Array | None:
        """The difference where something lies."""
        return None if frame.exact is None else (frame.learnt - frame.exact) * frame.peopled[:, None]


class StyleLayer(Layer):
    """A switch for the way in which all fields are drawn; nothing is drawn here."""

    plane: ClassVar[Plane] = "process"
    visible = False
    role = "muted"

    def attach(self, plot: Plot) -> None:
        """Nothing but the style."""
        self._style = FieldStyle.of(plot)

    def draw(self, arrays: Any, step: int) -> None:
        """Nothing."""


@layer
class Streams(StyleLayer):
    """Streamlines in place of arrows."""

    key = "streams"
    title = "streamlines"
    help = "Draws the fields as lines along them, all of one length, in place of arrows."
    order = 43

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """As the fields."""
        return FieldPlane.fits(scene)

    def set_shown(self, shown: bool) -> None:  # noqa: FBT001
        """Draw so, or as arrows."""
        super().set_shown(shown)
        self._style.choose(streams=shown)


@layer
class Velocity(StyleLayer):
    """The velocity in place of the score."""

    key = "velocity"
    title = "velocity"
    help = "Shows the velocity of the probability flow in place of the score, as samples go: towards the data."
    order = 44

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Where there is a score, too."""
        return FieldPlane.fits(scene) and "denoise" in scene.offers

    def set_shown(self, shown: bool) -> None:  # noqa: FBT001
        """The one or the other."""
        super().set_shown(shown)
        self._style.choose(velocity=shown)
