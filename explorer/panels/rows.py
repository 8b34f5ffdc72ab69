"""A row of the panel: an option's name, its editor, and beneath them what is wrong, if something is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.panels.controls import Name
from explorer.panels.editors import EDITORS, Editor
from explorer.panels.look import Look
from explorer.panels.scale import Option
from explorer.panels.tips import option_tip

NAME_WIDTH: Final = 100
NAME_GAP: Final = 4
NAME_SHARE: Final = 0.42
"""Greatest share of a row that its name may take."""


class Problem(QLabel):
    """A sentence in the alarm colour; takes no room while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "problem")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.hide()

    def say(self, text: str) -> None:
        """Show a sentence; an empty one clears it."""
        self.setText(text[:1].upper() + text[1:])
        self.setVisible(bool(text))


class Row(QWidget):
    """What holds one value of the recipe, at a dotted path."""

    dragged = Signal()
    edited = Signal()
    rebuilt = Signal()

    def __init__(self, path: str, option: Option) -> None:
        super().__init__()
        self.setProperty("role", "plain")
        self.path = path
        self.option = option
        self.problem = Problem()

    def value(self) -> Any:
        """The present value, plain."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value; emits nothing."""
        raise NotImplementedError

    def hands(self) -> list[QWidget]:
        """The widgets that take the keyboard, in order."""
        raise NotImplementedError

    def rows(self) -> Iterator[Row]:
        """This row and those inside it."""
        yield self

    def unfold(self, inner: QWidget) -> None:
        """Make what lies inside visible."""

    def show_problem(self, text: str) -> None:
        """Mark the row; an empty text clears the mark."""
        self.problem.say(text)


class OptionRow(Row):
    """A name and an editor side by side."""

    def __init__(self, path: str, option: Option) -> None:
        super().__init__(path, option)
        self.name = Name(option["label"], option["symbol"], restarts=not option["live"])
        self.editor: Editor = EDITORS[option["type"]](option)
        self._width = 88
        self._build()
        tip = option_tip(option, path)
        self.name.setToolTip(tip + "<br>Double-click for the default.")
        self.editor.describe(tip)
        self.editor.dragged.connect(self.dragged)
        self.editor.edited.connect(self._edited)
        self.editor.refused.connect(self.show_problem)
        self.editor.cleared.connect(lambda: self.show_problem(""))
        self.name.clicked_twice.connect(self._to_default)

    def value(self) -> Any:
        """The editor's value."""
        return self.editor.value()

    def set_value(self, value: Any) -> None:
        """Show a value, free of problems."""
        self.show_problem("")
        self.editor.set_value(value)

    def hands(self) -> list[QWidget]:
        """Those of the editor."""
        return self.editor.hands()

    def show_problem(self, text: str) -> None:
        """Name and editor in the alarm colour, the sentence beneath."""
        super().show_problem(text)
        self.name.set_alarmed(text)
        self.editor.set_alarmed(text)

    def set_look(self, look: Look) -> None:
        """Width of the names."""
        self._width = look.px(NAME_WIDTH)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width between name and editor."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.name.setFixedWidth(min(self._width, round(NAME_SHARE * self.width())))

    def _build(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(NAME_GAP)
        line.addWidget(self.name)
        line.addWidget(self.editor, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.problem)

    def _edited(self) -> None:
        self.show_problem("")
        self.edited.emit()

    def _to_default(self) -> None:
        if self.value() != self.option["default"]:
            self.set_value(self.option["default"])
            self.edited.emit()
