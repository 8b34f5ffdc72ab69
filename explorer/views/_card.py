"""Cards that come and go: views that have something to show of some models only, each on a dock of its own."""

from __future__ import annotations

from typing import ClassVar, Final, TypeVar

from PySide6.QtCore import Signal

from explorer.session.messages import Rows
from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import View, import_all


class Card(View):
    """A view that is there while it fits the scene. The window finds, docks, feeds and hides it by itself.

    Attributes:
        key: of its dock, its picture and its place in the layout.
        beside: key of the card that it is tabbed with, such as ``data``, ``latent``, ``modes`` or ``curves``.
        replaces: keys of cards that have nothing to say where this one fits.
        follows: whether it wants to know where the mouse points in data space while it moves, not only at a click.
        order: among the cards that fit; the first one that comes is brought to the front of its tabs.
        tab: its name among other tabs, where its title would take the room of theirs.
        fronts: whether it may be; one that is for a second look stays behind the card that it is tabbed with.

    Signals:
        asked: a question and its arrays; ``Witness.answer`` answers it, and ``show_answer`` takes the answer.
        asked_of_past: the same about kept states of the run: a question, its arrays, how many states, and the steps
            that need not be asked again. Each answer comes by itself and has the state's ``step``, shape ().
        marked: the point of data that it tells of, as the arrays that the layers ``datum`` draw; None for none.
        chose: the picture that it tells of: whether it is a real one, and its number; None for none.
        called: a person has asked it something elsewhere: it has to come to the front.
        picked: one of its own pictures was clicked, of which other cards may tell: whether it is a real one, and its
            number.
    """

    asked = Signal(str, object)
    asked_of_past = Signal(str, object, int, object)
    marked = Signal(object)
    chose = Signal(object)
    called = Signal()
    picked = Signal(bool, int)
    key: ClassVar[str]
    beside: ClassVar[str]
    replaces: ClassVar[tuple[str, ...]] = ()
    follows: ClassVar[bool] = False
    order: ClassVar[int] = 0
    tab: ClassVar[str] = ""
    fronts: ClassVar[bool] = True

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Whether there is anything to show of a model of this kind."""
        raise NotImplementedError

    def play(self) -> None:
        """Let what moves by itself move, or stand still."""

    def settle(self) -> None:
        """Come to rest, for a picture is to be taken."""

    @property
    def is_late(self) -> bool:
        """Whether what is seen is of an earlier step than the snapshot, and an answer is still to come."""
        return False

    def show_answer(self, question: str, arrays: Arrays) -> None:
        """An answer to what was asked last; ``arrays`` holds those of the question, too."""

    def point(self, x: float, y: float) -> None:
        """The mouse points at this place of data space; over a line, only ``x`` is one."""

    def pick(self, is_real: bool, number: int) -> None:  # noqa: FBT001  (a slot)
        """A picture of the data space was clicked, a real or a generated one."""

    def let_go(self) -> None:
        """No picture of the data space is meant any more."""

    def add_rows(self, rows: Rows) -> None:
        """Scalars of every step since the last report, of whatever family; they may come before the scene."""

    def clear(self) -> None:
        """A new run: nothing of the old one stays on the screen."""
        self.snapshot = None
        self.blank()

    def cut_after(self, step: int) -> None:
        """The run goes on from this step: forget what came after it."""

    def leave(self) -> None:
        """The next scene is none of its own."""
        self.scene = self.snapshot = None
        self.blank()

    def blank(self) -> None:
        """Show that there is nothing to show, yet or any more."""


CARDS: Final[list[type[Card]]] = []

AnyCard = TypeVar("AnyCard", bound=Card)


def card(cls: type[AnyCard]) -> type[AnyCard]:
    """Class decorator: this card can be shown. Its file only has to lie in this folder."""
    CARDS.append(cls)
    return cls


def all_cards() -> tuple[type[Card], ...]:
    """All cards of the files in this folder, in order."""
    import_all()
    return tuple(sorted(CARDS, key=lambda cls: (cls.order, cls.key)))
