"""Colours, sizes and fonts of the two themes: the one visual language of every panel and view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QColor, QPalette


@dataclass(frozen=True)
class Theme:
    """A set of colours by role. Data is always ``data``, the model always ``model`` (Okabe–Ito)."""

    name: str
    ground: str
    panel: str
    card: str
    line: str
    text: str
    muted: str
    data: str
    model: str
    critic_high: str
    critic_low: str
    alarm: str
    floor: str
    plot: str
    hover: str


DARK: Final = Theme(
    name="dark", ground="#12151a", panel="#181c23", card="#1f242d", line="#2c333f", text="#e8ebf0", muted="#97a1b2",
    data="#56b4e9", model="#f0a33a", critic_high="#3eaa78", critic_low="#966ed2", alarm="#ff6b57", floor="#3ecf8e",
    plot="#0e1115", hover="#2a313d",
)  # fmt: skip

LIGHT: Final = Theme(
    name="light", ground="#eef0f3", panel="#f8f9fb", card="#ffffff", line="#d9dee6", text="#1b2330", muted="#667085",
    data="#0072b2", model="#d55e00", critic_high="#2a9167", critic_low="#7b52bd", alarm="#c8321f", floor="#00805a",
    plot="#ffffff", hover="#e6e9ef",
)  # fmt: skip

THEMES: Final = {theme.name: theme for theme in (DARK, LIGHT)}

RADIUS: Final = 10
GAP: Final = 8
TEXT_PX: Final = 13.0
SMALL_PX: Final = 11.5
TITLE_PX: Final = 12.5
PRESENTER_SCALE: Final = 1.45
"""How much larger text and lines are in presenter mode."""


def palette(theme: Theme) -> QPalette:
    """The theme as Qt's palette, for everything that the style sheet leaves alone."""
    roles = {
        QPalette.ColorRole.Window: theme.ground,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.card,
        QPalette.ColorRole.AlternateBase: theme.panel,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.card,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.card,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Highlight: theme.data,
        QPalette.ColorRole.HighlightedText: theme.ground,
        QPalette.ColorRole.Link: theme.data,
        QPalette.ColorRole.Mid: theme.line,
    }
    made = QPalette()
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return made
