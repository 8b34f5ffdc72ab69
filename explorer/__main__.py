"""``python -m explorer`` and ``pushforward``."""

from __future__ import annotations

import multiprocessing
import os
import sys

# One thread for linear algebra: a second gains little on small nets and costs a factor of 20 on a busy machine. Read
# once, when numpy and torch are imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from explorer.cli import main as obey  # noqa: E402


def main() -> None:
    """Obey the process's command line and end with its status."""
    multiprocessing.freeze_support()
    sys.exit(obey())


if __name__ == "__main__":
    main()
