"""A card of the recipe: number, title and symbol above the forms of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.panels.look import Look
from explorer.session.cost_words import HELP, cost_words
from explorer.widgets.formula import FormulaLabel
from explorer.widgets.style import mix
from explorer.widgets.theme import DARK


@dataclass(frozen=True)
class Plan:
    """What a card shows.

    Attributes:
        title: of the card.
        symbol: its term in θ* = argmin D(P_X ‖ P_θ), in LaTeX.
        fields: fields of the recipe, each with the label of its menu; an empty label gives the menu the whole width.
        own: whether the recipe's own options (batch size, steps, seed …) stand here too.
    """

    title: str
    symbol: str
    fields: dict[str, str]
    own: bool = False


PLANS: Final = (
    Plan("Data", r"x \sim P_X", {"data": ""}),
    Plan("Latent", r"z \sim P_Z", {"latent": ""}),
    Plan("Generator", r"\hat{x} = g_\theta(z)", {"family": "", "architecture": "network"}),
    Plan("Divergence", r"D(P_X \,\Vert\, P_\theta)", {"divergence": "", "objective": "estimated by"}),
    Plan("Optimiser", r"\theta \leftarrow \theta - \eta\nabla", {"optimizer": ""}, own=True),
)
"""The cards in the order of the lecture."""


def plans_for(fields: list[str]) -> list[Plan]:
    """The cards for these fields; a field that no card knows gets one of its own at the end."""
    known = {field for plan in PLANS for field in plan.fields}
    unknown = [Plan(field.capitalize(), "", {field: ""}) for field in fields if field not in known]
    return [*PLANS, *unknown]


class Bubble(QWidget):
    """A number in a disc."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = str(number)
        self.set_look(Look(DARK))

    def set_look(self, look: Look) -> None:
        """Colours and size."""
        self._look = look
        self.setFixedSize(look.px(18), look.px(18))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The disc, then the number."""
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mix(theme.card, theme.line, 0.75)))
        painter.drawEllipse(QRectF(self.rect()))
        font = QFont(self.font())
        font.setPixelSize(self._look.px(10.5))
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._number)


class Card(QFrame):
    """A framed part of the recipe."""

    def __init__(self, number: int, plan: Plan) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(plan.title)
        self.plan = plan
        self.symbol = FormulaLabel(plan.symbol)
        self.symbol.set_alignment(Qt.AlignmentFlag.AlignRight)
        self.symbol.setToolTip(f"{plan.title}, as the lecture writes it")
        title = QLabel(plan.title)
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Bubble(number))
        head.addWidget(title)
        head.addWidget(self.symbol, 1)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(6)
        self._column.addLayout(head)
        self.idle = QLabel()
        self.idle.setProperty("role", "muted")
        self.idle.setWordWrap(True)
        self.idle.hide()
        self._column.addWidget(self.idle)
        self.cost = QLabel()
        self.cost.setProperty("role", "muted")
        self.cost.setWordWrap(True)
        self.cost.setToolTip(HELP)
        self.cost.hide()
        self._column.addWidget(self.cost)
        self.set_look(Look(DARK))

    def add(self, widget: QWidget) -> None:
        """Put a form or a row beneath what is there."""
        self._column.insertWidget(self._column.count() - 1, widget)

    def set_cost(self, cost: Mapping[str, float]) -> None:
        """Say at the foot what the recipe's networks cost; nothing where that is not known."""
        self.cost.setText(cost_words(cost))
        self.cost.setVisible(bool(self.cost.text()))

    def set_idle(self, user: str) -> None:
        """Say who has no use for what stands here; empty where it is used."""
        self.idle.setText(f"Not used by {user}.")
        self.idle.setVisible(bool(user))

    def set_look(self, look: Look) -> None:
        """Margins and the symbol's ink."""
        self._column.setContentsMargins(look.px(11), look.px(7), look.px(11), look.px(8))
        self.symbol.set_ink(look.theme.muted, look.px(16))
