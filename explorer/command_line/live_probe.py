"""What ``bench`` runs in a process of its own: the real window at work.

``python -m explorer.command_line.live_probe START PRESET`` prints one JSON object; START is the time at which it was
launched.
Nothing heavy is imported here: the session's processes import this module again, as that of the program.
"""

from __future__ import annotations

import json
import sys

from explorer.session.nursery import prepare


def main() -> None:
    """Begin as the command line does, and watch."""
    prepare()
    from explorer.command_line.live_watch import watch

    print(json.dumps(watch(float(sys.argv[1]), sys.argv[2])))


if __name__ == "__main__":
    main()
