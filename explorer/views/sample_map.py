"""Map: the data and the model's samples on one plane, by pixels or features, by variance or by neighbours."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
from PySide6.QtWidgets import QButtonGroup, QWidget

from explorer.session.snapshot import Array, Arrays, Scene, Snapshot
from explorer.views._base import is_picture
from explorer.views._card import Card, card
from explorer.views._header import Chip
from explorer.views._map_picture import MapPicture, Point

QUESTION: Final = "thumbnail"

EMPTY: Final = "Press Space to train: data and samples appear on one map here."
COMING: Final = "The map is being laid out…"
LEARNING: Final = "The features are being learnt, a little at a time: training is not held up."

OBSERVATIONS: Final = {
    ("variance", "pixels"): "pixel_map",
    ("variance", "features"): "feature_map",
    ("neighbours", "pixels"): "pixel_neighbours",
    ("neighbours", "features"): "feature_neighbours",
}
"""What is made of which chips."""

HELP: Final = {
    "variance": "The first two principal components of the data, found once; samples are projected onto them.",
    "neighbours": (
        "t-SNE of 600 data, laid out once: points nearby are alike, large distances mean nothing. Samples are not "
        "laid out: each stands at the mean of the places of the 5 data nearest to it, weighted by 1/distance²."
    ),
    "pixels": "What is near is alike pixel by pixel; pictures of more than 32 pixels a side are averaged to that.",
    "features": (
        "What is near is alike to a small classifier that was trained on these data, the one that measures use; "
        "principal components where data have no classes."
    ),
    "classes": (
        "Colours of classes: data are dots, samples rings. A sample has the class that it was told, or else that of "
        "the datum nearest to it."
    ),
    "pictures": "A few points with their pictures.",
}

MOST_CLASSES: Final = 26
"""Of more, no colours could be told apart."""


@card
class SampleMap(Card):
    """One plane with data in blue and samples in orange, or both by class; the mouse shows the pictures."""

    key: ClassVar[str] = "map"
    beside: ClassVar[str] = "data"
    title: ClassVar[str] = "Map"
    order: ClassVar[int] = 55
    fronts: ClassVar[bool] = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = MapPicture(self)
        self.put(self.picture)
        self.picture.pointed.connect(self._ask)
        self.picture.pressed.connect(self._pick)
        self.chips = self._make_chips()
        self._empty(EMPTY)

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Samples that are pictures."""
        return is_picture(scene)

    @property
    def observation(self) -> str:
        """Key of the one that the chips ask for."""
        way = "neighbours" if self.chips["neighbours"].isChecked() else "variance"
        return OBSERVATIONS[way, "features" if self.chips["features"].isChecked() else "pixels"]

    @property
    def is_late(self) -> bool:
        """Whether the layout goes on."""
        snapshot, arrays = self.snapshot, self.picture.arrays
        if snapshot is None or self.observation in snapshot.missing:
            return False
        return self.is_seen and (arrays is None or float(arrays["share"]) < 1)

    def needs(self) -> frozenset[str]:
        """One of the four."""
        return frozenset({self.observation})

    def draw(self, snapshot: Snapshot) -> None:
        """The map of this step, or why there is none."""
        arrays = snapshot.pictures.get(self.observation)
        if arrays is None:
            self._empty(snapshot.missing.get(self.observation, COMING))
        elif not len(arrays["data"]):
            self._empty(LEARNING)
        else:
            self._show(arrays)

    def show_answer(self, question: str, arrays: Arrays) -> None:
        """The picture under the mouse."""
        if question == QUESTION:
            self.picture.show_thumbnail(Point(bool(arrays["real"]), int(arrays["number"])), arrays["x"])

    def blank(self) -> None:
        """No map."""
        self._empty(EMPTY)

    def take_scene(self, scene: Scene) -> None:
        """Other data; colours are for classes that can be told apart."""
        self.picture.scene = scene
        few = 0 < len(scene.class_names) <= MOST_CLASSES
        self.chips["classes"].set_missing("" if few else "These data have no classes that colours could tell apart.")
        self._recolour()
        self._empty(EMPTY)

    def restyle(self) -> None:
        """Colours and sizes."""
        self.picture.theme, self.picture.scale = self.theme, self.scale
        self.picture.update()
        for chip in self.chips.values():
            chip.set_theme(self.theme, self.scale, "")
        self.header.arrange()

    def _show(self, arrays: Arrays) -> None:
        self.picture.axes = axes_of(arrays["explained"])
        self.picture.show_arrays(arrays)
        counts = f"{len(arrays['data'])} data, {len(arrays['fake'])} samples"
        share = float(arrays["share"])
        self.header.set_subtitle(counts if share >= 1 else f"{counts} · laying out, {100 * share:.0f} %", counts)

    def _make_chips(self) -> dict[str, Chip]:
        chips = {key: Chip(key, words, fades=False) for key, words in HELP.items()}
        for pair in (("variance", "neighbours"), ("pixels", "features")):
            group = QButtonGroup(self)
            for key in pair:
                group.addButton(chips[key])
                chips[key].clicked.connect(self._turn)
            chips[pair[0]].setChecked(True)
        chips["pictures"].setChecked(True)
        for key in ("classes", "pictures"):
            chips[key].clicked.connect(self._recolour)
        self.header.set_parts(list(chips.values()))
        return chips

    def _turn(self, *_: object) -> None:
        self._empty(COMING)
        if self.snapshot is not None:
            self.draw(self.snapshot)
        self.wanted_changed.emit()

    def _recolour(self, *_: object) -> None:
        chip = self.chips["classes"]
        self.picture.by_class = chip.isChecked() and chip.isEnabled()
        self.picture.with_pictures = self.chips["pictures"].isChecked()
        self.picture.update()

    def _ask(self, point: Point | None) -> None:
        if point is not None:
            asked = {"number": np.array(point.number), "real": np.array(int(point.is_real))}
            self.asked.emit(QUESTION, asked)

    def _pick(self, point: Point) -> None:
        self.picked.emit(point.is_real, point.number)

    def _empty(self, message: str) -> None:
        self.picture.here = self.picture.thumbnail = None
        self.picture.message = message
        self.picture.show_arrays(None)
        self.header.set_subtitle("")


def axes_of(explained: Array) -> tuple[str, str]:
    """What the axes are, across and up; those of neighbours mean nothing by themselves."""
    if not explained.any():
        return "places by t-SNE, without unit", ""
    across, up = (f"{100 * share:.0f} % of the variance" for share in explained.tolist())
    return f"first principal component: {across}", f"↑ second: {up}"
