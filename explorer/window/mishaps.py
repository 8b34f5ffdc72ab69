"""What nobody foresaw: an exception is written to the log and told once on the banner; the window lives on."""

from __future__ import annotations

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Final

import platformdirs
from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from explorer.widgets.banner import Remark

LOG: Final = logging.getLogger("explorer")
MOST_BYTES: Final = 1_000_000


def log_file() -> Path:
    """Where the log is written."""
    return Path(platformdirs.user_log_dir("Pushforward", appauthor=False)) / "pushforward.log"


class Mishaps(QObject):
    """The program's exception hooks; ``remarked`` reaches the GUI thread from whichever thread the mishap was in."""

    remarked = Signal(object)

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path or log_file()
        self._handler: logging.Handler | None = None
        self._before = (sys.excepthook, threading.excepthook)

    def install(self) -> None:
        """Write to the log from now on, and catch what nobody else does."""
        self._handler = self._open()
        LOG.addHandler(self._handler)
        sys.excepthook = self._caught
        threading.excepthook = self._caught_in_thread

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._before
        if self._handler:
            LOG.removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def tell(self, error: BaseException) -> None:
        """Log an exception and tell of it."""
        LOG.error("not foreseen", exc_info=(type(error), error, error.__traceback__))
        text = f"{type(error).__name__}: {error}. The run goes on; save it if it matters. The log has the details."
        self.remarked.emit(Remark("alarm", "Something went wrong", text, (("Show log", self.show_log),)))

    def show_log(self) -> None:
        """Open the log in the system's own viewer."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.path)))

    def _open(self) -> logging.Handler:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handler: logging.Handler = RotatingFileHandler(
                self.path, maxBytes=MOST_BYTES, backupCount=1, encoding="utf-8", delay=True
            )
        except OSError:  # a home that cannot be written to is no reason not to start
            handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        return handler

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
        else:
            self.tell(error.with_traceback(trace))

    def _caught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.tell(args.exc_value)
