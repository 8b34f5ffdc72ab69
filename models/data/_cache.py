"""Where what was fetched or worked out once is kept for the next time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

VARIABLE: Final = "PUSHFORWARD_CACHE"
"""Environment variable that names another folder."""


def cache_directory() -> Path:
    """The user's cache directory of this program, which may not be there yet."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else user_cache_path("Pushforward", appauthor=False)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name and rename it, so that nobody ever reads half of it.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
