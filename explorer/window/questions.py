"""Puts questions about the model on the screen to the observer, and hands each answer to whoever asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from explorer.session import commands, messages
from explorer.session.snapshot import Arrays
from explorer.window.parts import Parts

Taker = Callable[[str, Arrays], object]
"""Takes an answer: the question, and the arrays of question and answer together."""


class Questions:
    """Of each kind of question of each asker one is on its way at most; of those that come meanwhile the newest waits.

    A mouse that moves on asks faster than can be answered: so no questions pile up, and each answer still says what it
    answers. An answer that comes after ``forget`` reaches nobody.
    """

    def __init__(self, send: Callable[[commands.Ask], object], run: Callable[[], int]) -> None:
        """Ask by ``send`` about the run that ``run()`` says."""
        self._send, self._run = send, run
        self._count = 0
        self._asked: dict[int, tuple[Taker, str, Arrays]] = {}
        self._waiting: dict[tuple[Taker, str], Arrays] = {}

    def ask(self, question: str, arrays: Arrays, taker: Taker) -> None:
        """Ask now, or as soon as the last question of this kind is answered."""
        if any(asked[:2] == (taker, question) for asked in self._asked.values()):
            self._waiting[taker, question] = arrays
        else:
            self._put(taker, question, arrays)

    def answer(self, message: messages.Answer) -> None:
        """Hand an answer to whoever asked; an empty one says that there is none."""
        if message.number not in self._asked:
            return
        taker, question, arrays = self._asked.pop(message.number)
        newer = self._waiting.pop((taker, question), None)
        if newer is not None:
            self._put(taker, question, newer)
        if message.arrays:
            taker(question, {**arrays, **message.arrays})

    def forget(self) -> None:
        """Nobody waits for an answer any more: another run, or the observer is gone."""
        self._asked.clear()
        self._waiting.clear()

    def _put(self, taker: Taker, question: str, arrays: Arrays) -> None:
        self._count += 1
        self._asked[self._count] = (taker, question, arrays)
        self._send(commands.Ask(self._run(), self._count, question, arrays))


def join_questions(questions: Questions, parts: Parts) -> None:
    """Let the latent space and the guests ask, and tell the guests what the mouse points at in data space."""

    def show_probe(_: str, arrays: Arrays) -> None:
        parts.latent.show_answer(arrays)
        parts.data.show_probe(arrays["x"], arrays["log_det"])

    def ask(taker: Taker, question: str, arrays: Arrays) -> None:
        questions.ask(question, arrays, taker)

    def point(x: float, y: float, *, moving: bool = False) -> None:
        for guest in parts.present_guests:
            if guest.is_seen and (guest.follows or not moving):
                guest.point(x, y)

    parts.latent.asked.connect(partial(ask, show_probe))
    for guest in parts.guests:
        guest.asked.connect(partial(ask, guest.show_answer))
        guest.marked.connect(parts.data.show_datum)
    parts.data.pointed.connect(point)
    parts.data.hovered.connect(partial(point, moving=True))
