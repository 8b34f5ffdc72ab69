"""What a view says while the first picture of a new run is being made."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from explorer.widgets.style import font
from explorer.widgets.theme import SMALL_PX, Theme

SENTENCE: Final = "Waiting for the first picture of the new run…"

CALM_MS: Final = 250
"""A picture that comes sooner needs no words: they would only flash."""


class Waiting(QLabel):
    """A sentence in the middle of its parent; never takes the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(SENTENCE, parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWordWrap(True)
        self._room = parent
        self._delay = QTimer(self, singleShot=True, interval=CALM_MS)
        self._delay.timeout.connect(self.show)
        parent.installEventFilter(self)
        self.hide()

    def begin(self) -> None:
        """Say it, unless the waiting is over very soon."""
        self.setGeometry(self._room.rect())
        self.raise_()
        self._delay.start()

    def end(self) -> None:
        """There is something to see."""
        self._delay.stop()
        self.hide()

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self.setFont(font(scale * SMALL_PX / 13))
        self.setStyleSheet(f"color: {theme.muted}; background: transparent;")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._room.rect())
        return super().eventFilter(watched, event)
