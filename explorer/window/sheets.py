"""Small sheets over the window: every shortcut, versions and the sources of the methods in use, where to pause."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from explorer.window.actions import DEEDS, GROUPS, shown_keys

LAST_STEP: Final = 100_000_000

PACKAGES: Final = ("torch", "numpy", "scipy", "scikit-learn", "POT", "pydantic", "PySide6-Essentials", "pyqtgraph")


def shortcuts_sheet(parent: QWidget) -> QDialog:
    """Every shortcut, in two columns of groups."""
    sheet = _sheet(parent, "Shortcuts")
    columns = QHBoxLayout()
    columns.setSpacing(40)
    for names in (("Run", "View"), ("File", "Time")):
        column = QVBoxLayout()
        column.setSpacing(14)
        for name in names:
            column.addLayout(_group(sheet, name, GROUPS[name]))
        column.addStretch(1)
        columns.addLayout(column)
    return _finish(sheet, columns)


def stop_sheet(parent: QWidget, step: int, chosen: Callable[[int], object]) -> QDialog:
    """Asks for the step to pause at, beyond the present one."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("Train up to step")
    dialog.setLabelText("Pause when this step is reached:")
    dialog.setInputMode(QInputDialog.InputMode.IntInput)
    dialog.setIntRange(step + 1, LAST_STEP)
    dialog.setIntValue(step + 1000)
    dialog.intValueSelected.connect(chosen)
    return dialog


def about_sheet(parent: QWidget, catalogue: Mapping[str, Any], recipe: Mapping[str, Any]) -> QDialog:
    """What this program is, its versions, and where the methods in use come from."""
    sheet = _sheet(parent, "About Pushforward")
    body = QVBoxLayout()
    body.setSpacing(6)
    body.addWidget(_label(sheet, "Pushforward", "heading"))
    body.addWidget(
        _label(sheet, "A desktop explorer of generative models: θ* = argmin D(P<sub>X</sub> ‖ P<sub>θ</sub>).", "muted")
    )
    body.addSpacing(10)
    body.addLayout(_table(sheet, "Versions", versions()))
    rows = list(sources(catalogue, recipe))
    if rows:
        body.addSpacing(10)
        body.addLayout(_table(sheet, "Methods in use", rows))
    return _finish(sheet, body)


def versions() -> list[tuple[str, str]]:
    """Program, Python and packages, read from what is installed: nothing is imported for it."""
    rows = [("Pushforward", _version("pushforward")), ("Python", platform.python_version())]
    return rows + [(name, _version(name)) for name in PACKAGES]


def sources(catalogue: Mapping[str, Any], recipe: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Title and source of each member that the recipe uses."""
    for section in catalogue.get("sections", ()):
        key = recipe.get(section["field"], {}).get("key")
        for member in catalogue.get(section["kind"], ()):
            if member["key"] == key:
                yield member["title"], member["source"]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _sheet(parent: QWidget, title: str) -> QDialog:
    sheet = QDialog(parent)
    sheet.setWindowTitle(title)
    sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return sheet


def _finish(sheet: QDialog, body: QVBoxLayout | QHBoxLayout) -> QDialog:
    column = QVBoxLayout(sheet)
    column.setContentsMargins(24, 20, 24, 18)
    column.setSpacing(18)
    column.addLayout(body)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, parent=sheet)
    buttons.rejected.connect(sheet.close)
    column.addWidget(buttons)
    return sheet


def _group(sheet: QDialog, name: str, deeds: tuple[str, ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(20)
    grid.addWidget(_label(sheet, name, "title"), 0, 0, 1, 2)
    for row, deed in enumerate(deeds, start=1):
        grid.addWidget(_label(sheet, DEEDS[deed].words.rstrip("…"), "muted"), row, 0)
        key = _label(sheet, shown_keys(deed), "key")
        grid.addWidget(key, row, 1, Qt.AlignmentFlag.AlignRight)
    return grid


def _table(sheet: QDialog, title: str, rows: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(20)
    grid.setColumnStretch(1, 1)
    grid.addWidget(_label(sheet, title, "title"), 0, 0, 1, 2)
    for row, (name, value) in enumerate(rows, start=1):
        grid.addWidget(_label(sheet, name, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
        text = _label(sheet, value, "")
        text.setWordWrap(True)
        text.setMinimumWidth(330)
        text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        # A wrapping label may be made lower than its one line, which cuts off the feet of its letters.
        text.ensurePolished()
        text.setMinimumHeight(text.heightForWidth(text.minimumWidth()))
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(text, row, 1, Qt.AlignmentFlag.AlignTop)
    return grid


def _label(parent: QWidget, text: str, role: str) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("role", role)
    return label
