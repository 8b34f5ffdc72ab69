"""Through latent space: what lies between latents, and what each direction does to a picture."""

from __future__ import annotations

import time
from functools import partial
from typing import ClassVar, Final

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from explorer.session.snapshot import Array, Arrays, Scene, Snapshot
from explorer.views._base import is_picture
from explorer.views._card import Card, card
from explorer.views._direction_sliders import DirectionSliders
from explorer.views._header import Chip
from explorer.views._picture_sheet import Margins, PictureSheet
from explorer.views._traversal_names import LETTERS, corners, margins_between, names_of, row_words

OBSERVATION: Final = "traversal"

AGAIN_MS: Final = 300
"""While training goes on, the same is asked again so long after the last answer."""

RANK_S: Final = 2.0
"""Directions are put in a new order no more often."""

COMING: Final = "The pictures of this step are being made…"
EMPTY: Final = "Press Space to train: pictures of the model appear here."

PAGES: Final = {
    "between": "What lies between two latents, or four: click pictures to choose the ends A, B, C, D.",
    "along": "What each latent dimension does: one is moved along its row, all others stay.",
}
"""The pages of the card, with what each shows."""

CHOICES: Final = "Fixed latents as pictures: a click makes one the next end."
STRIP: Final = "From one end to the other, straight and along a great circle."
GRID: Final = "Rows are directions, columns places along them: a click moves the slider there."
FOUR: Final = "A sheet between four latents instead of a strip between two."
ROUND: Final = (
    "Great circles instead of straight lines: normal noise lies near a sphere, and straight lines lead through the "
    "inside, where it hardly ever is."
)
DIRECTIONS: Final = (
    "Directions that change this picture most, the singular vectors of ∂x/∂z, instead of the coordinates of z. Where "
    "there are too many coordinates, they are sought in the span of a few: the data's principal components for noise "
    "that turns into data in place."
)
RESET: Final = "Back to the z of the picture itself; the order of the rows follows training again."
NOT_NORMAL: Final = "Only normal noise lies near a sphere: between latents of this law the way is straight."
BOTH: Final = "Between two latents both ways are shown; with four ends this chooses one."
FEW_COORDINATES: Final = 16
"""Latents with more are shown by directions at first, unless an encoder says which coordinates matter."""


