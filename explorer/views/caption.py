"""Type and see: samples of the model for a caption, live while it trains."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape
from typing import ClassVar, Final

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QPalette, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QSlider, QVBoxLayout, QWidget

from explorer.session.snapshot import Array, Arrays, Scene, Snapshot
from explorer.views._base import is_picture
from explorer.views._card import Card, card
from explorer.views._header import Chip
from explorer.views._picture_sheet import Margins, PictureSheet
from explorer.widgets.plot import plot_font
from explorer.widgets.theme import SMALL_PX

QUESTION: Final = "caption"

TYPED_MS: Final = 180
"""Nothing is asked until so long after the last key …"""

AGAIN_MS: Final = 300
"""… and the same is asked again so long after the last answer while training goes on."""

EXAMPLES: Final = 6
"""Captions that are offered as chips …"""

FEW: Final = 3
"""… and rows of them."""

EDGE: Final = 12
SPACE: Final = 4

LARGEST_PX: Final = 200.0

FINE: Final = 10
"""Places of the slider to one unit of w …"""

STRONGEST: Final = 10
"""… of which there are so many."""

EMPTY: Final = "Press Space to train: pictures of the caption appear here."
COMING: Final = "The pictures of this caption are being made…"
UNKNOWN: Final = "Unknown words are named above; a click on a known word replaces the first of them."
HINT: Final = "Describe a picture, such as “a small red square”"
HELP: Final = "Samples of p(x|c) for the caption c, always of the same noise."
GUIDANCE: Final = (
    "Guidance w: how much of the difference that the caption makes is added once more. For this card alone."
)


@card
class CaptionView(Card):
    """A line of text, and samples of what it says."""

    key: ClassVar[str] = "caption"
    beside: ClassVar[str] = "data"
    title: ClassVar[str] = "Caption"
    order: ClassVar[int] = -10

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line, self.problem, self.known = QLineEdit(), QLabel(), QLabel()
        self.sheet, self.guidance, self.weight = PictureSheet(HELP), QSlider(Qt.Orientation.Horizontal), QLabel()
        self.examples: list[Chip] = []
        self.words: tuple[str, ...] = ()
        self.unknown: tuple[str, ...] = ()
        self._answered, self._own = -1, np.nan
        self.sheet.largest = LARGEST_PX
        self._typed, self._again = self._timer(TYPED_MS), self._timer(AGAIN_MS)
        self._lay_out()
        self.line.textEdited.connect(lambda _: self._typed.start())
        self.line.returnPressed.connect(self.ask)
        self.known.linkActivated.connect(self.take_word)
        self.guidance.valueChanged.connect(self._guide)
        self._empty(EMPTY)

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Pictures, of models that were told captions of them."""
        return is_picture(scene) and "captions" in scene.offers

    @property
    def is_late(self) -> bool:
        """Whether what is seen is of an earlier step."""
        return self.is_seen and self.snapshot is not None and self._answered != self.snapshot.step

    # ---- what a person does

    def write(self, text: str) -> None:
        """Put a caption into the line, and ask."""
        self.line.setText(text)
        self.ask()

    def take_word(self, word: str) -> None:
        """Put a known word in the place of the first unknown one, or else at the end."""
        text = self.line.text()
        if self.unknown:
            self.write(_replaced(text, self.unknown[0], word))
        else:
            self.write(f"{text} {word}".strip())
        self.line.setFocus()

    def ask(self) -> None:
        """Ask for samples of what is written."""
        self._typed.stop()
        if self.scene is None or self.snapshot is None or not self.is_seen:
            return
        asked: dict[str, Array] = {"text": np.array(self.line.text())}
        if not np.isnan(self._own):
            asked["guidance"] = np.array(self.guidance.value() / FINE, np.float32)
        self.asked.emit(QUESTION, asked)

    # ---- answers

    def show_answer(self, question: str, arrays: Arrays) -> None:
        """Samples, or the words that are not known; what answers another text is dropped."""
        if question != QUESTION or self.scene is None or str(arrays["text"]) != self.line.text():
            return
        is_first = not self.words
        self._answered = -1 if self.snapshot is None else self.snapshot.step
        self._learn(arrays)
        self._say_unknown(tuple(arrays["unknown"].tolist()) if "unknown" in arrays else (), arrays)
        if "x" in arrays and not (is_first and not self.line.text()):
            self._show(arrays["x"], self.scene)
        if is_first and not self.line.text() and self.examples:
            self.write(self.examples[0].text())

    def draw(self, snapshot: Snapshot) -> None:
        """Other weights make other pictures of the same caption."""
        if not self.words:
            self.sheet.clear(COMING)
            self.ask()
        elif self.is_late and not self._again.isActive():
            self._again.start()

    def blank(self) -> None:
        """No pictures; what was written stays."""
        self._empty(EMPTY)

    def take_scene(self, scene: Scene) -> None:
        """Other data have other words."""
        self.line.clear()
        self._own = np.nan
        self._learn({"words": np.array([], str), "examples": np.array([], str)})
        self._empty(EMPTY)

    def restyle(self) -> None:
        """Colours and sizes of the parts."""
        self.sheet.theme, self.sheet.scale = self.theme, self.scale
        self.sheet.update()
        self.line.setFont(plot_font(SMALL_PX + 2, self.scale))
        for label, ink in (
            (self.problem, self.theme.alarm),
            (self.known, self.theme.muted),
            (self.weight, self.theme.text),
        ):
            label.setFont(plot_font(SMALL_PX, self.scale))
            colours = label.palette()
            colours.setColor(QPalette.ColorRole.WindowText, QColor(ink))
            label.setPalette(colours)
        for chip in self.examples:
            chip.set_theme(self.theme, self.scale, "")
            chip.setFixedHeight(chip.sizeHint().height())
        self._place_examples()
        self._offer()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for other rows of examples."""
        super().resizeEvent(event)
        self._place_examples()

    # ---- parts

    def _timer(self, interval: int) -> QTimer:
        timer = QTimer(self, singleShot=True)
        timer.setInterval(interval)
        timer.timeout.connect(self.ask)
        return timer

    def _lay_out(self) -> None:
        self.line.setPlaceholderText(HINT)
        self.line.setAccessibleName("caption")
        self.line.setClearButtonEnabled(True)
        self.guidance.setRange(0, STRONGEST * FINE)
        self.guidance.setToolTip(GUIDANCE)
        self.guidance.setAccessibleName("guidance w")
        self.guidance.setMaximumWidth(150)
        for label in (self.problem, self.known):
            label.setWordWrap(True)
        self.known.setTextFormat(Qt.TextFormat.RichText)
        self._chips = QGridLayout()
        self._chips.setSpacing(SPACE)
        top = QHBoxLayout()
        top.addWidget(self.line, 1)
        top.addWidget(self.weight)
        top.addWidget(self.guidance)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(EDGE, 4, EDGE, 8)
        column.setSpacing(5)
        column.addLayout(top)
        column.addWidget(self.problem)
        column.addLayout(self._chips)
        column.addWidget(self.sheet, 1)
        column.addWidget(self.known)
        self.put(body)
        self._show_guidance()

    def _learn(self, arrays: Arrays) -> None:
        """The words and examples of these data, and the weight of the guidance, if there is one."""
        words, texts = tuple(arrays["words"].tolist()), arrays["examples"].tolist()[:EXAMPLES]
        if words != self.words or texts != [chip.text() for chip in self.examples]:
            self.words = words
            self._make_examples(texts)
            self._offer()
        if "own" in arrays and np.isnan(self._own):
            self._own = float(arrays["own"])
            self.guidance.blockSignals(True)  # noqa: FBT003  (nobody moved it)
            self.guidance.setValue(round(self._own * FINE))
            self.guidance.blockSignals(False)  # noqa: FBT003
        self._show_guidance()

    def _make_examples(self, texts: Sequence[str]) -> None:
        for chip in self.examples:
            self._chips.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.examples = [Chip(text, "Writes this caption.", fades=False) for text in texts]
        for chip in self.examples:
            chip.setCheckable(False)
            chip.set_theme(self.theme, self.scale, "")
            chip.setFixedHeight(chip.sizeHint().height())
            chip.clicked.connect(partial(self._take_example, chip))
        self._place_examples()

    def _place_examples(self) -> None:
        """In two columns; in one, and fewer, where their words would not fit."""
        widest = max((chip.sizeHint().width() for chip in self.examples), default=0)
        columns = 2 if 2 * widest + 2 * EDGE + SPACE <= self.width() else 1
        for place, chip in enumerate(self.examples):
            self._chips.addWidget(chip, place // columns, place % columns)
            chip.setHidden(place >= FEW * columns)

    def _take_example(self, chip: Chip, *_: object) -> None:
        self.write(chip.text())

    def _offer(self) -> None:
        """The known words, each to be pressed."""
        # The colour is part of the text, for text that stays the same is not drawn anew with another palette.
        style = f"text-decoration:none; color:{self.theme.data}"
        links = " · ".join(f'<a style="{style}" href="{escape(w)}">{escape(w)}</a>' for w in self.words)
        self.known.setText(f"known words: {links}" if self.words else "")
        self.known.setToolTip("A click writes the word: in place of an unknown one, or at the end.")

    def _say_unknown(self, unknown: tuple[str, ...], arrays: Arrays) -> None:
        self.unknown = unknown
        self.problem.setText(str(arrays["problem"]) if "problem" in arrays else "")
        self.problem.setVisible(bool(unknown))
        if unknown and self.sheet.is_empty:
            self.sheet.clear(UNKNOWN)

    def _show(self, x: Array, scene: Scene) -> None:
        text = self.line.text().strip() or "any caption"
        self.sheet.show_pictures(x, scene, 0, Margins(caption=f"samples for “{text}”"))
        self.header.set_subtitle(f"{len(x)} samples of p(x|c), always of the same z", f"{len(x)} samples of p(x|c)")

    def _guide(self, *_: object) -> None:
        self._show_guidance()
        self._typed.start()

    def _show_guidance(self) -> None:
        for part in (self.weight, self.guidance):
            part.setVisible(not np.isnan(self._own))
        self.weight.setText(f"w = {self.guidance.value() / FINE:.1f}")

    def _empty(self, message: str) -> None:
        self._again.stop()
        self._typed.stop()
        self._answered = -1
        self.sheet.clear(message)
        self._say_unknown((), {})
        self.header.set_subtitle("")


def _replaced(text: str, unknown: str, word: str) -> str:
    """The text with the first of these words replaced, whatever its case."""
    start = text.lower().find(unknown)
    return text if start < 0 else text[:start] + word + text[start + len(unknown) :]
