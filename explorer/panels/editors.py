"""Editors of one value each, by the type that an option declares."""

from __future__ import annotations

import html
import json
import math
import tomllib
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from explorer.panels.controls import Field, Menu, PathField, Slider, Switch, set_alarmed
from explorer.panels.look import Look
from explorer.panels.scale import Option, nearest, read_number, show_number, stops
from explorer.panels.tips import spoken_name, words


class Editor(QWidget):
    """Shows and changes the value of one option.

    Signals: ``dragged`` while the value is still moving under the hand, ``edited`` when it has been changed,
    ``refused`` with what is allowed when something was typed that is not, ``cleared`` when that was given up.
    Setting a value emits none of them.
    """

    dragged = Signal()
    edited = Signal()
    refused = Signal(str)
    cleared = Signal()

    def __init__(self, option: Option) -> None:
        super().__init__()
        self.option = option
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def value(self) -> Any:
        """The present value, plain."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value."""
        raise NotImplementedError

    def hands(self) -> list[QWidget]:
        """The widgets that take the keyboard, in order."""
        return [self._line.itemAt(index).widget() for index in range(self._line.count())]  # type: ignore[union-attr]

    def describe(self, tip: str) -> None:
        """Give every part its tool tip, its spoken name and its description."""
        for widget in (self, *self.hands()):
            widget.setToolTip(tip)
            widget.setAccessibleName(spoken_name(self.option))
            widget.setAccessibleDescription(self.option["help"])

    def set_alarmed(self, alarmed: object) -> None:
        """Show the parts in the alarm colour, or no longer."""
        for widget in self.hands():
            set_alarmed(widget, alarmed)


class NumberEditor(Editor):
    """A slider over sensible stops, and the value itself to be typed; only the latter where no slider makes sense."""

    def __init__(self, option: Option) -> None:
        super().__init__(option)
        self._value = option["default"]
        self._stops = stops(option)
        self.field = Field()
        self.slider = Slider() if self._stops else None
        if self.slider:
            self._line.addWidget(self.slider, 1)
            self.slider.setRange(0, len(self._stops) - 1)
            self.slider.valueChanged.connect(self._slide)
            self.slider.sliderReleased.connect(self.edited)
            self.field.setProperty("role", "value")
            self.field.setAlignment(self.field.alignment().AlignRight | self.field.alignment().AlignVCenter)
        self._line.addWidget(self.field, 0 if self.slider else 1)
        self.field.entered.connect(self._type)
        self.field.stepped.connect(self._step)
        self.field.given_up.connect(self.cleared)
        self.set_value(option["default"])

    def value(self) -> Any:
        """The number, exactly as it was set; the slider's stops do not round it."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show a number: the slider stands at the nearest stop."""
        self._value = int(value) if self.option["type"] == "int" else float(value)
        if self.slider:
            with QSignalBlocker(self.slider):
                self.slider.setValue(nearest(self._stops, self._value))
        self._show()

    def set_look(self, look: Look) -> None:
        """Room for a value of six characters, such as 12,288."""
        if self.slider:
            self.field.setFixedWidth(look.px(54))

    def _show(self) -> None:
        unit = self.option["unit"]
        self.field.show_text(show_number(self._value) + (unit if len(unit) == 1 else f" {unit}" if unit else ""))

    def _slide(self, position: int) -> None:
        self._value = self._stops[position]
        self._show()
        self.dragged.emit()

    def _type(self, text: str) -> None:
        try:
            value = read_number(text, self.option)
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self.set_value(value)
        self.edited.emit()

    def _step(self, count: int) -> None:
        if self.slider:
            self.slider.setValue(self.slider.value() + count)
            return
        low, high = self.option["low"], self.option["high"]
        moved = max(-math.inf if low is None else low, min(math.inf if high is None else high, self._value + count))
        self.set_value(moved)
        self.dragged.emit()


class ChoiceEditor(Editor):
    """A menu of the values that are allowed."""

    def __init__(self, option: Option) -> None:
        super().__init__(option)
        self.menu = Menu()
        self.menu.fill([(choice, words(choice), "") for choice in option["choices"]])
        self.menu.picked.connect(self.edited)
        self._line.addWidget(self.menu)
        self.set_value(option["default"])

    def value(self) -> Any:
        """The chosen value."""
        return self.menu.currentData()

    def set_value(self, value: Any) -> None:
        """Stand on a value."""
        self.menu.show_value(value)


