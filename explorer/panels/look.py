"""How the recipe panel looks: one style sheet from the theme, at the scale of the screen or of a projector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from explorer.widgets.theme import RADIUS, SMALL_PX, TEXT_PX, TITLE_PX, Theme


@dataclass(frozen=True)
class Look:
    """A theme at a scale."""

    theme: Theme
    scale: float = 1.0

    def px(self, size: float) -> int:
        """A length of the design, in pixels at this scale."""
        return max(1, round(size * self.scale))

    @property
    def fill(self) -> str:
        """Ground of a menu or field on a card."""
        return mix(self.theme.card, self.theme.hover, 0.6)


@runtime_checkable
class Themed(Protocol):
    """A widget that draws something by itself and must be told the colours."""

    def set_look(self, look: Look) -> None:
        """Take these colours and sizes."""


def spread(look: Look, root: QWidget) -> None:
    """Give a look to a widget and to all that it holds."""
    for widget in (root, *root.findChildren(QWidget)):
        if isinstance(widget, Themed):
            widget.set_look(look)


def mix(first: str, second: str, share: float) -> str:
    """A colour between two: ``share`` 0 is the first, 1 the second."""
    one, two = QColor(first).getRgbF(), QColor(second).getRgbF()
    red, green, blue = ((1 - share) * a + share * b for a, b in zip(one[:3], two[:3], strict=True))
    return QColor.fromRgbF(red, green, blue).name()


def sheet(look: Look) -> str:
    """The panel's style sheet."""
    t, px = look.theme, look.px
    return f"""
    #recipePanel, #recipeCards {{ background: {t.panel}; }}
    #recipePanel * {{ font-size: {px(TEXT_PX)}px; color: {t.text}; }}
    #recipePanel QScrollArea {{ background: {t.panel}; border: 0; }}
    #recipePanel QWidget[role="plain"], #recipePanel QLabel {{ background: transparent; border: 0; }}
    #recipePanel [role="card"] {{
        background: {t.card}; border: 1px solid {t.line}; border-radius: {px(RADIUS)}px; }}
    #recipePanel [role="rule"] {{ background: {t.line}; border: 0; }}
    #recipePanel #inner {{ background: transparent; border: 0; border-left: 2px solid {t.line}; }}
    #recipePanel QLabel[role="title"] {{ font-size: {px(TITLE_PX)}px; font-weight: 600; }}
    #recipePanel QLabel[role="muted"] {{ font-size: {px(SMALL_PX)}px; color: {t.muted}; }}
    #recipePanel QLabel[role="problem"] {{ font-size: {px(SMALL_PX)}px; color: {t.alarm}; }}
    {_menus(look)} {_fields(look)} {_sliders(look)} {_scroll_bar(look)}
    #recipePanel QToolButton {{
        background: transparent; border: 0; border-radius: {px(5)}px; padding: {px(2)}px 0;
        font-size: {px(SMALL_PX)}px; color: {t.muted}; text-align: left; }}
    #recipePanel QToolButton:hover, #recipePanel QToolButton:focus {{ color: {t.text}; }}
    #recipePanel QToolButton[role="boxed"] {{
        background: {look.fill}; border: 1px solid {t.line}; padding: {px(2)}px {px(8)}px; }}
    #recipePanel QToolButton[role="boxed"]:focus {{ border-color: {t.data}; }}
    """


def _menus(look: Look) -> str:
    t, px = look.theme, look.px
    return f"""
    #recipePanel QComboBox {{
        background: {look.fill}; border: 1px solid {t.line}; border-radius: {px(6)}px;
        padding: {px(3)}px {px(22)}px {px(3)}px {px(8)}px; min-height: {px(17)}px; }}
    #recipePanel QComboBox:hover {{ background: {t.hover}; }}
    #recipePanel QComboBox:focus {{ border-color: {t.data}; }}
    #recipePanel QComboBox[alarm="true"] {{ border-color: {t.alarm}; }}
    #recipePanel QComboBox::drop-down {{ border: 0; width: {px(22)}px; }}
    #recipePanel QComboBox::down-arrow {{ image: none; }}
    #recipePanel QComboBox QAbstractItemView {{
        background: {t.card}; border: 1px solid {t.line}; outline: 0; padding: {px(3)}px;
        selection-background-color: {t.hover}; selection-color: {t.text}; }}
    #recipePanel QComboBox QAbstractItemView::item {{ min-height: {px(24)}px; padding: 0 {px(6)}px; color: {t.text}; }}
    #recipePanel QComboBox QAbstractItemView::item:selected {{ background: {t.hover}; }}
    #recipePanel QComboBox QAbstractItemView::item:disabled {{ color: {mix(t.muted, t.card, 0.4)}; }}
    """


def _fields(look: Look) -> str:
    t, px = look.theme, look.px
    return f"""
    #recipePanel QLineEdit {{
        background: {look.fill}; border: 1px solid {t.line}; border-radius: {px(5)}px; padding: {px(2)}px {px(6)}px;
        selection-background-color: {t.data}; selection-color: {t.ground}; }}
    #recipePanel QLineEdit[role="value"] {{
        background: transparent; border-color: transparent; padding: {px(1)}px {px(2)}px; }}
    #recipePanel QLineEdit[role="value"]:hover {{ border-color: {t.line}; }}
    #recipePanel QLineEdit:focus {{ background: {look.fill}; border-color: {t.data}; }}
    #recipePanel QLineEdit[alarm="true"] {{ border-color: {t.alarm}; color: {t.alarm}; }}
    """


def _sliders(look: Look) -> str:
    t, px = look.theme, look.px
    handle, groove = px(12), px(4)
    inset = (handle - groove) // 2
    return f"""
    #recipePanel QSlider {{ background: transparent; min-height: {handle + 6}px; }}
    #recipePanel QSlider::groove:horizontal {{
        height: {groove}px; border-radius: {groove // 2}px; background: {t.line}; }}
    #recipePanel QSlider::sub-page:horizontal {{ border-radius: {groove // 2}px; background: {t.muted}; }}
    #recipePanel QSlider::handle:horizontal {{
        width: {handle}px; height: {handle}px; margin: -{inset}px 0; border-radius: {handle // 2}px;
        background: {t.text}; border: 0; }}
    #recipePanel QSlider::handle:horizontal:hover, #recipePanel QSlider::handle:horizontal:focus {{
        background: {t.data}; }}
    #recipePanel QSlider[alarm="true"]::handle:horizontal {{ background: {t.alarm}; }}
    """


def _scroll_bar(look: Look) -> str:
    t, px = look.theme, look.px
    return f"""
    #recipePanel QScrollBar:vertical {{ background: transparent; width: {px(8)}px; margin: 0; }}
    #recipePanel QScrollBar::handle:vertical {{
        background: {t.line}; border-radius: {px(3)}px; min-height: {px(24)}px; margin: 0 1px; }}
    #recipePanel QScrollBar::handle:vertical:hover {{ background: {t.muted}; }}
    #recipePanel QScrollBar::add-line, #recipePanel QScrollBar::sub-line {{ height: 0; }}
    #recipePanel QScrollBar::add-page, #recipePanel QScrollBar::sub-page {{ background: transparent; }}
    """
