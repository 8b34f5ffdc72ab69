"""Puts questions about the model on the screen to the observer, and hands each answer to whoever asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from explorer.session import commands, messages
from explorer.session.history import History
from explorer.session.snapshot import Arrays
from explorer.window.parts import Parts
from explorer.window.recollection import Recollection

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

    def ask_of(self, state: commands.State, question: str, arrays: Arrays, taker: Taker) -> None:
        """Ask about a kept state, now."""
        self._put(taker, question, arrays, state)

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

    def _put(self, taker: Taker, question: str, arrays: Arrays, state: commands.State | None = None) -> None:
        self._count += 1
        self._asked[self._count] = (taker, question, arrays)
        self._send(commands.Ask(self._run(), self._count, question, arrays, state))


def join_questions(questions: Questions, history: History, parts: Parts) -> None:
    """Let the latent space and the guests ask, and tell the guests what the mouse points at in data space."""
    recollections = {guest.key: Recollection(questions, history) for guest in parts.guests}

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
        guest.asked_of_past.connect(partial(recollections[guest.key].ask, guest.show_answer))
        guest.marked.connect(parts.data.show_datum)
        guest.chose.connect(parts.data.show_choice)

    def pick(is_real: bool, number: int) -> None:  # noqa: FBT001  (a slot)
        for guest in parts.present_guests:
            guest.pick(is_real, number)

    def let_go() -> None:
        for guest in parts.present_guests:
            guest.let_go()

    for guest in parts.guests:
        guest.picked.connect(pick)
    parts.data.picked.connect(pick)
    parts.data.left.connect(let_go)
    parts.data.pointed.connect(point)
    parts.data.hovered.connect(partial(point, moving=True))