@card
class TraversalView(Card):
    """Two pages: interpolation between two or four latents, and traversals along directions, with sliders."""

    key: ClassVar[str] = "traversal"
    beside: ClassVar[str] = "data"
    title: ClassVar[str] = "Traversal"
    order: ClassVar[int] = 50
    fronts: ClassVar[bool] = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ends, self.number, self._turn_of = [0, 1, 2, 3], 0, 0
        self.page = "between"
        self.choices, self.strip = PictureSheet(CHOICES), PictureSheet(STRIP)
        self.grid, self.sliders = PictureSheet(GRID), DirectionSliders()
        self.pages = {
            "between": _joined(QVBoxLayout(), (self.choices, 5), (self.strip, 4)),
            "along": _joined(QHBoxLayout(), (self.grid, 5), (self.sliders, 3)),
        }
        for page in self.pages.values():
            self.put(page)
        self.found: Arrays | None = None
        self._is_held, self._ranked_at, self._answered = False, -RANK_S, -1
        self._is_normal = True
        self._again = QTimer(self, singleShot=True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self.ask)
        self.choices.pressed.connect(self.choose)
        self.grid.pressed.connect(self._press_cell)
        self.sliders.moved.connect(self._hold)
        self.chips = self._make_chips()
        self._empty(EMPTY)
        self.show_page("between")

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Samples are pictures; where z decides none, the card says why."""
        return is_picture(scene)

    def needs(self) -> frozenset[str]:
        """The pictures to choose from."""
        return frozenset({OBSERVATION})

    @property
    def is_late(self) -> bool:
        """Whether what is seen is of an earlier step."""
        snapshot = self.snapshot
        if snapshot is None or OBSERVATION in snapshot.missing:
            return False
        return self.is_seen and self._answered != snapshot.step

    @property
    def count(self) -> int:
        """How many ends there are."""
        return 4 if self.chips["four"].isChecked() else 2

    # ---- what a person does

    def show_page(self, key: str) -> None:
        """Turn to one of the pages."""
        self.page = key
        for name, page in self.pages.items():
            page.setVisible(name == key)
        self.chips[key].setChecked(True)
        shown = {"between": ("four", "round", "next", "shuffle"), "along": ("directions", "next", "shuffle", "reset")}
        self.header.set_shown([self.chips[name] for name in (*PAGES, *shown[key])])
        self._answered = -1
        self.ask()
        self._describe()

    def choose(self, number: int) -> None:
        """Make a picture the next end, or the one whose z is gone through."""
        self.number = number
        self.ends[self._turn_of % self.count] = number
        self._turn_of = (self._turn_of + 1) % self.count
        self._let_go()
        self.ask()

    def next_latents(self) -> None:
        """Go on to the pictures that follow."""
        n = max(1, len(self.choices.images))
        self.ends = [(end + self.count) % n for end in self.ends]
        self._take_up((self.number + 1) % n)

    def shuffle(self) -> None:
        """Ends by chance."""
        n = max(len(LETTERS), len(self.choices.images))
        self.ends = np.random.default_rng().permutation(n)[: len(LETTERS)].tolist()
        self._take_up(self.ends[0])

    def reset(self) -> None:
        """Sliders back to the picture's own z."""
        self._let_go()
        self.ask()

    # ---- questions and answers

    def ask(self) -> None:
        """Ask for the pictures of the page that is seen."""
        if self.scene is None or not self.choices.images or not self.is_seen:
            return
        if self.page == "between":
            ends = np.array(self.ends[: self.count], np.int64)
            self.asked.emit("interpolation", {"ends": ends, "round": np.array(int(self.chips["round"].isChecked()))})
        else:
            self._ask_along()
        self._describe()

    def show_answer(self, question: str, arrays: Arrays) -> None:
        """Draw what was asked last; what belongs to another choice is dropped."""
        takers = {"interpolation": self._take_strip, "traversal": self._take_grid, "latent": self._take_picture}
        if self.scene is not None and question in takers:
            takers[question](arrays, self.scene)

    def draw(self, snapshot: Snapshot) -> None:
        """The choices of this step; all else is asked for again."""
        arrays = snapshot.pictures.get(OBSERVATION)
        if arrays is None or self.scene is None:
            self._empty(snapshot.missing.get(OBSERVATION, COMING))
            return
        is_first = not self.choices.images
        self.choices.show_pictures(arrays["x"], self.scene, 0, Margins(caption="fixed latents z"))
        self._is_normal = bool(arrays["round"])
        self._offer_round()
        self._mark()
        if is_first:
            self.ask()
        elif self.is_late and not self._again.isActive():
            self._again.start()

    def blank(self) -> None:
        """No pictures."""
        self._empty(EMPTY)

    def take_scene(self, scene: Scene) -> None:
        """Latents of another run are others."""
        self._empty(EMPTY)
        self.ends, self.number, self._turn_of = [0, 1, 2, 3], 0, 0
        self.chips["directions"].setChecked(
            scene.latent_dimension > FEW_COORDINATES and "posterior" not in scene.offers
        )

    def restyle(self) -> None:
        """Colours and sizes of the parts."""
        for sheet in (self.choices, self.strip, self.grid):
            sheet.theme, sheet.scale = self.theme, self.scale
            sheet.update()
        self.sliders.set_theme(self.theme, self.scale)
        for chip in self.chips.values():
            chip.set_theme(self.theme, self.scale, "")
        self.header.arrange()

    def _take_strip(self, arrays: Arrays, scene: Scene) -> None:
        if arrays["ends"].tolist() != self.ends[: self.count]:
            return
        columns = int(arrays["columns"])
        self.strip.show_pictures(arrays["x"], scene, columns, margins_between(len(arrays["x"]), columns, self.count))
        self.strip.mark(corners(len(arrays["x"]), columns, self.count))
        self._was_answered()

    def _take_grid(self, arrays: Arrays, scene: Scene) -> None:
        if int(arrays["number"]) != self.number:
            return
        is_new = self.found is None or not self._is_held
        self.found = arrays
        names = names_of(arrays)
        heads = [f"{value:.3g}".replace("-", "−") for value in arrays["values"]]
        span = scene.image_range[1] - scene.image_range[0]
        rows = list(zip(names, row_words(arrays, span), strict=True))
        self.grid.show_pictures(arrays["x"], scene, len(heads), Margins(rows, heads, "z moved along one direction"))
        if is_new or len(self.sliders.sliders) != len(names):
            self.sliders.set_rows(names, arrays["own"], float(arrays["values"][-1]))
        self._ask_picture()

    def _take_picture(self, arrays: Arrays, scene: Scene) -> None:
        is_asked = self.found is not None and len(arrays["places"]) == len(self.sliders.sliders)
        if is_asked and int(arrays["number"]) == self.number:
            self.sliders.show_picture(arrays["x"], scene)
            self._was_answered()

    def _was_answered(self) -> None:
        self._answered = -1 if self.snapshot is None else self.snapshot.step
        self._describe()

    def _ask_along(self) -> None:
        axes = int(not self.chips["directions"].isChecked())
        asked: dict[str, Array] = {"number": np.array(self.number), "axes": np.array(axes)}
        is_recent = time.monotonic() - self._ranked_at < RANK_S
        if self.found is not None and (self._is_held or is_recent):
            asked |= {name: self.found[name] for name in ("mix", "axis", "rate", "used")}
        else:
            self._ranked_at = time.monotonic()
        self.asked.emit("traversal", asked)

    def _ask_picture(self) -> None:
        if self.found is not None:
            asked = {"number": np.array(self.number), "mix": self.found["mix"], "places": self.sliders.places}
            self.asked.emit("latent", asked)

    # ---- parts

    def _make_chips(self) -> dict[str, Chip]:
        chips = {key: Chip(key, help_text, fades=False) for key, help_text in PAGES.items()}
        group = QButtonGroup(self)
        for key, chip in chips.items():
            group.addButton(chip)
            chip.clicked.connect(partial(self._press_page, key))
        switches = {
            "four": ("four ends", FOUR),
            "round": ("great circles", ROUND),
            "directions": ("directions", DIRECTIONS),
        }
        for key, (text, help_text) in switches.items():
            chips[key] = Chip(text, help_text, fades=False)
            chips[key].clicked.connect(self._switch)
        presses = {
            "next": ("next", "Go on to other latents.", self.next_latents),
            "shuffle": ("shuffle", "Random latents.", self.shuffle),
            "reset": ("reset", RESET, self.reset),
        }
        for key, (text, help_text, act) in presses.items():
            chips[key] = Chip(text, help_text, fades=False)
            chips[key].setCheckable(False)
            chips[key].clicked.connect(lambda _=False, act=act: act())
        self.header.set_parts(list(chips.values()))
        return chips

    def _press_page(self, key: str, *_: object) -> None:
        self.show_page(key)

    def _offer_round(self) -> None:
        """Great circles, where there is a choice."""
        choice = BOTH if self.count == 2 else ""
        self.chips["round"].set_missing(choice if self._is_normal else NOT_NORMAL)

    def _switch(self, *_: object) -> None:
        self._turn_of = 0
        self._share_room()
        self._offer_round()
        self._let_go()
        self.ask()

    def _share_room(self) -> None:
        """A sheet needs more height than two strips."""
        layout = self.pages["between"].layout()
        assert isinstance(layout, QVBoxLayout)
        for index, stretch in enumerate((2, 5) if self.count == 4 else (5, 4)):
            layout.setStretch(index, stretch)

    def _take_up(self, number: int) -> None:
        self.number, self._turn_of = number, 0
        self._let_go()
        self.ask()

    def _press_cell(self, number: int) -> None:
        row, column = divmod(number, self.grid.columns)
        if self.found is not None and row < len(self.sliders.sliders):
            self.sliders.set_place(row, float(self.found["values"][column]))

    def _hold(self) -> None:
        self._is_held = True
        self._ask_picture()

    def _let_go(self) -> None:
        """The sliders follow the picture again, and the rows their order."""
        self._is_held, self.found, self._ranked_at = False, None, -RANK_S
        self._mark()

    def _mark(self) -> None:
        self.choices.mark({end: letter for letter, end in zip(LETTERS[: self.count], self.ends, strict=False)})

    def _empty(self, message: str) -> None:
        self._let_go()
        self._again.stop()
        self._answered = -1
        for sheet in (self.choices, self.grid):
            sheet.clear(message)
        self.strip.clear("")
        self.sliders.clear("")
        self._describe()

    def _describe(self) -> None:
        if not self.choices.images:
            self.header.set_subtitle("")
        elif self.page == "between":
            self.header.set_subtitle(f"between {self.count} latents", "")
        elif self.found is not None:
            shown, many = len(self.found["axis"]), int(self.found["many"])
            whole = f"z of picture {self.number + 1}: {shown} of {many} directions, those that change it most first"
            self.header.set_subtitle(whole, f"picture {self.number + 1}: {shown} of {many} directions")


def _joined(layout: QVBoxLayout | QHBoxLayout, *parts: tuple[QWidget, int]) -> QWidget:
    both = QWidget()
    both.setLayout(layout)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for part, stretch in parts:
        layout.addWidget(part, stretch)
    return both
