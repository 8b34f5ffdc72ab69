"""Asks the same of several kept states of a run, one after another: how did this come to be?"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.session import commands
from explorer.session.history import History
from explorer.session.snapshot import Arrays

if TYPE_CHECKING:
    from explorer.window.questions import Questions, Taker


class Recollection:
    """Puts one question about the past at a time: each may cost as much as a picture. A new one takes its place."""

    def __init__(self, questions: Questions, history: History) -> None:
        """Ask by these questions about the states of this history."""
        self._questions, self._history = questions, history
        self._steps: deque[int] = deque()
        self._turn = 0

    def ask(self, taker: Taker, question: str, arrays: Arrays, count: int, known: frozenset[int]) -> None:
        """Ask about so many states, spread over the run, but not those of steps whose answers are known."""
        self._turn += 1
        self._steps = deque(step for step in spread(self._history.steps, count) if step not in known)
        self._next(self._turn, taker, question, arrays)

    def _next(self, turn: int, taker: Taker, question: str, arrays: Arrays) -> None:
        kept = self._history.at(self._steps.popleft()) if self._steps and turn == self._turn else None
        if kept is not None:
            take = partial(self._take, turn, taker, arrays)
            self._questions.ask_of(weights_of(kept.state), question, {**arrays, "step": _number(kept.step)}, take)

    def _take(self, turn: int, taker: Taker, asked: Arrays, question: str, arrays: Arrays) -> None:
        if turn == self._turn:
            taker(question, arrays)
            self._next(turn, taker, question, asked)


def spread(steps: tuple[int, ...], count: int) -> list[int]:
    """So many of these steps, first and last among them, closer together at the beginning, when most changes."""
    if len(steps) <= count:
        return list(steps)
    places = [round((len(steps) - 1) * (index / (count - 1)) ** 2) for index in range(count)]
    for index in range(1, count):
        places[index] = max(places[index], places[index - 1] + 1)
    return [steps[min(place, len(steps) - 1)] for place in places]


def weights_of(state: commands.State) -> commands.State:
    """Of a kept state what a question needs: not the optimiser's memory, which is twice as large."""
    return {"step": state["step"], "seconds": state["seconds"], "arrays": {"values": state["arrays"]["values"]}}


def _number(value: int) -> Any:
    import numpy as np

    return np.array(value)
