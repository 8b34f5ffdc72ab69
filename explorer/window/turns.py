"""Lets the views draw one after another, so that no turn of the event loop is long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from explorer.session.snapshot import Snapshot

if TYPE_CHECKING:
    from explorer.views._base import View


class Turns(QObject):
    """The first view draws at once, each other one in a turn of its own; of several snapshots it draws the newest."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[View, Snapshot] = {}
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._next)

    def show(self, views: Iterable[View], snapshot: Snapshot) -> None:
        """Show a snapshot. Whoever has waited longest comes first, however fast snapshots come."""
        first, *others = views
        first.show_snapshot(snapshot)
        for view in others:
            self._waiting[view] = snapshot
        self._timer.start(0)

    @property
    def is_busy(self) -> bool:
        """Whether a view still waits for its turn."""
        return bool(self._waiting)

    def clear(self) -> None:
        """What is waiting is of no interest any more."""
        self._waiting.clear()
        self._timer.stop()

    def _next(self) -> None:
        if self._waiting:
            view = next(iter(self._waiting))
            view.show_snapshot(self._waiting.pop(view))
        if self._waiting:
            self._timer.start(0)
