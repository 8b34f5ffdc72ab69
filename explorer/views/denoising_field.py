"""The score or the velocity at one time on the way: what the net says, what is right, and the difference."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, Plane, layer
from explorer.views._field_frame import Array, FieldFrame
from explorer.views._field_layers import AnyField, LineField, PlaneField
from explorer.views._field_style import FieldStyle
from explorer.widgets.plot import Plot


class Learnt(AnyField):
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

    def vectors(self, frame: FieldFrame) -> Array | None:
        """As learnt."""
        return frame.learnt


class Exact(AnyField):
    """In the colour of a floor: what cannot be bettered."""

    key = "exact_field"
    title = "exact"
    name = "exact"
    help = "The field that a perfectly trained net would be: that of the law of noised data, in closed form."
    role = "floor"
    order = 41
    depth = -1.5
    visible = False

    def vectors(self, frame: FieldFrame) -> Array | None:
        """Where it is known."""
        return frame.exact


class Error(AnyField):
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

    def vectors(self, frame: FieldFrame) -> Array | None:
        """The difference where something lies."""
        return None if frame.exact is None else np.where(frame.peopled[..., None], frame.learnt - frame.exact, 0.0)


@layer
class LearntPlane(Learnt, PlaneField):
    """In the plane."""


@layer
class LearntLine(Learnt, LineField):
    """Of numbers."""


@layer
class ExactPlane(Exact, PlaneField):
    """In the plane."""


@layer
class ExactLine(Exact, LineField):
    """Of numbers."""


@layer
class ErrorPlane(Error, PlaneField):
    """In the plane."""


@layer
class ErrorLine(Error, LineField):
    """Of numbers."""


class StyleLayer(Layer):
    """A switch for the way in which all fields are drawn; nothing is drawn here."""

    plane: ClassVar[Plane] = "process"
    visible = False
    role = "muted"

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """As the fields."""
        return PlaneField.fits(scene) or LineField.fits(scene)

    def attach(self, plot: Plot) -> None:
        """Nothing but the style."""
        self._style = FieldStyle.of(plot)

    def draw(self, arrays: Arrays, step: int) -> None:
        """Nothing."""


@layer
class Streams(StyleLayer):
    """Lines in place of arrows."""

    key = "streams"
    title = "streamlines"
    help = (
        "Draws the fields as lines along them in place of arrows: in the plane at this one time, all of one length; of "
        "numbers, the ways that the velocity leads from noise to data."
    )
    order = 43

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
        return super().fits(scene) and "denoise" in scene.offers

    def set_shown(self, shown: bool) -> None:  # noqa: FBT001
        """The one or the other."""
        super().set_shown(shown)
        self._style.choose(velocity=shown)
