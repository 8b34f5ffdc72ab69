"""The menu bar, made from the actions; menus whose entries change are filled when they open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from explorer.window.actions import Actions
from explorer.window.presets import Preset, presets

LINE: Final = ""

RUN: Final = ("play", "step", "step_critic", "step_generator", LINE, "reset", "reseed", "stop_at", LINE, "slower",
              "faster", LINE, "back", "forth", "newest", "play_from_here", LINE, "alarm",
              "auto_pause")  # fmt: skip

THEMES: Final = {"": "Follow the system", "light": "Light", "dark": "Dark"}


def put(menu: QMenu, actions: Actions, names: Iterable[str]) -> None:
    """Add deeds by name; ``LINE`` is a separator."""
    for name in names:
        if name == LINE:
            menu.addSeparator()
        else:
            menu.addAction(actions[name])


def preset_menu(parent: QWidget, choose: Callable[[Preset], object]) -> QMenu:
    """Every preset with what to watch for and the time it takes."""
    menu = _with_tips(QMenu("New from preset", parent))
    under: dict[str, QMenu] = {"": menu}
    for preset in presets():
        if preset.group not in under:
            under[preset.group] = _with_tips(menu.addMenu(preset.group))
        action = under[preset.group].addAction(f"{preset.title}\t{preset.time}")
        action.setToolTip(preset.watch)
        action.setStatusTip(preset.watch)
        action.triggered.connect(lambda _checked=False, preset=preset: choose(preset))
    return menu


def _with_tips(menu: QMenu) -> QMenu:
    menu.setToolTipsVisible(True)
    return menu


def file_menu(bar: QMenuBar, actions: Actions, new: QMenu, recent: QMenu, pictures: QMenu) -> QMenu:
    """Open, save, export."""
    menu = bar.addMenu("File")
    menu.addMenu(new)
    put(menu, actions, ("open_recipe", "open_run", "open_data", "open_pictures"))
    menu.addMenu(recent)
    put(menu, actions, (LINE, "save_recipe", "save_recipe_as", "save_run", LINE))
    menu.addMenu(pictures)
    put(menu, actions, ("export_numbers", "copy", LINE, "quit"))
    return menu


def picture_menu(parent: QWidget, actions: Actions, export: Callable[[str], object]) -> QMenu:
    """A picture of which card."""
    menu = QMenu("Export picture", parent)
    menu.addAction(actions["export_picture"])
    for card, title in (("latent", "latent space"), ("modes", "modes"), ("curves", "curves")):
        menu.addAction(picture_action(parent, card, title, export))
    return menu


def picture_action(parent: QWidget, card: str, title: str, export: Callable[[str], object]) -> QAction:
    """A picture of one card."""
    words = title if title[:2].isupper() else title.lower()
    action = QAction(f"Picture of the {words}…", parent)
    action.triggered.connect(lambda _checked=False: export(card))
    return action


def run_menu(bar: QMenuBar, actions: Actions) -> QMenu:
    """Train, step, look back."""
    menu = bar.addMenu("Run")
    put(menu, actions, RUN)
    return menu


def theme_menu(parent: QWidget, now: str, choose: Callable[[str], object]) -> tuple[QMenu, dict[str, QAction]]:
    """System, light, dark: one of them is checked."""
    menu = QMenu("Theme", parent)
    group = QActionGroup(menu)
    made = {}
    for name, words in THEMES.items():
        made[name] = action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(name == now)
        group.addAction(action)
        action.triggered.connect(lambda _checked=False, name=name: choose(name))
    return menu, made


def fill_recent(menu: QMenu, paths: Iterable[str], choose: Callable[[str], object]) -> None:
    """The recent files by name, each with its whole path as a tool tip."""
    menu.clear()
    menu.setToolTipsVisible(True)
    for path in paths:
        action = menu.addAction(Path(path).name)
        action.setToolTip(path)
        action.triggered.connect(lambda _checked=False, path=path: choose(path))
    menu.setEnabled(not menu.isEmpty())


def fill_layers(menu: QMenu, switches: Iterable[tuple[str, str, bool, Callable[[bool], object]]]) -> None:
    """A check for each layer of each view: its words, its help, whether it is on, and what switches it."""
    menu.clear()
    menu.setToolTipsVisible(True)
    for words, help, is_on, switch in switches:
        action = menu.addAction(words)
        action.setToolTip(help)
        action.setCheckable(True)
        action.setChecked(is_on)
        action.toggled.connect(switch)
