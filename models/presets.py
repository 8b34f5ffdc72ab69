"""The recipes that come with the program, each run before it was put there."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from models.registry import RecipeError, listing

if TYPE_CHECKING:
    from models.experiment import Experiment


def preset_keys() -> tuple[str, ...]:
    """The keys of all presets, in alphabetical order: the names of their files."""
    return tuple(sorted(name.removesuffix(".toml") for name in _names()))


def presets() -> list[dict[str, Any]]:
    """All presets as plain data: key, title, watch (what to watch for), seconds (on two cores) and the full recipe."""
    return [describe_preset(key) for key in preset_keys()]


def describe_preset(key: str) -> dict[str, Any]:
    """One preset as plain data."""
    recipe = find_preset(key)
    return {"key": key, **recipe.about.options(), "recipe": recipe.to_dict()}


def find_preset(key: str) -> Experiment:
    """The recipe of a preset.

    Raises:
        RecipeError: there is none of this name; the text lists them and the nearest one.
    """
    # Only here: names and texts are read by the window, which does without torch.
    from models.experiment import Experiment

    try:
        return Experiment.from_toml(preset_text(key))
    except RecipeError as error:
        raise RecipeError(f"{key}.toml", str(error)) from None


def preset_text(key: str) -> str:
    """The TOML of a preset.

    Raises:
        RecipeError: there is none of this name; the text lists them and the nearest one.
    """
    if key not in preset_keys():
        raise RecipeError("recipe", f"{key!r} is not a preset; {listing(key, preset_keys())}")
    return (_folder() / f"{key}.toml").read_text(encoding="utf-8")


def _folder() -> Traversable:
    return files("resources") / "presets"


def _names() -> list[str]:
    return [entry.name for entry in _folder().iterdir() if entry.name.endswith(".toml")]
