"""Where things stand in the picture of one-dimensional data: densities above zero, rugs and arrows in strips below."""

from __future__ import annotations

from typing import Final

from explorer.session.snapshot import Scene

HEADROOM: Final = 1.45
"""Top of the picture in units of the highest p(x): a model that puts too much somewhere still fits for a while."""

UNSETTLED: Final = 2.2
"""The same for a posterior over θ: some of its particles, and the best fit to a small sample, are far higher."""

DATA_STRIP: Final = (-0.055, -0.02)
MODEL_STRIP: Final = (-0.1, -0.065)
ARROW_STRIP: Final = (-0.24, -0.12)
BOTTOM: Final = -0.32


def peak(scene: Scene) -> float:
    """The highest p(x), 1/unit: the unit of height."""
    return float(scene.density.max(initial=0.0)) or 1.0


def strip(scene: Scene, place: tuple[float, float]) -> tuple[float, float]:
    """A strip in data units."""
    return place[0] * peak(scene), place[1] * peak(scene)


def frame(scene: Scene) -> tuple[float, float, float, float]:
    """The range to show, (left, bottom, right, top)."""
    headroom = UNSETTLED if "particles" in scene.offers else HEADROOM
    return scene.bounds[0], BOTTOM * peak(scene), scene.bounds[2], headroom * peak(scene)
