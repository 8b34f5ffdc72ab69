"""One thread for each process: a second one gains little on an idle machine and costs much on a busy one."""

from __future__ import annotations

import os
import tempfile

# Before anything imports numpy or torch, which read these once.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# No test needs a screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# What tests learn or fetch goes where no user looks for it, and is new in every run.
_scratch = tempfile.TemporaryDirectory(prefix="pushforward-cache-")
os.environ.setdefault("PUSHFORWARD_CACHE", _scratch.name)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes make no name of a test: a compressed file holds the second it was made in, another one in each worker."""
    return argname if isinstance(val, bytes) else None
