"""Which widget keeps which key: shortcuts work wherever the focus is, but never take from a field what it needs."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QMenu,
    QMenuBar,
    QTabBar,
    QWidget,
)

from explorer.window.actions import DEEDS

MOVED_BY_ARROWS: Final = (QAbstractSlider, QAbstractSpinBox, QComboBox, QAbstractItemView, QTabBar, QMenu, QMenuBar)
ARROWS: Final = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End}
PLAYS: Final = {Qt.Key.Key_Space}
QUITS: Final = QKeySequence(DEEDS["quit"].keys)


class KeyGuard(QObject):
    """An event filter of the application that decides who gets a key before shortcuts are looked at.

    A sheet over the window keeps all shortcuts from it; closing the window is let through.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys stay with what they move; Space leaves number fields, which have no use for it."""
        # All of the application's events pass here, and asking one for its type costs more than what follows.
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return False
        if not isinstance(watched, QWidget):
            return False
        if watched.window() is not self._window:
            return QKeySequence(event.keyCombination()) == QUITS and self._quit(watched.window())
        if isinstance(watched, MOVED_BY_ARROWS) and event.key() in ARROWS:
            event.accept()
            return True
        if isinstance(watched, QAbstractSpinBox) and event.key() in PLAYS:
            event.ignore()
            return True
        return False

    def _quit(self, sheet: QWidget) -> bool:
        if sheet.parentWidget() is not self._window or QApplication.activeModalWidget() is not sheet:
            return False
        sheet.close()
        QTimer.singleShot(0, self._window.close)
        return True
