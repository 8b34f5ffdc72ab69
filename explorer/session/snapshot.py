"""What the window draws: immutable arrays that were made at one step of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:  # the window is on the screen before numpy is needed
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[Any]"
Arrays = Mapping[str, Array]


def freeze(arrays: Mapping[str, Any]) -> Arrays:
    """Own, contiguous, read-only copies of arrays: nothing that trains can change them afterwards."""
    import numpy as np

    frozen = {name: np.array(array, order="C") for name, array in arrays.items()}
    for array in frozen.values():
        array.setflags(write=False)
    return MappingProxyType(frozen)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Snapshot:
    """A model at one step, as arrays.

    Attributes:
        run: number of the run; what belongs to an older run is dropped.
        step: how many steps had been taken.
        seconds: training time up to then.
        live: whether these are the newest weights; False while an earlier step is looked at.
        pictures: observation's key to its arrays (see ``models/observations``); only those asked for.
        missing: observation's key to the sentence that says why it cannot be seen.
    """

    run: int
    step: int
    seconds: float
    live: bool
    pictures: Mapping[str, Arrays]
    missing: Mapping[str, str] = field(default_factory=dict)

    def __getstate__(self) -> tuple[Any, ...]:
        """Plain values, so that a snapshot can cross from one process to another."""
        pictures = {key: dict(arrays) for key, arrays in self.pictures.items()}
        return (self.run, self.step, self.seconds, self.live, pictures, dict(self.missing))

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Freeze again on arrival."""
        run, step, seconds, live, pictures, missing = state
        values = (run, step, seconds, live, {key: freeze(arrays) for key, arrays in pictures.items()}, missing)
        for name, value in zip(("run", "step", "seconds", "live", "pictures", "missing"), values, strict=True):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scene:
    """What stays the same throughout a run: the data, and the frame in which everything is drawn.

    Attributes:
        run: number of the run.
        title: of the data set.
        dimension: d, how many numbers one sample has.
        latent_dimension: k.
        bounds: the part of data space to show, (left, bottom, right, top), data units.
        latent_extent: half the side of the latent square to show.
        image_shape: channels, rows and columns of a sample that is a picture, else None.
        shown_shape: the same of pictures that are reduced because no grid has room for so many pixels; None where they
            are not.
        image_range: values of black and white of such pictures.
        real: real samples, shape (M, d), float32; of pictures the first 100, reduced if they are large.
        density: P_X on a grid over ``bounds``, shape (H, W), row 0 at the bottom, 1/unit²; for one dimension shape
            (W,); empty for more than two dimensions.
        exact: whether ``density`` is the exact density and not an estimate from samples.
        mode_means: centres, shape (K, d), of the named modes, or else of the cells of a clustering; K = 0 for none.
        mode_radii: radius of high quality around each centre, shape (K,), data units.
        mode_weights: target masses, shape (K,).
        mode_names: K names.
        parameters: how many weights the generator has.
        critic_parameters: how many the critic has; 0 for none.
        class_names: what the classes of the data are called; none where samples have no class.
        named: whether the modes are the law's own and not cells of a clustering.
        offers: what can be asked of the model: the capabilities of its family and of its objective, ``density`` where
            its density is exact, and ``classes`` where it knows those of the data. Another objective in mid-run changes
            this and nothing else; the scene then comes again.
    """

    run: int
    title: str
    dimension: int
    latent_dimension: int
    bounds: tuple[float, float, float, float]
    latent_extent: float
    image_shape: tuple[int, int, int] | None
    image_range: tuple[float, float]
    real: Array
    density: Array
    exact: bool
    mode_means: Array
    mode_radii: Array
    mode_weights: Array
    mode_names: tuple[str, ...]
    parameters: int
    critic_parameters: int
    named: bool = True
    class_names: tuple[str, ...] = ()
    offers: frozenset[str] = frozenset()
    shown_shape: tuple[int, int, int] | None = None

    def shape_of(self, numbers: int) -> tuple[int, int, int]:
        """Channels, rows and columns of a picture of so many numbers, be it reduced or not."""
        assert self.image_shape is not None, "only pictures have the shape of one"
        return self.image_shape if numbers == self.dimension or self.shown_shape is None else self.shown_shape

    @property
    def is_planar(self) -> bool:
        """Whether each player has one weight, so that the whole game is a point of a plane."""
        return self.parameters == self.critic_parameters == 1
