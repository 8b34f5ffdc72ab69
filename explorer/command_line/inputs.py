"""What people name on the command line: recipes, arrays and places to write to, each refused with one line."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from explorer.command_line.failure import Failure
from models.data import DATA, Data
from models.experiment import Experiment, load_experiment
from models.presets import find_preset, preset_keys
from models.registry import listing
from models.settings import assign

FILES: Final = ("path", "labels_path")
"""Options of data that name a file or a folder of the user's."""

PLACES: Final = tuple(f"data.{name}" for name in FILES)
"""Where in a recipe they stand."""


def read_recipe(name: str, settings: Sequence[str] = (), seed: int | None = None) -> Experiment:
    """A recipe by a preset's key or a TOML file, with ``path=value`` settings applied.

    A preset's name comes before a file's: write ``./ring`` for a file of that name.

    Raises:
        RecipeError: there is no such recipe, or it is refused.
    """
    changes = [*settings, *([] if seed is None else [f"seed={seed}"])]
    experiment = find_preset(name) if name in preset_keys() else _from_file(name, _new_places(settings))
    return with_whole_paths(experiment.with_settings(changes) if changes else experiment)


def with_whole_paths(experiment: Experiment) -> Experiment:
    """The recipe with the paths of the user's own data written out, so that its run can be opened from anywhere."""
    recipe = experiment.to_dict()
    paths = {name: value for name, value in recipe["data"].items() if name in FILES and value}
    if not paths:
        return experiment
    recipe["data"] |= {name: str(Path(value).expanduser().resolve()) for name, value in paths.items()}
    return Experiment.from_dict(recipe)


def _new_places(settings: Sequence[str]) -> dict[str, str]:
    """Options of the data that are set to where their files are now: those in the recipe may be gone."""
    pairs = [setting.partition("=") for setting in settings]
    return {name.strip().partition(".")[2]: value.strip() for name, _, value in pairs if name.strip() in PLACES}


def _from_file(name: str, places: Mapping[str, str]) -> Experiment:
    path = Path(name)
    if path.is_dir():
        raise Failure(f"{name}: is a folder; a recipe is a preset's key or a TOML file")
    if not path.exists() and not path.suffix:
        raise Failure(f"{name!r} is neither a preset nor a file; {listing(name, preset_keys())}")
    return load_experiment(path, places)


def for_steps(experiment: Experiment, steps: int | None) -> tuple[Experiment, int]:
    """The recipe and the step to stop at.

    Stopping early does not shorten the recipe, whose schedules end at its own length: so a run stopped at 100 steps and
    resumed to 200 is the run of 200 steps. Going beyond the recipe's length makes the recipe longer.
    """
    if steps is None:
        return experiment, experiment.steps
    if steps > experiment.steps:
        experiment = experiment.with_settings([f"steps={steps}"])
    return experiment, steps


def read_array(name: str) -> NDArray[np.float32]:
    """Samples from an NPY file, shape (n, d) or (n,), as float32 of shape (n, d).

    Raises:
        Failure: it is not there, no NPY file, of another type or shape, or holds something that is no finite number.
    """
    array = _load(name)
    if array.dtype.kind not in "fiu":
        raise Failure(f"{name}: holds {array.dtype}; real numbers are needed, such as float32")
    if array.ndim not in (1, 2) or array.size == 0:
        raise Failure(f"{name}: has shape {array.shape}; (n, d) with n and d at least 1 is needed")
    with np.errstate(over="ignore"):  # numbers beyond float32 become infinite, and are refused below
        array = array.reshape(len(array), -1).astype(np.float32)
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        row, column = bad[0]
        raise Failure(
            f"{name}: row {row} holds {array[row, column]} in column {column}; only finite numbers are allowed"
        )
    return array


def _load(name: str) -> NDArray[Any]:
    path = Path(name)
    if path.is_dir():
        raise Failure(f"{name}: is a folder; an NPY file is needed")
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError):
        raise Failure(f"{name}: is no NPY file of plain numbers") from None
    if not isinstance(array, np.ndarray):
        raise Failure(f"{name}: is an archive; one NPY array is needed")
    return array


def read_data(key: str, settings: Sequence[str]) -> Data:
    """A data set by its key with ``option=value`` settings; ``data.option=value`` is the same.

    Raises:
        RecipeError: there is no such data set, or an option is refused.
    """
    recipe: dict[str, Any] = {"data": {"key": key}}
    for setting in settings:
        assign(recipe, setting if setting.startswith("data.") else f"data.{setting}")
    return DATA.parse(recipe["data"], "data")


def check_out_file(name: str, *suffixes: str) -> Path:
    """A file that can be written, before any work is done for it.

    Raises:
        Failure: its folder is not there or read-only, or it is a folder itself.
    """
    path = Path(name)
    if path.suffix.lower() not in suffixes:
        raise Failure(f"{name}: must end in {' or '.join(suffixes)}")
    if path.is_dir():
        raise Failure(f"{name}: is a folder; name a file in it")
    check_parent(path)
    return path


def check_parent(path: Path) -> None:
    """Refuse a place whose folder is missing or cannot be written.

    Raises:
        Failure: naming the folder.
    """
    parent = path.parent
    if not parent.is_dir():
        raise Failure(f"{path}: there is no folder {parent}; make it first")
    if not os.access(parent, os.W_OK):
        raise Failure(f"{path}: the folder {parent} is read-only")


def check_run_place(path: Path) -> None:
    """Refuse a place for a run folder that cannot be one.

    Raises:
        Failure: it is a file, or it or its folder cannot be written.
    """
    if path.exists() and not path.is_dir():
        raise Failure(f"{path}: is a file; --out names a folder")
    if path.is_dir() and not os.access(path, os.W_OK):
        raise Failure(f"{path}: is read-only")
    if not path.exists():
        check_parent(path)
