"""The menus of the window, joined to what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from explorer.window import menus
from explorer.window.actions import Actions

if TYPE_CHECKING:
    from explorer.window.main_window import MainWindow


class Menus:
    """Makes them, and keeps those whose entries change up to date."""

    def __init__(self, window: MainWindow, bar: QMenuBar, actions: Actions) -> None:
        self._window = window
        export = window.documents.export_picture
        self.presets = menus.preset_menu(window, window.new_from)
        self.recent = QMenu("Open recent", window)
        self.pictures = menus.picture_menu(window, actions, export)
        menus.file_menu(bar, actions, self.presets, self.recent, self.pictures)
        menus.run_menu(bar, actions)
        self._fill_view(bar.addMenu("View"), actions)
        menus.put(bar.addMenu("Help"), actions, ("shortcuts", "reproduce", "about"))
        window.header.presets.setMenu(self.presets)
        self.fill_recent()

    def add_card(self, key: str, title: str, toggle: QAction) -> None:
        """A card that comes and goes: its entries can be chosen while it is there."""
        picture = menus.picture_action(self._window, key, title, self._window.documents.export_picture)
        picture.setEnabled(toggle.isEnabled())
        toggle.enabledChanged.connect(picture.setEnabled)
        self.cards.addAction(toggle)
        self.pictures.addAction(picture)

    def check_theme(self, name: str) -> None:
        """Mark the theme that was chosen."""
        for one, action in self._themes.items():
            action.setChecked(one == name)

    def fill_recent(self) -> None:
        """The files opened or saved last."""
        menus.fill_recent(self.recent, self._window.preferences.recent, self._window.documents.open)

    def _fill_view(self, view: QMenu, actions: Actions) -> None:
        self.cards = view.addMenu("Cards")
        for dock in self._window.docks.values():
            self.cards.addAction(dock.toggleViewAction())
        self.layers = view.addMenu("Layers")
        self.layers.aboutToShow.connect(self._fill_layers)
        appearance = self._window.appearance
        themes, self._themes = menus.theme_menu(self._window, appearance.chosen, appearance.choose)
        view.addMenu(themes)
        menus.put(
            view,
            actions,
            (
                "middle",
                "play_middle",
                menus.LINE,
                "average",
                menus.LINE,
                "theme",
                "presenter",
                "recipe",
                "reset_layout",
            ),
        )

    def _fill_layers(self) -> None:
        menus.fill_layers(self.layers, self._layers())

    def _layers(self) -> Iterator[tuple[str, str, bool, Callable[[bool], object]]]:
        parts = self._window.parts
        for view in parts.layered if parts else ():
            for key, chip in view.chips.items():
                words = f"{view.title}: {chip.text()}"
                yield words, chip.toolTip(), view.is_shown(key), partial(view.set_shown, key)
