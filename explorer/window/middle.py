"""The middle of the window: the data space, and the cards that share its place, one in front."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from explorer.views._base import View
    from explorer.views._card import Card

HOST: Final = "data"
"""What such a card names as the card that it stands beside."""


class Middle(QWidget):
    """Holds the data space and, behind or before it, guests that are too large for the side, with a tab for each.

    A guest that comes is brought to the front once, unless it is for a second look; a person who turns to another tab
    has the last word for as long as the same guests fit.

    Signals:
        turned: another card is in front.
    """

    turned = Signal()

    def __init__(self, first: View, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tabs, self._stack = QTabBar(self), QStackedWidget(self)
        self.tabs.setAccessibleName("cards in the middle")
        self.tabs.setExpanding(False)
        self.tabs.setShape(QTabBar.Shape.RoundedSouth)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._stack, 1)
        self._column.addWidget(self.tabs)
        self._views: dict[str, View] = {HOST: first}
        self._cards: dict[str, Card] = {}
        self._toggles: dict[str, QAction] = {}
        self._there: list[str] = [HOST]
        self._chosen = ""
        self._stack.addWidget(first)
        self.tabs.addTab(first.title)
        self.tabs.hide()
        self.tabs.currentChanged.connect(self._turn)

    @property
    def front(self) -> str:
        """Key of the card that is seen."""
        return self._there[self.tabs.currentIndex()]

    @property
    def foot(self) -> int:
        """Height of what stands at the lower edge, pixels."""
        return self._views[self.front].foot + (0 if self.tabs.isHidden() else self.tabs.height())

    @property
    def has_guests(self) -> bool:
        """Whether there is anything but the data space."""
        return len(self._there) > 1

    def add(self, card: Card) -> QAction:
        """Make room for a guest; the action shows it, or the data space again."""
        toggle = QAction(card.title, self)
        toggle.setCheckable(True)
        toggle.setEnabled(False)
        toggle.triggered.connect(lambda on, key=card.key: self.show_card(key if on else HOST))
        self._cards[card.key] = card
        self._views[card.key], self._toggles[card.key] = card, toggle
        self._stack.addWidget(card)
        return toggle

    def others(self, keys: Iterable[str]) -> list[str]:
        """Of some guests those that do not stand here."""
        return [key for key in keys if key not in self._toggles]

    def arrange(self, keys: Iterable[str]) -> None:
        """Show tabs for the guests that fit now; the first that comes and may is brought to the front."""
        before, self._there = self._there, [HOST, *(key for key in keys if key in self._toggles)]
        if before == self._there:
            return
        front = before[self.tabs.currentIndex()]
        come = [key for key in self._there if key not in before and self._cards[key].fronts]
        self._make_tabs()
        wished, self._chosen = self._chosen, ""
        self.show_card(wished or next(iter(come), front))

    def reset(self) -> None:
        """As it was at first: the guest in front."""
        self.show_card(self._there[-1])

    def show_card(self, key: str) -> None:
        """Bring a card to the front, if it is there; else the data space."""
        self.tabs.setCurrentIndex(self._there.index(key) if key in self._there else 0)
        self._turn()

    def turn_on(self) -> None:
        """The next card."""
        self.show_card(self._there[(self.tabs.currentIndex() + 1) % len(self._there)])

    def play(self) -> None:
        """Let the guest in front move, or stand still."""
        front = self._cards.get(self.front)
        if front is not None:
            front.play()

    def recall(self, key: str) -> None:
        """Show this card when guests come for the first time, as on the last day."""
        self._chosen = key

    def _make_tabs(self) -> None:
        self.tabs.blockSignals(True)  # noqa: FBT003
        while self.tabs.count() > 1:
            self.tabs.removeTab(1)
        for key in self._there[1:]:
            card = self._cards[key]
            self.tabs.addTab(card.tab or card.title)
        self.tabs.blockSignals(False)  # noqa: FBT003
        self.tabs.setVisible(self.has_guests)
        for key, toggle in self._toggles.items():
            toggle.setEnabled(key in self._there)

    def _turn(self, *_: int) -> None:
        front = self.front
        self._stack.setCurrentWidget(self._views[front])
        for key, toggle in self._toggles.items():
            toggle.setChecked(key == front)
        self.turned.emit()
