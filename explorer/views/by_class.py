"""Class by class: the same noise as a sample of each class."""

from __future__ import annotations

from typing import ClassVar, Final

from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Arrays, Scene, Snapshot
from explorer.views._base import is_picture
from explorer.views._card import Card, card
from explorer.views._picture_sheet import Margins, PictureSheet
from explorer.views._rate_bars import SUBSCRIPTS

OBSERVATION: Final = "by_class"

EMPTY: Final = "Press Space to train: each class has a row here."
COMING: Final = "The pictures of this step are being made…"
HELP: Final = "A row for each class c, a column for each z: what a column has in common is not the class."


@card
class ByClassView(Card):
    """A row for each class and a column for each z."""

    key: ClassVar[str] = "by_class"
    beside: ClassVar[str] = "data"
    title: ClassVar[str] = "Class by class"
    tab: ClassVar[str] = "By class"
    order: ClassVar[int] = 60
    fronts: ClassVar[bool] = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet = PictureSheet(HELP, self)
        self.put(self.sheet)
        self.sheet.clear(EMPTY)

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Pictures, of models that were told their classes."""
        return is_picture(scene) and "classes" in scene.offers

    @property
    def is_late(self) -> bool:
        """Whether its picture of this step is still to come."""
        snapshot = self.snapshot
        is_made = snapshot is not None and OBSERVATION in {*snapshot.pictures, *snapshot.missing}
        return self.is_seen and snapshot is not None and not is_made

    def needs(self) -> frozenset[str]:
        """The one observation."""
        return frozenset({OBSERVATION})

    def draw(self, snapshot: Snapshot) -> None:
        """The rows of this step, or why there are none."""
        arrays = snapshot.pictures.get(OBSERVATION)
        if arrays is None or self.scene is None:
            self._empty(snapshot.missing.get(OBSERVATION, COMING))
            return
        self._show(arrays, self.scene)

    def blank(self) -> None:
        """No rows."""
        self._empty(EMPTY)

    def take_scene(self, scene: Scene) -> None:
        """Other classes, or none."""
        self._empty(EMPTY)

    def restyle(self) -> None:
        """Colours and sizes."""
        self.sheet.theme, self.sheet.scale = self.theme, self.scale
        self.sheet.update()

    def _show(self, arrays: Arrays, scene: Scene) -> None:
        rows = [(scene.class_names[index], "") for index in arrays["class"]]
        columns = len(arrays["x"]) // len(rows)
        heads = [f"z{str(column + 1).translate(SUBSCRIPTS)}" for column in range(columns)]
        caption = "samples of p(x|c): one class a row, one z a column"
        self.sheet.show_pictures(arrays["x"], scene, columns, Margins(rows, heads, caption))
        known = len(scene.class_names)
        shown = f"the first {len(rows)} of {known} classes" if len(rows) < known else f"{known} classes"
        self.header.set_subtitle(f"{shown}, the same {columns} z in each row", shown)

    def _empty(self, message: str) -> None:
        self.sheet.clear(message)
        self.header.set_subtitle("")
