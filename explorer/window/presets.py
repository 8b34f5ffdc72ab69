"""The recipes that come with the program, read without the mathematics."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

FIRST: Final = "ring"
"""What a newcomer sees."""


@dataclass(frozen=True)
class Preset:
    """A recipe that was run and works: what it is called, what to watch for, and how long it takes (two cores).

    Presets of one group share a submenu; those of none stand in the menu itself.
    """

    key: str
    group: str
    title: str
    watch: str
    seconds: float
    recipe: dict[str, Any]

    @property
    def time(self) -> str:
        """How long it takes, in words."""
        space = "\N{NO-BREAK SPACE}"
        return f"{self.seconds:.0f}{space}s" if self.seconds < 90 else f"{self.seconds / 60:.0f}{space}min"


@cache
def presets() -> tuple[Preset, ...]:
    """All presets: the newcomer's first, then those of no group, then group by group; each by the order of its key."""
    folder = files("resources") / "presets"
    found = [_read(entry.name, entry.read_text(encoding="utf-8")) for entry in folder.iterdir() if _is_toml(entry.name)]
    return tuple(sorted(found, key=lambda preset: (preset.key != FIRST, preset.group, preset.key)))


def first_recipe() -> dict[str, Any]:
    """What the window opens with when nothing else is known; empty stands for the defaults of every part."""
    return next((preset.recipe for preset in presets() if preset.key == FIRST), {})


def _read(name: str, text: str) -> Preset:
    recipe = tomllib.loads(text)
    about = recipe.get("about", {})
    key = name.removesuffix(".toml")
    title, watch, group = (about.get("title", key), about.get("watch", ""), about.get("group", ""))
    return Preset(key, group, title, watch, float(about.get("seconds", 0)), recipe)


def _is_toml(name: str) -> bool:
    return name.endswith(".toml")
