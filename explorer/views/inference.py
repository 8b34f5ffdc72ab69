"""Inference: what z a point of data comes from, as it is, as the encoder says, and as the best Gaussian would say."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Final

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from explorer.session.snapshot import Arrays, Scene, Snapshot
from explorer.views._base import is_picture
from explorer.views._card import Card, card
from explorer.views._gap_bar import GapBar, Split, signed
from explorer.views._header import Chip
from explorer.views._posterior_plot import PosteriorPlot
from explorer.views._rate_bars import RateBars, Wordings

QUESTION: Final = "posterior"
OBSERVATION: Final = "inference"

TALL_PX: Final = 360
"""From this height on, logical pixels, there is room for the scale of the gaps."""

SHORT_PX: Final = 212
"""Below this height there is none for the gaps: with a projector's letters the cards would lie on one another."""

AGAIN_MS: Final = 400
"""While training goes on, the same point is asked about again so long after its last answer."""

HINT: Final = "Point at the data space,\nor press “next x”: which z\ndoes that x come from?"
PICTURE_HINT: Final = "Press “next x”: which z\ndoes that picture come from?"
TERMS_HINT: Final = "The terms of the bound, averaged over data, appear here."

CHIPS: Final = {
    "posterior": "Which z a point comes from: the posterior p(z|x), q(z|x) of the encoder, and the best Gaussian q.",
    "terms": "The bound split into its terms, averaged over data, and the dimensions of z that are in use.",
}
"""The pages of the card, with what each shows."""


