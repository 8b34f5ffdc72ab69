"""One thread for each process: a second one gains little on an idle machine and costs much on a busy one."""

from __future__ import annotations

import os

# Before anything imports numpy or torch, which read these once.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# No test needs a screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
