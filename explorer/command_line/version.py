"""Which program this is."""

from __future__ import annotations

import importlib.metadata


def own_version() -> str:
    """The version of the installed package; of a checkout that was never installed, nothing is known."""
    try:
        return importlib.metadata.version("pushforward")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
