"""How the recipe panel looks: one style sheet from the theme, at the scale of the screen or of a projector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from explorer.widgets.style import mix
from explorer.widgets.theme import GAP, SMALL_PX, TEXT_PX, TITLE_PX, Theme


@dataclass(frozen=True)
class Look:
    """A theme at a scale."""

    theme: Theme
    scale: float = 1.0

    def px(self, size: float) -> int:
        """A length of the design, in pixels at this scale."""
        return max(1, round(size * self.scale))


def spread(look: Look, root: QWidget) -> None:
    """Give a look to a widget and to all that it holds: to those that have a ``set_look``."""
    for widget in (root, *root.findChildren(QWidget)):
        # Asked by name: isinstance() of a protocol costs 60 µs, and there are hundreds of widgets.
        take: Callable[[Look], None] | None = getattr(widget, "set_look", None)
        if take is not None:
            take(look)


def sheet(look: Look) -> str:
    """What is special to this panel, for the style sheet of the window that it stands in."""
    t, px = look.theme, look.px
    return f"""
    #recipePanel, #recipeCards, #recipePanel QScrollArea {{ background: {t.panel}; border: 0; }}
    #recipePanel * {{ font-size: {px(TEXT_PX)}px; }}
    #recipePanel QFrame[role="card"] {{ background: {t.card}; }}
    #recipePanel QWidget[role="plain"], #recipePanel QLabel {{ background: transparent; border: 0; }}
    #recipePanel QFrame[role="rule"] {{ background: {t.line}; border: 0; }}
    #recipePanel #inner {{ background: transparent; border: 0; border-left: 2px solid {t.line}; }}
    #recipePanel QLabel[role="title"] {{ font-size: {px(TITLE_PX)}px; }}
    #recipePanel QLabel[role="muted"], #recipePanel QToolButton {{ font-size: {px(SMALL_PX)}px; color: {t.muted}; }}
    #recipePanel QLabel[role="problem"] {{ font-size: {px(SMALL_PX)}px; color: {t.alarm}; }}
    {_menus(look)} {_fields(look)} {_sliders(look)}
    #recipePanel QScrollBar:vertical {{ width: {GAP}px; }}
    #recipePanel QScrollBar::handle:vertical {{ margin: 1px; border-radius: 3px; }}
    """


def _menus(look: Look) -> str:
    t, px = look.theme, look.px
    return f"""
    #recipePanel QComboBox::down-arrow {{ image: none; }}
    #recipePanel QComboBox[alarm="true"] {{ border-color: {t.alarm}; }}
    #recipePanel QComboBoxPrivateContainer {{ background: {t.card}; border: 1px solid {t.line}; }}
    #recipePanel QComboBox QAbstractItemView {{ border: 0; padding: {px(3)}px; }}
    #recipePanel QComboBox QAbstractItemView::item {{ min-height: {px(24)}px; padding: 0 {px(6)}px; color: {t.text}; }}
    #recipePanel QComboBox QAbstractItemView::item:selected {{ background: {t.hover}; }}
    #recipePanel QComboBox QAbstractItemView::item:disabled {{ color: {mix(t.muted, t.card, 0.4)}; }}
    """


def _sliders(look: Look) -> str:
    # An even number of pixels: with a radius of more than half its width a handle would be drawn square.
    half, groove = look.px(6), 2 * look.px(2)
    return f"""
    #recipePanel QSlider::groove:horizontal {{ height: {groove}px; border-radius: {groove // 2}px; }}
    #recipePanel QSlider::sub-page:horizontal {{ border-radius: {groove // 2}px; }}
    #recipePanel QSlider::handle:horizontal {{ width: {2 * half}px; height: {2 * half}px;
        margin: -{half - groove // 2}px 0; border-radius: {half}px; }}
    #recipePanel QSlider[alarm="true"]::handle:horizontal {{ background: {look.theme.alarm}; }}
    """


def _fields(look: Look) -> str:
    t, px = look.theme, look.px
    ground = mix(t.card, t.hover, 0.6)
    return f"""
    #recipePanel QLineEdit {{ padding: {px(2)}px {px(6)}px; }}
    #recipePanel QLineEdit[role="value"] {{
        background: transparent; border-color: transparent; padding: {px(1)}px 0; border-radius: {px(4)}px; }}
    #recipePanel QLineEdit[role="value"]:hover {{ border-color: {t.line}; }}
    #recipePanel QLineEdit[role="value"]:focus {{ background: {ground}; border-color: {t.data}; }}
    #recipePanel QLineEdit[alarm="true"] {{ border-color: {t.alarm}; color: {t.alarm}; }}
    #recipePanel QToolButton[role="boxed"] {{ background: {ground}; border: 1px solid {t.line};
        border-radius: {px(6)}px; padding: {px(2)}px {px(8)}px; }}
    #recipePanel QToolButton[role="boxed"]:focus {{ border-color: {t.data}; }}
    """
