"""The newest weights of a run in a file mapped into two processes: newest wins, nobody waits.

The file is a sequence lock: the writer makes the sequence number odd, writes, and makes it even again; the reader
copies and looks whether the number was even and stayed the same. A writer that dies in the middle leaves an odd number,
and the reader then has nothing new.
"""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_HEADER: Final = 64  # bytes, a cache line: sequence and step (int64), seconds (float64)
_TRIES: Final = 16


class Weights(NamedTuple):
    """Weights at one step: ``values`` is the flat float32 vector of ``Trainer.values()``; ``seconds`` of training.

    ``number`` tells what was read of one file apart, so that nobody must hold weights only to know them again.
    """

    step: int
    seconds: float
    values: NDArray[np.float32]
    number: int = 0


class _Fields:
    """The parts of a mapped file."""

    def __init__(self, path: Path, mode: str) -> None:
        mapped = np.memmap(path, dtype=np.uint8, mode=mode)  # type: ignore[call-overload]
        self.numbers = mapped[:16].view(np.int64)
        self.seconds = mapped[16:24].view(np.float64)
        self.values = mapped[_HEADER:].view(np.float32)
        self._lock = threading.Lock()

    def fence(self) -> None:
        """Order what was written or read before against what comes after, on processors that swap the two.

        One lock taken and released lets both sides slip inside; the second cannot be entered before the first is left.
        """
        for _ in range(2):
            with self._lock:
                pass


class WeightsWriter:
    """Publishes the weights of one run."""

    def __init__(self, folder: Path, run: int, length: int) -> None:
        """Make the file, full size and with real blocks on the disk.

        Raises:
            OSError: there is no room. Found here, it is an error; found in the mapped file, it would be the end.
        """
        handle, name = tempfile.mkstemp(prefix=f"weights-{run}-", suffix=".bin", dir=folder)
        self.path = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(bytes(_HEADER + 4 * length))
        except OSError:
            self.path.unlink(missing_ok=True)
            raise
        self._fields: _Fields | None = _Fields(self.path, "r+")

    def write(self, step: int, seconds: float, values: NDArray[np.float32]) -> None:
        """Publish weights; about 0.02 ms for fifty thousand of them."""
        fields = self._fields
        assert fields is not None, "the file is closed"
        fields.numbers[0] += 1
        fields.fence()
        fields.numbers[1] = step
        fields.seconds[0] = seconds
        fields.values[:] = values
        fields.fence()
        fields.numbers[0] += 1

    def close(self) -> None:
        """Remove the file; where a reader's mapping forbids that (Windows), it goes with the session's folder."""
        self._fields = None
        try:
            self.path.unlink(missing_ok=True)
        except PermissionError:
            return


class WeightsReader:
    """Reads what a :class:`WeightsWriter` publishes, in the same or another process."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            FileNotFoundError: its run is over.
        """
        self._fields: _Fields | None = _Fields(path, "r")
        self._seen = 0

    def read(self) -> Weights | None:
        """The newest weights as an own copy, or None if nothing was published since the last time."""
        for _ in range(_TRIES):
            fields = self._fields
            before = int(fields.numbers[0]) if fields else 0
            if fields is None or before == self._seen:
                return None
            fields.fence()
            weights = Weights(int(fields.numbers[1]), float(fields.seconds[0]), np.array(fields.values), before)
            fields.fence()
            if before % 2 == 0 and int(fields.numbers[0]) == before:
                self._seen = before
                return weights
        return None

    def close(self) -> None:
        """Let go of the file."""
        self._fields = None
