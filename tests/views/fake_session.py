"""A session of hand-made messages, and a small catalogue and recipe for the window that it is given to."""

from collections import deque

import numpy as np

from explorer.session import commands, messages
from explorer.session.history import History

RECIPE = {"data": {"key": "ring"}, "optimizer": {"key": "adam", "ema": 0.0}, "steps": 1000, "seed": 0, "device": "cpu"}


def member(key):
    return {
        "key": key, "title": key.title(), "summary": f"{key}.", "source": f"paper of {key}", "formula": "x",
        "capabilities": ["sample"], "requires": {}, "options": [],
    }  # fmt: skip


PATH = {
    "name": "path", "label": "file", "symbol": "", "type": "str", "kind": "", "default": "", "low": None, "high": None,
    "log": False, "unit": "", "help": "Help.", "live": False, "choices": [],
}  # fmt: skip
CATALOGUE = {
    "data": [member("ring"), member("table") | {"options": [PATH]}],
    "optimizers": [member("adam")],
    "recipe": [],
    "sections": [{"field": "data", "kind": "data"}, {"field": "optimizer", "kind": "optimizers"}],
}


class FakeSession:
    """Takes down what is sent, and hands out what a test puts in."""

    def __init__(self):
        self.history, self.sent, self.coming = History(), [], deque()
        self.snapshot, self.started, self.closed = None, False, None

    def start(self):
        self.started = True

    def send(self, command):
        self.sent.append(command)

    def take(self):
        found, self.snapshot = self.snapshot, None
        received = list(self.coming)
        self.coming.clear()
        return found, received

    def close(self, timeout=5.0):
        self.closed = timeout

    @property
    def orders(self):
        """What was sent, without the pictures that are watched."""
        return [command for command in self.sent if not isinstance(command, commands.Watch)]

    def of(self, kind):
        return [command for command in self.sent if isinstance(command, kind)]


def keep(session, *steps):
    for step in steps:
        session.history.add(messages.Kept(1, step, 0.0, {"w": np.zeros(2)}))


def progress(step, playing=True):
    return messages.Progress(1, step, 2.5, 800.0, playing)
