"""What stands in the package, and what is promised about it."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from models.experiment import Experiment
from models.presets import describe_preset, find_preset, preset_keys, presets
from models.registry import RecipeError

ROOT = Path(__file__).parents[1]


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_presets_come_through_importlib_resources():
    names = {entry.name for entry in files("resources").joinpath("presets").iterdir()}
    assert {f"{key}.toml" for key in preset_keys()} <= names
    assert {"ring", "grid", "collapse", "disjoint_js", "disjoint_wasserstein", "mmd", "digits"} <= set(preset_keys())


@pytest.mark.parametrize("key", preset_keys())
def test_each_preset_is_told_and_is_a_whole_recipe(key):
    preset = describe_preset(key)
    assert preset["title"]
    assert preset["watch"].endswith(".")
    assert 0 < preset["seconds"] <= 180
    assert Experiment.from_dict(preset["recipe"]) == find_preset(key)


def test_presets_have_different_titles():
    titles = [preset["title"] for preset in presets()]
    assert len(set(titles)) == len(titles)


def test_an_unknown_preset_names_the_nearest():
    with pytest.raises(RecipeError, match="did you mean 'digits'"):
        find_preset("digit")


def test_the_wheel_holds_all_three_packages():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(build["packages"]) == {"explorer", "models", "resources"}


def test_the_readme_gives_the_two_commands_and_a_screenshot_that_exists():
    text = (ROOT / "README.md").read_text()
    assert "pip install -e . && pushforward" in text
    assert 'pip install -e ".[test]" && pytest' in text
    assert "resources/screenshot.png" in text


def test_the_releases_of_pyside_that_abort_are_shut_out():
    needed = [line for line in project()["dependencies"] if line.startswith("PySide6")]
    old = next(line for line in needed if "python_version < '3.12'" in line)
    assert "<6.12" in old
