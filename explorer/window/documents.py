"""Files that come and go: recipes, runs, data, pictures and numbers. Whatever fails is said on the banner."""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import tomli_w
from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.panels.editors import asks_for
from explorer.widgets.banner import Remark
from explorer.window.conductor import Conductor
from explorer.window.own_data import DATA_ENDINGS, IDX_SIGN, PICTURE_ENDINGS, own_data
from explorer.window.preferences import Preferences

RECIPE_ENDING: Final = ".toml"
RECIPE_IN_RUN: Final = "recipe.toml"

DATA_FILES: Final = f"Tables and pictures ({' '.join('*' + ending for ending in DATA_ENDINGS)} *{IDX_SIGN}*)"

Write = Callable[[Path], object]


class Documents(QObject):
    """Opens and saves for one window. A folder that holds no run is one of pictures.

    Signals:
        remarked: something to say on the banner.
        recent_changed: the list of recent files is another.
    """

    remarked = Signal(object)
    recent_changed = Signal()

    def __init__(self, window: QWidget, conductor: Conductor, preferences: Preferences) -> None:
        super().__init__(window)
        self._window, self._conductor, self._preferences = window, conductor, preferences
        self.recipe_path: Path | None = None
        self.dialog: QFileDialog | None = None

    def open(self, path: str | Path) -> None:
        """Open a recipe, a run folder or a data file, whichever it is."""
        path = Path(path)
        if not path.exists():
            self._preferences.forget(path)
            self.recent_changed.emit()
            self._fail("Not opened", f"{path} is not there any more.")
            return
        opener = self._opener(path)
        if opener is None:
            self._fail("Not opened", _foreign(path))
        elif opener(path):
            self._preferences.remember(path)
            self.recent_changed.emit()

    def ask_recipe(self) -> None:
        """Let the user choose a recipe."""
        self._ask("Open recipe", "Recipes (*.toml)", self.open)

    def ask_run(self) -> None:
        """Let the user choose a run folder."""
        self._as_folder(self._ask("Open run", "", self.open))

    def ask_data(self) -> None:
        """Let the user choose a table, or pictures in arrays or in an IDX file."""
        self._ask("Open data file", DATA_FILES, self.open)

    def ask_pictures(self) -> None:
        """Let the user choose a folder of pictures."""
        self._as_folder(self._ask("Open folder of pictures", "", self.open))

    def ask_for(self, option: Mapping[str, Any], key: str) -> None:
        """Let the user choose the file or folder without which a data set that was picked has nothing to learn.

        Args:
            option: which names it, as it is declared.
            key: of the data set.
        """
        is_folder = asks_for(option) is QFileDialog.FileMode.Directory
        title = f"Choose: {option['label']}"
        dialog = self._ask(title, "" if is_folder else DATA_FILES, lambda path: self._learn(path, key))
        if is_folder:
            self._as_folder(dialog)

    def save_recipe(self) -> None:
        """Write the recipe to the file that it came from, or ask where to."""
        if self.recipe_path:
            self.write_recipe(self.recipe_path)
        else:
            self.save_recipe_as()

    def save_recipe_as(self) -> None:
        """Ask where to write the recipe."""
        self._ask_target("Save recipe", "Recipes (*.toml)", "toml", self.write_recipe)

    def write_recipe(self, path: Path) -> None:
        """Write the recipe that trains."""
        text = self.recipe_text()
        if self._write(path, lambda place: place.write_text(text, encoding="utf-8")):
            self.recipe_path = path
            self._preferences.remember(path)
            self.recent_changed.emit()

    def recipe_text(self) -> str:
        """The recipe as TOML, every option written out."""
        return tomli_w.dumps(_without_none(dict(self._conductor.control.recipe)))

    def copy_recipe(self) -> None:
        """Put the recipe on the clipboard."""
        QGuiApplication.clipboard().setText(self.recipe_text())
        self.remarked.emit(Remark("good", "Copied", "The recipe is on the clipboard, as TOML.", stays_s=3))

    def save_run(self) -> None:
        """Ask for a folder, and let the trainer write the run there."""
        self._ask_target("Save run as a folder", "", "", self._send_run)

    def export_picture(self, card: str) -> None:
        """Ask where to draw a card: PNG or SVG."""
        parts = self._conductor.parts
        view = dict(parts.cards())[card] if parts else None
        if view is not None:
            kinds = "Pictures (*.png);;Drawings (*.svg)"
            self._ask_target(
                f"Export {view.title.lower()}", kinds, "png", lambda path: self._write(path, view.export_picture)
            )

    def export_numbers(self) -> None:
        """Ask where to write losses and measures."""
        self._ask_target("Export numbers", "Tables (*.csv)", "csv", lambda path: self._write(path, self._write_numbers))

    def accepts(self, mime: QMimeData) -> bool:
        """Whether what is dragged over the window could be opened."""
        return any(self._opener(path) for path in _paths(mime))

    def drop(self, mime: QMimeData) -> None:
        """Open the first thing dropped that can be opened."""
        for path in _paths(mime)[:1]:
            self.open(path)

    def _opener(self, path: Path) -> Callable[[Path], bool] | None:
        if path.is_dir() and (path / RECIPE_IN_RUN).exists():
            return self._open_run
        if path.suffix.lower() == RECIPE_ENDING:
            return self._open_recipe
        return self._learn if own_data(path) else None

    def _open_recipe(self, path: Path) -> bool:
        try:
            recipe = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            return self._fail("Not opened", f"{path.name}: {_reason(error)}")
        self._conductor.apply(recipe)
        self.recipe_path = path
        return True

    def _open_run(self, path: Path) -> bool:
        self._conductor.load(str(path))
        return True

    def _learn(self, path: Path, key: str = "") -> bool:
        """Train on a file or folder of the user's own, of the kind that it is, or as this kind."""
        if own := own_data(path, key):
            self._conductor.learn(own.part, path.stem, own.told)
        return own is not None

    def _send_run(self, path: Path) -> None:
        self._conductor.control.save(str(path))
        self._preferences.remember(path)
        self.recent_changed.emit()

    def _write_numbers(self, path: Path) -> None:
        parts = self._conductor.parts
        names, rows = parts.curves.export_rows() if parts else ((), ())
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            # A step is a whole number; a measure that was not taken there is an empty field.
            writer.writerows([int(row[0]), *(_number(value) for value in row[1:])] for row in rows)

    def _write(self, path: Path, write: Write) -> bool:
        try:
            write(path)
        except (OSError, ValueError) as error:
            return self._fail("Not written", f"{path}: {_reason(error)}")
        self.remarked.emit(Remark("good", "Written", str(path), stays_s=4))
        return True

    def _fail(self, title: str, text: str) -> bool:
        self.remarked.emit(Remark("alarm", title, text))
        return False

    def _ask(self, title: str, kinds: str, take: Callable[[Path], object]) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setNameFilters([*kinds.split(";;"), "All files (*)"] if kinds else ["All files (*)"])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: take(Path(name)))
        dialog.finished.connect(self._closed)
        self.dialog = dialog
        dialog.open()
        return dialog

    def _as_folder(self, dialog: QFileDialog) -> None:
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)

    def _ask_target(self, title: str, kinds: str, suffix: str, take: Callable[[Path], object]) -> None:
        dialog = self._ask(title, kinds, take)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setDefaultSuffix(suffix)
        # The ending follows the kind that is chosen, so that "drawing" with "picture.svg" and "picture" both work.
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(_suffix_of(kind) or suffix))

    def _closed(self) -> None:
        if self.dialog:
            self.dialog.deleteLater()
            self.dialog = None


def _foreign(path: Path) -> str:
    """Why a file cannot be opened."""
    if path.suffix.lower() in PICTURE_ENDINGS:
        return f"{path.name} is one picture: open the folder that holds it and others."
    endings = ", ".join((RECIPE_ENDING, *DATA_ENDINGS))
    return f"{path.name} is no recipe, run folder or data file ({endings}, or IDX)."


def _number(value: float) -> str:
    return repr(float(value)) if math.isfinite(value) else ""


def _paths(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def _suffix_of(kind: str) -> str:
    return kind.rpartition("*.")[2].rstrip(")") if "*." in kind else ""


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8 text."
    if isinstance(error, tomllib.TOMLDecodeError):
        return f"not valid TOML: {error}."
    return (getattr(error, "strerror", None) or str(error)).rstrip(".") + "."


def _without_none(value: Any) -> Any:
    """TOML knows no null: an option that is not set is left out."""
    if isinstance(value, dict):
        return {name: _without_none(item) for name, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, (list, tuple)) else value
