"""A card with one picture that is painted from one observation, or a sentence where there is nothing to see."""

from __future__ import annotations

from typing import ClassVar, Final

from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Arrays, Scene, Snapshot
from explorer.views._card import Card
from explorer.views._painted import Painted

COMING: Final = "The picture of this step is being made…"
"""What a card says that was brought to the front: its picture may take seconds where a sampler takes many steps."""


class PaintedCard(Card):
    """Its observation has its own key, and is made only while the card is seen.

    Attributes:
        paints: the picture's class.
    """

    paints: ClassVar[type[Painted]]
    beside = "curves"
    fronts = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = self.paints(self)
        self.put(self.picture)
        self._empty("press Space to train")

    def flaw(self, arrays: Arrays) -> str:
        """Why these arrays make no picture, one sentence; empty if they do."""
        return ""

    def words(self, arrays: Arrays) -> tuple[str, ...]:
        """What is to be seen, the longest wording first."""
        raise NotImplementedError

    def needs(self) -> frozenset[str]:
        """The one observation."""
        return frozenset({self.key})

    def blank(self) -> None:
        """No picture."""
        self._empty("")

    def take_scene(self, scene: Scene) -> None:
        """Nothing is known of the new run yet."""
        self._empty("")

    def draw(self, snapshot: Snapshot) -> None:
        """What this snapshot's weights give."""
        arrays = snapshot.pictures.get(self.key)
        reason = snapshot.missing.get(self.key, "") if arrays is None else self.flaw(arrays)
        if arrays is None or reason:
            self._empty(reason or COMING)
            return
        self.picture.show_arrays(arrays)
        self.header.set_subtitle(*self.words(arrays))

    def restyle(self) -> None:
        """Colours and sizes of the picture."""
        self.picture.theme, self.picture.scale = self.theme, self.scale
        self.picture.update()

    def _empty(self, reason: str) -> None:
        self.picture.message = reason
        self.picture.show_arrays(None)
        self.header.set_subtitle("")
