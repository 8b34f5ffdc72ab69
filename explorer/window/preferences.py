"""What the window remembers from one day to the next: theme, layout, last recipe, recent files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QByteArray, QSettings

VARIABLE: Final = "PUSHFORWARD_SETTINGS"
"""Environment variable with the path of another settings file."""

MOST_RECENT: Final = 9

LAYOUT_VERSION: Final = 3
"""To be raised when docks come or go, so that an older layout is not applied to them."""


class Preferences:
    """Settings of the user, in the system's own place unless a file is given."""

    def __init__(self, path: str | Path | None = None) -> None:
        place = path or os.environ.get(VARIABLE)
        if place:
            self._settings = QSettings(str(place), QSettings.Format.IniFormat)
        else:
            self._settings = QSettings("Pushforward", "Pushforward")

    @property
    def theme(self) -> str:
        """Name of the theme that the user chose; empty to follow the system."""
        return str(self._settings.value("theme", ""))

    @theme.setter
    def theme(self, name: str) -> None:
        self._settings.setValue("theme", name)

    @property
    def alarm(self) -> bool:
        """Whether a collapse is told on the banner."""
        return bool(self._settings.value("alarm", True, type=bool))  # noqa: FBT003

    @alarm.setter
    def alarm(self, on: bool) -> None:
        self._settings.setValue("alarm", on)

    @property
    def auto_pause(self) -> bool:
        """Whether training pauses when the alarm rings."""
        return bool(self._settings.value("auto_pause", False, type=bool))  # noqa: FBT003

    @auto_pause.setter
    def auto_pause(self, on: bool) -> None:
        self._settings.setValue("auto_pause", on)

    @property
    def recipe(self) -> dict[str, Any] | None:
        """The recipe that was open last."""
        try:
            recipe = json.loads(str(self._settings.value("recipe", "")))
        except ValueError:
            return None
        return recipe if isinstance(recipe, dict) else None

    @recipe.setter
    def recipe(self, recipe: dict[str, Any]) -> None:
        self._settings.setValue("recipe", json.dumps(recipe))

    @property
    def recent(self) -> list[str]:
        """Paths of the files opened or saved last, newest first."""
        try:
            paths = json.loads(str(self._settings.value("recent", "[]")))
        except ValueError:
            return []
        return [str(path) for path in paths] if isinstance(paths, list) else []

    def remember(self, path: str | Path) -> None:
        """Put a file at the head of the recent ones."""
        new = str(Path(path).absolute())
        kept = [new, *(old for old in self.recent if old != new)][:MOST_RECENT]
        self._settings.setValue("recent", json.dumps(kept))

    def forget(self, path: str | Path) -> None:
        """Drop a file that is not there any more."""
        self._settings.setValue("recent", json.dumps([old for old in self.recent if old != str(path)]))

    @property
    def guests(self) -> dict[str, list[str]]:
        """Which of the cards that come and go were closed, in front, and in whose place."""
        try:
            kept = json.loads(str(self._settings.value("guests", "{}")))
        except ValueError:
            return {}
        return kept if isinstance(kept, dict) else {}

    @guests.setter
    def guests(self, kept: Mapping[str, Sequence[str]]) -> None:
        self._settings.setValue("guests", json.dumps({name: list(keys) for name, keys in kept.items()}))

    @property
    def middle(self) -> str:
        """Key of the card in front in the middle; empty if there was never a choice."""
        return str(self._settings.value("middle", ""))

    @middle.setter
    def middle(self, key: str) -> None:
        self._settings.setValue("middle", key)

    def save_layout(self, geometry: QByteArray, state: QByteArray) -> None:
        """Keep the window's size and the places of its docks."""
        self._settings.setValue("geometry", geometry)
        self._settings.setValue("state", state)

    def layout(self) -> tuple[QByteArray, QByteArray] | None:
        """Size and places as they were kept, if they were."""
        geometry, state = self._settings.value("geometry"), self._settings.value("state")
        both = isinstance(geometry, QByteArray) and isinstance(state, QByteArray)
        return (geometry, state) if both else None  # type: ignore[return-value]

    def flush(self) -> None:
        """Write to disk now."""
        self._settings.sync()
