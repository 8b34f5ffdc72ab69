"""Image: one picture that a person has clicked, what it comes from, what is nearest to it, and what it was before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.session.snapshot import Array, Arrays, Scene, Snapshot
from explorer.views._base import is_picture
from explorer.views._card import Card, card
from explorer.views._code_bar import CodeBar
from explorer.views._picture_sheet import EDGE, Margins, PictureSheet
from explorer.views.nearest import percent
from explorer.widgets.plot import plot_font
from explorer.widgets.theme import SMALL_PX

QUESTION: Final = "picture"
PAST: Final = "past"

AGAIN_MS: Final = 400
"""While training goes on, the same picture is asked about again so long after the last answer …"""

PAST_MS: Final = 3_000
"""… and its past so long after the last one."""

STATES: Final = 7
"""Earlier steps of a picture."""

HINT: Final = "Click a picture in the data space:\nwhat does it come from, and what is nearest to it?"
NEAR_HELP: Final = "The nearest pictures by the root mean square difference of pixels, from black to white."
PAST_HELP: Final = "What the same z was at earlier steps of this run, and what it is now."
LARGEST_PX: Final = 400

TALL_PX: Final = 300
"""Below this height all margins are small, and little is said."""

LOWEST_PX: Final = 205
"""Below this one there is no room for the numbers of z, nor for more than a few words."""

LOW_EDGE: Final = 3.0
LEAST_STRIP_PX: Final = 58


@card
class ImageView(Card):
    """A generated picture with its z, nearest training pictures and past; or a real one with its nearest samples."""

    key: ClassVar[str] = "image"
    beside: ClassVar[str] = "latent"
    title: ClassVar[str] = "Image"
    order: ClassVar[int] = 8
    fronts: ClassVar[bool] = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice: tuple[bool, int] | None = None
        self.past: dict[int, Array] = {}
        self._answered = -1
        self._last: Arrays | None = None
        self.large = PictureSheet("The picture that was clicked.", self)
        self.near, self.history = PictureSheet(NEAR_HELP, self), PictureSheet(PAST_HELP, self)
        self.code = CodeBar(self)
        self.large.largest = LARGEST_PX
        for sheet in (self.large, self.history):
            sheet.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.told, self.facts = QWidget(self), QLabel(self)
        self.facts.setWordWrap(True)
        self.facts.setContentsMargins(10, 4, 8, 4)
        self.near.pressed.connect(self._go_to_near)
        self.put(self._make_body())
        self._again, self._past_again = (QTimer(self, singleShot=True) for _ in range(2))
        for timer, pause, deed in (
            (self._again, AGAIN_MS, self._ask), (self._past_again, PAST_MS, self._ask_past),
        ):  # fmt: skip
            timer.setInterval(pause)
            timer.timeout.connect(partial(self._if_seen, deed))
        self._facts = ("", "", "")
        self._forget()

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Samples that are pictures."""
        return is_picture(scene)

    @property
    def is_late(self) -> bool:
        """Whether what is told is of an earlier step."""
        is_stale = self.snapshot is not None and self._answered != self.snapshot.step
        return self.choice is not None and self.is_seen and is_stale

    def pick(self, is_real: bool, number: int) -> None:  # noqa: FBT001  (a slot)
        """Tell of this picture, in front of the other cards."""
        if self.scene is None:
            return
        if (is_real, number) != self.choice:
            self.choice, self.past, self._last = (is_real, number), {}, None
            self.code.show_code(np.empty(0, np.float32), 0, "z")
        self.chose.emit(self.choice)
        self.called.emit()
        self._ask()
        self._ask_past()

    def let_go(self) -> None:
        """Tell of no picture."""
        self.choice, self.past = None, {}
        self._forget()
        self.chose.emit(None)

    def show_answer(self, question: str, arrays: Arrays) -> None:
        """Draw what is known of the picture."""
        if self.scene is None or self.choice is None or int(arrays["number"]) != self.choice[1]:
            return
        if question == PAST:
            if not self.choice[0]:
                self.past[int(arrays["step"])] = arrays["made"]
                self._show_past()
        elif bool(arrays["real"]) == self.choice[0]:
            self._answered = -1 if self.snapshot is None else self.snapshot.step
            self._last = arrays
            self._show_known(arrays, self.scene)

    def draw(self, snapshot: Snapshot) -> None:
        """Ask again: other weights make something else of the same z."""
        if self.choice is None:
            return
        for timer in (self._again, self._past_again):
            if not timer.isActive():
                timer.start()

    def clear(self) -> None:
        """A new run: the choice stays, what was known of it is gone."""
        super().clear()
        self.past = {}
        self._forget()

    def cut_after(self, step: int) -> None:
        """What came after it is another way."""
        self.past = {at: made for at, made in self.past.items() if at <= step}

    def take_scene(self, scene: Scene) -> None:
        """Other data, other pictures."""
        self.let_go()

    def amend_scene(self, scene: Scene) -> None:
        """Another sampler makes other pictures of the same z, then as well as now."""
        super().amend_scene(scene)
        self.past = {}

    def leave(self) -> None:
        """There are no pictures any more."""
        super().leave()
        self.let_go()

    def restyle(self) -> None:
        """Colours and sizes of the parts."""
        for part in (self.large, self.near, self.history, self.code):
            part.theme, part.scale = self.theme, self.scale
            part.updateGeometry()
            part.update()
        self.history.setMinimumHeight(round(LEAST_STRIP_PX * self.scale))
        self._take_room()
        self.facts.setFont(plot_font(SMALL_PX, self.scale))
        self.facts.setStyleSheet(f"color: {self.theme.muted};")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little height, less is said."""
        super().resizeEvent(event)
        self._take_room()

    def _take_room(self) -> None:
        """Margins and words for this height."""
        is_low, is_lowest = (self.height() < limit * self.scale for limit in (TALL_PX, LOWEST_PX))
        self.code.setMaximumHeight(0 if is_lowest else LARGEST_PX)
        for sheet in (self.large, self.near, self.history):
            sheet.edge = LOW_EDGE if is_low else EDGE
        self.facts.setText(self._facts[is_low + is_lowest] if self.choice else "")
        self.facts.setToolTip(self._facts[0])
        self.facts.setContentsMargins(round(self.near.edge * self.scale), 4, 4, 0)
        self.history.setVisible(self.choice is not None and not self.choice[0])

    def _make_body(self) -> QWidget:
        body, upper = QWidget(), QHBoxLayout()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(0)
        upper.setSpacing(0)
        told = QVBoxLayout(self.told)
        told.setContentsMargins(0, 0, 0, 0)
        told.setSpacing(0)
        told.addWidget(self.facts)
        told.addWidget(self.near, 1)
        told.addWidget(self.code)
        upper.addWidget(self.large, 9)
        upper.addWidget(self.told, 14)
        column.addLayout(upper, 9)
        column.addWidget(self.history, 5)
        return body

    def _if_seen(self, deed: Callable[[], None]) -> None:
        if self.is_seen:
            deed()

    def _ask(self) -> None:
        if self.choice is not None:
            is_real, number = self.choice
            self.asked.emit(QUESTION, {"number": np.array(number), "real": np.array(int(is_real))})

    def _ask_past(self) -> None:
        if self.choice is not None and not self.choice[0]:
            self.asked_of_past.emit(PAST, {"number": np.array(self.choice[1])}, STATES, frozenset(self.past))

    def _go_to_near(self, place: int) -> None:
        """A generated picture that is near a real one has a story of its own."""
        if self._last is not None and "near_number" in self._last and place < len(self._last["near_number"]):
            self.pick(is_real=False, number=int(self._last["near_number"][place]))

    def _show_known(self, arrays: Arrays, scene: Scene) -> None:
        assert self.choice is not None
        is_real, number = self.choice
        self.large.role = "data" if is_real else "model"
        self.near.role = "model" if is_real else "data"
        name = f"{'real' if is_real else 'generated'} picture {number + 1}"
        self.told.show()
        self._take_room()
        self._show_large(arrays, scene)
        self._show_near(arrays, scene, is_real=is_real)
        self.code.show_code(arrays["code"], scene.latent_dimension, "mean of q(z|x)" if is_real else "z")
        asked = str(arrays["asked"])
        told = f" · asked for “{asked}”" if asked else ""
        self.header.set_subtitle(name + told, f"“{asked}”" if asked else name, name)

    def _show_large(self, arrays: Arrays, scene: Scene) -> None:
        """A real one with what an encoder makes of it, where there is one."""
        if "reconstruction" in arrays:
            both = np.concatenate([arrays["x"], arrays["reconstruction"]])
            self.large.show_pictures(both, scene, 2, Margins(columns=("x", "decoded")))
        else:
            self.large.show_pictures(arrays["x"], scene, 1)

    def _show_near(self, arrays: Arrays, scene: Scene, *, is_real: bool) -> None:
        distance, limit = arrays["distance"], float(arrays["limit"])
        names = [percent(float(value)).removesuffix(" %") for value in distance]
        self.near.show_pictures(arrays["near"], scene, len(names), Margins(columns=names))
        self.near.role = "alarm" if bool((distance < limit).any()) else self.near.role
        self.near.mark({}, frozenset(np.flatnonzero(distance < limit).tolist()))
        self._facts = _facts(distance, limit, "generated" if is_real else "real")
        self._take_room()

    def _show_past(self) -> None:
        """Of all states that were asked about, as many as fit, spread over the run."""
        assert self.scene is not None
        steps = sorted(self.past)
        chosen = [steps[round(place)] for place in np.linspace(0, len(steps) - 1, min(STATES, len(steps)))]
        made = np.concatenate([self.past[step] for step in chosen])
        names = [brief(step) for step in chosen]
        self.history.show_pictures(made, self.scene, len(chosen), Margins((("same z", "at step"),), names))

    def _forget(self) -> None:
        """Nothing is known."""
        self._last, self._answered = None, -1
        for timer in (self._again, self._past_again):
            timer.stop()
        self.large.clear("" if self.choice else HINT)
        self.near.clear("")
        self.history.clear("")
        self.code.show_code(np.empty(0, np.float32), 0, "z")
        self.told.setVisible(self.choice is not None)
        self._facts = ("", "", "")
        self._take_room()
        self.header.set_subtitle("")


def brief(step: int) -> str:
    """A step in few letters: 950, 1.2k, 34k, 1.5M."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if step >= unit:
            return f"{step / unit:.3g}{letter}" if step < 10 * unit else f"{step / unit:.0f}{letter}"
    return str(step)


def _facts(distance: Array, limit: float, others: str) -> tuple[str, str, str]:
    """What the strip is, how near the nearest picture is, and how near is too near; in brief; and in fewest words."""
    told, least = f"Nearest {others} pictures, pixels % off", f"Nearest {others}, % off"
    if not np.isfinite(limit):
        return f"{told} from black to white:", f"{told}:", least
    end = "is it a copy?" if distance[0] < limit else "no copy."
    return (
        f"{told}; 19 of 20 unseen ones are over {percent(limit)} off: {end}",
        f"{least} (unseen {percent(limit).removesuffix(' %')}+)",
        least,
    )
