"""``pushforward`` and ``pushforward show``: the window, on a screen or as a picture."""

from __future__ import annotations

import os
import tomllib
from argparse import Namespace
from pathlib import Path
from typing import Any

from explorer.command_line.failure import Failure
from explorer.session.nursery import prepare
from models.presets import preset_keys, preset_text
from models.registry import listing


def open_window(arguments: Namespace) -> int:
    """Open the window, with a recipe or a run if one is named."""
    chosen = choose(arguments.recipe) if arguments.recipe else {}
    if not arguments.in_process:
        prepare()  # one core imports torch while the other opens the window
    from explorer import app

    return app.run(theme=arguments.theme, in_process=arguments.in_process, **chosen)


def show(arguments: Namespace) -> int:
    """Write a picture of the real window, trained N steps. Needs no screen.

    Raises:
        Failure: the picture cannot be written, or there is no such recipe.
        RecipeError: the recipe is refused.
    """
    from explorer.command_line.inputs import check_out_file, for_steps, read_recipe

    out = check_out_file(arguments.screenshot, ".png")
    chosen = choose(arguments.recipe)
    if "recipe" in chosen:
        experiment, _ = for_steps(read_recipe(arguments.recipe), arguments.steps)
        chosen["recipe"] = experiment.to_dict()
        chosen["recipe"]["about"]["speed"] = 0.0  # nobody watches
    # The platform must be chosen before Qt is loaded.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    prepare()
    from explorer import app

    return app.screenshot(out, steps=arguments.steps, size=arguments.size, theme=arguments.theme, **chosen)


def choose(name: str) -> dict[str, Any]:
    """What the window is to begin with: ``recipe`` (plain values) or ``folder`` (of a run).

    Torch is not needed for that, so that the window is on the screen at once; the trainer's process checks the options.

    Raises:
        Failure: the name is no preset, no recipe and no run.
    """
    path = Path(name)
    if name in preset_keys():
        return {"recipe": tomllib.loads(preset_text(name))}
    if path.is_dir():
        return {"folder": str(_run(path))}
    if not path.exists() and not path.suffix:
        known = (*preset_keys(), "catalog", "train", "sample", "log-prob", "measure", "show", "bench")
        raise Failure(f"{name!r} is neither a preset, a file, a run folder nor a command; {listing(name, known)}")
    return {"recipe": _read(path)}


def _run(path: Path) -> Path:
    for needed in ("recipe.toml", "checkpoint.safetensors"):
        if not (path / needed).is_file():
            raise Failure(f"{path}: is no run folder that can be opened: it has no {needed}")
    return path.resolve()


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failure(f"{path}: not valid TOML: {error}") from None