class SwitchEditor(Editor):
    """On or off."""

    def __init__(self, option: Option) -> None:
        super().__init__(option)
        self.switch = Switch()
        self.switch.clicked.connect(lambda _: self.edited.emit())
        self._line.addStretch(1)
        self._line.addWidget(self.switch)
        self.set_value(option["default"])

    def hands(self) -> list[QWidget]:
        """The switch."""
        return [self.switch]

    def value(self) -> bool:
        """Whether it is on."""
        return self.switch.isChecked()

    def set_value(self, value: Any) -> None:
        """Switch on or off."""
        self.switch.setChecked(bool(value))


class ListEditor(Editor):
    """A list of numbers, or of lists of them, as it would be written in the recipe's file."""

    def __init__(self, option: Option) -> None:
        super().__init__(option)
        self._value: list[Any] = []
        self.field = Field()
        self.field.setPlaceholderText("empty")
        self.field.entered.connect(self._type)
        self.field.given_up.connect(self.cleared)
        self._line.addWidget(self.field)
        self.set_value(option["default"] or [])

    def value(self) -> list[Any]:
        """The list, its own copy."""
        return json.loads(json.dumps(self._value))

    def set_value(self, value: Any) -> None:
        """Show a list."""
        self._value = json.loads(json.dumps(value))
        self.field.show_text(json.dumps(self._value) if self._value else "")

    def _type(self, text: str) -> None:
        try:
            value = read_list(text)
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self.set_value(value)
        self.edited.emit()


class TextEditor(Editor):
    """A line of text; with a button that looks for it where the option names a file or a folder."""

    def __init__(self, option: Option) -> None:
        super().__init__(option)
        self._ask = asks_for(option)
        self._tip = ""
        self.field = PathField() if self._ask else Field()
        self.field.entered.connect(self._type)
        self._line.addWidget(self.field, 1)
        self.button = QToolButton() if self._ask else None
        if self.button:
            self.button.setText("…")
            self.button.setProperty("role", "boxed")
            self.button.clicked.connect(self._browse)
            self._line.addWidget(self.button)
        self.set_value(option["default"] or "")

    def value(self) -> str:
        """The text as it is shown."""
        return self.field.text()

    def set_value(self, value: Any) -> None:
        """Show a text."""
        self.field.show_text(str(value))
        self._tell()

    def describe(self, tip: str) -> None:
        """A path is told whole, before what it is for."""
        super().describe(tip)
        self._tip = tip
        self._tell()

    def _tell(self) -> None:
        if self._ask:
            led = f"{html.escape(self.value())}<br>" if self.value() else ""
            self.field.setToolTip(led + self._tip)

    def _type(self, text: str) -> None:
        self.set_value(text.strip())
        self.edited.emit()

    def _browse(self) -> None:
        dialog = QFileDialog(self.window(), f"Choose: {self.option['label']}")
        if self._ask:
            dialog.setFileMode(self._ask)
        dialog.fileSelected.connect(self._type)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def asks_for(option: Option) -> QFileDialog.FileMode | None:
    """What a text names, by the words of its declaration."""
    said = f"{option['name']} {option['label']}".lower()
    modes = {"folder": QFileDialog.FileMode.Directory, "directory": QFileDialog.FileMode.Directory}
    modes |= dict.fromkeys(("file", "path"), QFileDialog.FileMode.ExistingFile)
    return next((mode for word, mode in modes.items() if word in said), None)


def read_list(text: str) -> list[Any]:
    """A list as TOML writes it; the outer brackets may be left out.

    Raises:
        ValueError: it is no list of finite numbers, or of lists of them; the text says so.
    """
    plain = text.strip()
    for source in (plain, f"[{plain}]"):
        try:
            value = tomllib.loads(f"value = {source}" if source else "value = []")["value"]
        except tomllib.TOMLDecodeError:
            continue
        if isinstance(value, list) and _all_numbers(value):
            return value
    raise ValueError("must be a list of numbers, such as [0.2, 0.8]")


def _all_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return all(_all_numbers(item) for item in value)
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


EDITORS: Final[dict[str, Callable[[Option], Editor]]] = {
    "int": NumberEditor,
    "float": NumberEditor,
    "bool": SwitchEditor,
    "choice": ChoiceEditor,
    "list": ListEditor,
    "str": TextEditor,
}
"""An option's declared type to its editor. Members, the one other type, have a form: see ``member_form``."""