@card
class InferenceView(Card):
    """Two pages: the posterior of the point under the mouse with its gaps, and the terms of the bound over the data."""

    key: ClassVar[str] = "inference"
    beside: ClassVar[str] = "latent"
    title: ClassVar[str] = "Inference"
    follows: ClassVar[bool] = True

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.datum: np.ndarray | None = None
        self.answer: Arrays | None = None
        self._number = -1
        self._answered = -1
        self.plot, self.gaps = PosteriorPlot(self), GapBar(self)
        self.mean_gaps, self.rates = GapBar(self), RateBars(self)
        self.pages = {
            "posterior": _joined(QVBoxLayout(), _joined(QHBoxLayout(), self.plot, self.plot.legend), self.gaps),
            "terms": _joined(QVBoxLayout(), self.rates, self.mean_gaps),
        }
        for page in self.pages.values():
            self.put(page)
        self._again = QTimer(self, singleShot=True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._ask_again)
        self.chips = self._make_chips()
        self.show_page("posterior")
        self._forget()

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Models with an encoder that infers z."""
        return "posterior" in scene.offers

    def needs(self) -> frozenset[str]:
        """The averages, while they are looked at."""
        return frozenset({OBSERVATION}) if self.page == "terms" else frozenset()

    @property
    def is_late(self) -> bool:
        """Whether the posterior is of an earlier step."""
        is_stale = self.snapshot is not None and self._answered != self.snapshot.step
        return self.datum is not None and self.is_seen and self.page == "posterior" and is_stale

    def show_page(self, key: str) -> None:
        """Turn to one of the pages."""
        self.page = key
        for name, page in self.pages.items():
            page.setVisible(name == key)
        self.chips[key].setChecked(True)
        if self.snapshot is not None and self.is_seen:
            self.draw(self.snapshot)
        self._describe()
        self._mark()
        self.wanted_changed.emit()

    def point(self, x: float, y: float) -> None:
        """The mouse is at this place; of data with more coordinates the sample that is shown nearest to it is meant."""
        if self.scene is None or is_picture(self.scene):
            return
        place = np.array([x, y], np.float32)[: self.scene.dimension]
        if self.scene.dimension > len(place):
            shown = self.scene.real[:, : len(place)]
            self._choose(int(np.linalg.norm(shown - place, axis=1).argmin()))
        else:
            self._number = -1
            self._ask(place[None])

    def next_sample(self) -> None:
        """Ask about the next real sample."""
        if self.scene is not None and len(self.scene.real):
            self._choose((self._number + 1) % len(self.scene.real))

    def show_answer(self, question: str, arrays: Arrays) -> None:
        """Draw what is inferred of a point."""
        if question != QUESTION or self.scene is None or self.datum is None:
            return
        self.answer = arrays
        self._answered = -1 if self.snapshot is None else self.snapshot.step
        self.plot.show_posterior(arrays)
        self.gaps.show_split(_split(arrays))
        self._describe()
        self._mark()

    def set_front(self, front: bool) -> None:  # noqa: FBT001  (a slot)
        """What is not seen tells of no point."""
        super().set_front(front)
        self._mark()

    def hideEvent(self, event: QHideEvent) -> None:
        """The same."""
        super().hideEvent(event)
        self._mark()

    def draw(self, snapshot: Snapshot) -> None:
        """The averages of this step; the point is asked about again, for other weights infer something else."""
        arrays = snapshot.pictures.get(OBSERVATION)
        if arrays is not None:
            self._draw_terms(arrays)
        if self.page != "posterior":
            return
        self._mark()
        if self.datum is None:
            self.next_sample()
        elif not self._again.isActive():
            self._again.start()

    def clear(self) -> None:
        """A new run: the point stays, what was inferred of it is gone."""
        super().clear()
        self._forget()

    def take_scene(self, scene: Scene) -> None:
        """Points of other data mean nothing here."""
        self.datum, self._number = None, -1
        self._forget()

    def restyle(self) -> None:
        """Colours and sizes of the pages."""
        self.plot.set_style(self.theme, self.scale)
        for part in (self.gaps, self.mean_gaps, self.rates):
            part.set_theme(self.theme, self.scale)
        for chip in self.chips.values():
            chip.set_theme(self.theme, self.scale, "")
        self.header.arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little height, the plots have most of it."""
        super().resizeEvent(event)
        for bar in (self.gaps, self.mean_gaps):
            bar.set_brief(self.height() < TALL_PX * self.scale)
            bar.setVisible(self.height() >= SHORT_PX * self.scale)

    def _make_chips(self) -> dict[str, Chip]:
        chips = {key: Chip(key, help_text, fades=False) for key, help_text in CHIPS.items()}
        group = QButtonGroup(self)
        for key, chip in chips.items():
            group.addButton(chip)
            chip.clicked.connect(partial(self._turn_to, key))
        chips["next"] = Chip("next x", "Infers z of the next real sample.", fades=False)
        chips["next"].setCheckable(False)
        chips["next"].clicked.connect(self._next)
        self.header.set_parts(list(chips.values()))
        return chips

    def _turn_to(self, key: str, *_: object) -> None:
        self.show_page(key)

    def _next(self, *_: object) -> None:
        self.show_page("posterior")
        self.next_sample()

    def _choose(self, number: int) -> None:
        assert self.scene is not None, "there are samples only with a scene"
        self._number = number
        self._ask(np.asarray(self.scene.real[number : number + 1], np.float32))

    def _ask(self, x: np.ndarray) -> None:
        self.datum = x
        if self.page == "posterior":
            self.asked.emit(QUESTION, {"x": x, "number": np.array(self._number)})

    def _ask_again(self) -> None:
        if self.datum is not None and self.is_late:
            self._ask(self.datum)

    def _forget(self) -> None:
        """Nothing is known."""
        self.answer, self._answered = None, -1
        self._again.stop()
        picture = self.scene is not None and is_picture(self.scene)
        self.plot.clear_posterior(PICTURE_HINT if picture else HINT)
        self.gaps.show_split(None)
        self.mean_gaps.show_split(None)
        self.rates.show_rates([], [], [], (TERMS_HINT,), ())
        self._describe()
        self._mark()

    def _mark(self) -> None:
        """Let the data space show which point it is about."""
        self.marked.emit(self.answer if self.is_seen and self.page == "posterior" else None)

    def _draw_terms(self, arrays: Arrays) -> None:
        _, fitted = (int(n) for n in arrays["points"])
        self.mean_gaps.show_split(_split(arrays), f"mean of {fitted} points: ")
        self.rates.by_rate = bool(arrays["by_rate"])
        self.rates.show_rates(arrays["rate"], arrays["activity"], arrays["used"].astype(bool), *_terms(arrays))
        self._describe()

    def _describe(self) -> None:
        if self.page == "terms":
            used = self.rates.used
            count = f"{int(used.sum())} of {len(used)} dimensions in use" if len(used) else ""
            self.header.set_subtitle(f"{count} (Var[μ] > .01, rate > .05)" if count else "", count)
        else:
            where = self._place()
            self.header.set_subtitle(where or "point at the data space", where)

    def _place(self) -> str:
        """Which point it is about."""
        if self.answer is None:
            return ""
        x = self.answer["x"][0]
        if self._number >= 0 and len(x) > 2:
            return f"real sample {self._number + 1:,}"
        inside = ", ".join(f"{value:.2f}" for value in x)
        return f"x = {inside}".replace("-", "−") if len(x) == 1 else f"x = ({inside})".replace("-", "−")


def _joined(layout: QBoxLayout, wide: QWidget, narrow: QWidget) -> QWidget:
    """Both in one; the first has what room there is."""
    both = QWidget()
    both.setLayout(layout)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(wide, 1)
    layout.addWidget(narrow)
    return both


def _split(arrays: Arrays) -> Split:
    amortised, best, whole = (float(arrays[name]) for name in ("elbo", "best_elbo", "log_prob"))
    return Split(amortised, best, whole, exact=bool(arrays["exact"]))


def _terms(arrays: Arrays) -> tuple[Wordings, Wordings]:
    """The bound as its two terms, and what the bars are, in a line each."""
    reconstruction, rate = float(arrays["reconstruction"]), float(arrays["total_rate"])
    bound, first, second = (signed(value) for value in (reconstruction - rate, reconstruction, rate))
    told = f"I(x; z) = {signed(float(arrays['information']))} nats"
    bars = "rate of each" if arrays["by_rate"] else "information of each"
    return (
        (f"ELBO {bound} = reconstruction {first} − rate {second} nats", f"ELBO {bound} = {first} − rate {second} nats"),
        (f"{bars}, mean of {int(arrays['points'][0])} points · {told}", f"{bars} · {told}", told),
    )
