"""Tells the observer which pictures are on the screen, once for all changes of a moment."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from explorer.session import commands


class Watching(QObject):
    """Sends a ``Watch`` when it differs from the last one."""

    def __init__(
        self,
        send: Callable[[commands.Watch], object],
        watch: Callable[[], commands.Watch | None],
        parent: QObject | None = None,
    ) -> None:
        """Send by ``send`` what ``watch()`` says; None for nothing yet."""
        super().__init__(parent)
        self._send, self._watch = send, watch
        self._sent: commands.Watch | None = None
        self._stopped = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.now)

    def soon(self) -> None:
        """Tell after the changes of this moment."""
        if not self._stopped:
            self._timer.start(0)

    def now(self) -> None:
        """Tell now, if the observer does not know yet."""
        watch = self._watch()
        if watch is not None and watch != self._sent:
            self._sent = watch
            self._send(watch)

    def stop(self) -> None:
        """Tell no more."""
        self._stopped = True
        self._timer.stop()
