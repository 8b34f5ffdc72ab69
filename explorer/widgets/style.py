"""The theme as a style sheet, a palette and a font: every standard control looks alike in both themes."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from PySide6.QtGui import QColor, QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from explorer.widgets.theme import GAP, RADIUS, SMALL_PX, TEXT_PX, TITLE_PX, Theme, palette

LAST_RESORT: Final = "DejaVu Sans"


def mix(first: str, second: str, share: float) -> str:
    """A colour between two: ``share`` 0 is the first, 1 the second."""
    one, two = QColor(first), QColor(second)
    pairs = ((one.red(), two.red()), (one.green(), two.green()), (one.blue(), two.blue()))
    return QColor(*(round((1 - share) * a + share * b) for a, b in pairs)).name()


def font(scale: float = 1.0) -> QFont:
    """Inter where it is installed, else the system's own font; figures of equal width."""
    here = set(QFontDatabase.families())
    chosen = QFont("Inter") if "Inter" in here else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    chosen.setFamilies([chosen.family(), LAST_RESORT])
    chosen.setPixelSize(round(TEXT_PX * scale))
    chosen.setFeature(QFont.Tag("tnum"), 1)
    return chosen


def dress(app: QApplication, theme: Theme, scale: float) -> None:
    """Give the whole application the theme's palette and font; Fusion, because it obeys them everywhere."""
    if app.style().objectName() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(palette(theme))
    app.setFont(font(scale))


def stylesheet(theme: Theme, scale: float = 1.0) -> str:
    """The style sheet of the window and of everything in it.

    Args:
        theme: the colours.
        scale: 1 on a desk, ``PRESENTER_SCALE`` on a projector; every length is multiplied by it.
    """
    sheets = (_surfaces, _text, _buttons, _choices, _sliders, _fields, _menus, _scroll_bars, _lists)
    return "\n".join(sheet(theme, _Pixels(scale)) for sheet in sheets)


class _Pixels:
    """Lengths of the design as whole pixels at a scale."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __call__(self, size: float) -> str:
        return f"{max(1, round(size * self.scale))}px"


def _picture(name: str, theme: Theme) -> str:
    return str(files("resources") / "icons" / f"{name}-{theme.name}.svg").replace("\\", "/")


def _surfaces(t: Theme, px: _Pixels) -> str:
    return f"""
    QMainWindow, QDialog {{ background: {t.ground}; }}
    QMainWindow::separator {{ background: transparent; width: {px(GAP)}; height: {px(3)}; }}
    QMainWindow::separator:hover {{ background: {mix(t.ground, t.muted, 0.25)}; }}
    #header {{ background: {t.panel}; border: 0; border-bottom: 1px solid {t.line}; }}
    QStatusBar {{ background: {t.panel}; border: 0; border-top: 1px solid {t.line}; }}
    QStatusBar::item {{ border: 0; }}
    #transport {{ background: {t.panel}; border: 0; }}
    #workspace {{ background: {t.ground}; }}
    QDockWidget {{ background: {t.ground}; border: 0; }}
    QFrame[role="card"] {{ background: {t.plot}; border: 1px solid {t.line}; border-radius: {px(RADIUS)}; }}
    QFrame[role="sheet"] {{ background: {t.card}; border: 1px solid {t.line}; border-radius: {px(RADIUS)}; }}
    QToolTip {{ background: {t.card}; color: {t.text}; border: 1px solid {t.line};
        padding: {px(5)} {px(7)}; font-size: {px(12)}; }}
    """


def _text(t: Theme, px: _Pixels) -> str:
    return f"""
    QLabel[role="brand"] {{ font-size: {px(14.5)}; font-weight: 700; color: {t.text}; }}
    QLabel[role="title"] {{ font-size: {px(TITLE_PX)}; font-weight: 600; color: {t.text}; }}
    QLabel[role="small"] {{ font-size: {px(SMALL_PX)}; color: {t.muted}; }}
    QLabel[role="muted"] {{ color: {t.muted}; }}
    QLabel[role="figure"] {{ font-weight: 600; color: {t.text}; }}
    QLabel[role="heading"] {{ font-size: {px(18)}; font-weight: 600; color: {t.text}; }}
    QLabel[role="key"] {{ font-size: {px(SMALL_PX)}; color: {t.text}; background: {t.hover};
        border: 1px solid {t.line}; border-radius: {px(4)}; padding: {px(1)} {px(6)}; }}
    QLabel[role="hint"] {{ color: {t.text}; background: {t.card}; border: 1px solid {t.line};
        border-radius: {px(14)}; padding: {px(5)} {px(14)}; }}
    """


def _buttons(t: Theme, px: _Pixels) -> str:
    ground = mix(t.card, t.hover, 0.75)
    return f"""
    QPushButton {{ background: {ground}; color: {t.text}; border: 1px solid {t.line};
        border-radius: {px(6)}; padding: {px(4)} {px(10)}; min-height: {px(17)}; }}
    QPushButton:hover {{ background: {mix(ground, t.muted, 0.18)}; }}
    QPushButton:pressed {{ background: {mix(ground, t.muted, 0.32)}; }}
    QPushButton:focus {{ border-color: {t.data}; outline: 0; }}
    QPushButton:checked {{ border-color: {t.model}; }}
    QPushButton:disabled {{ color: {mix(t.muted, t.panel, 0.45)}; background: {t.panel}; }}
    QPushButton::menu-indicator {{ image: url({_picture("chevron", t)}); subcontrol-origin: padding;
        subcontrol-position: right center; right: {px(7)}; width: {px(11)}; height: {px(11)}; }}
    QPushButton[menu="true"] {{ padding-right: {px(24)}; }}
    QPushButton:default {{ border-color: {t.data}; }}
    QPushButton[role="chip"] {{ border-radius: {px(10)}; padding: {px(1)} {px(9)}; font-size: {px(SMALL_PX)}; }}
    QPushButton[role="chip"]:checked {{ border-color: {t.line}; }}
    QPushButton[role="chip"]:!checked {{ color: {t.muted}; background: transparent; }}
    """


def _choices(t: Theme, px: _Pixels) -> str:
    ground = mix(t.card, t.hover, 0.6)
    return f"""
    QComboBox {{ background: {ground}; color: {t.text}; border: 1px solid {t.line}; border-radius: {px(6)};
        padding: {px(3)} {px(22)} {px(3)} {px(8)}; min-height: {px(17)}; }}
    QComboBox:hover {{ background: {t.hover}; }}
    QComboBox:focus {{ border-color: {t.data}; }}
    QComboBox::drop-down {{ border: 0; width: {px(22)}; }}
    QComboBox::down-arrow {{ image: url({_picture("chevron", t)}); width: {px(12)}; height: {px(12)}; }}
    QCheckBox {{ color: {t.text}; spacing: {px(6)}; }}
    QCheckBox::indicator {{ width: {px(14)}; height: {px(14)}; border: 1px solid {t.muted};
        border-radius: {px(4)}; background: {ground}; }}
    QCheckBox::indicator:checked {{ image: url({_picture("check", t)}); }}
    QCheckBox:focus::indicator {{ border-color: {t.data}; }}
    """


def _sliders(t: Theme, px: _Pixels) -> str:
    # Even numbers of pixels: with a radius of more than half its height a handle would be drawn square.
    half, groove = round(6 * px.scale), 2 * round(2 * px.scale)
    return f"""
    QSlider {{ background: transparent; min-height: {px(20)}; }}
    QSlider::groove:horizontal {{ height: {groove}px; border-radius: {groove // 2}px;
        background: {mix(t.line, t.muted, 0.12)}; }}
    QSlider::sub-page:horizontal {{ border-radius: {groove // 2}px; background: {t.muted}; }}
    QSlider::handle:horizontal {{ width: {2 * half}px; height: {2 * half}px; margin: -{half - groove // 2}px 0;
        border-radius: {half}px; background: {t.text}; border: 0; }}
    QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ background: {t.data}; }}
    QSlider::sub-page:horizontal:disabled {{ background: {t.line}; }}
    QSlider::handle:horizontal:disabled {{ background: {mix(t.line, t.muted, 0.4)}; }}
    """


def _fields(t: Theme, px: _Pixels) -> str:
    ground = mix(t.card, t.hover, 0.6)
    return f"""
    QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit {{ background: {ground}; color: {t.text};
        border: 1px solid {t.line}; border-radius: {px(6)}; padding: {px(3)} {px(7)};
        selection-background-color: {t.data}; selection-color: {t.ground}; }}
    QLineEdit:focus, QAbstractSpinBox:focus {{ border-color: {t.data}; }}
    QAbstractSpinBox {{ min-height: {px(17)}; padding-right: {px(18)}; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: 0; width: {px(16)};
        background: transparent; }}
    QAbstractSpinBox::up-arrow {{ image: url({_picture("chevron-up", t)}); width: {px(10)}; height: {px(10)}; }}
    QAbstractSpinBox::down-arrow {{ image: url({_picture("chevron", t)}); width: {px(10)}; height: {px(10)}; }}
    """


def _menus(t: Theme, px: _Pixels) -> str:
    return f"""
    QMenuBar {{ background: transparent; border: 0; color: {t.muted}; }}
    QMenuBar::item {{ background: transparent; padding: {px(4)} {px(9)}; border-radius: {px(5)}; }}
    QMenuBar::item:selected {{ background: {t.hover}; color: {t.text}; }}
    QMenu {{ background: {t.card}; color: {t.text}; border: 1px solid {t.line}; padding: {px(5)}; }}
    QMenu::item {{ padding: {px(5)} {px(22)} {px(5)} {px(24)}; border-radius: {px(5)}; }}
    QMenu::item:selected {{ background: {t.hover}; }}
    QMenu::item:disabled {{ color: {mix(t.muted, t.card, 0.35)}; }}
    QMenu::separator {{ height: 1px; background: {t.line}; margin: {px(5)} {px(8)}; }}
    QMenu::indicator {{ left: {px(7)}; width: {px(12)}; height: {px(12)}; }}
    QMenu::indicator:checked {{ image: url({_picture("check", t)}); }}
    QMenu::right-arrow {{ image: url({_picture("chevron-right", t)}); right: {px(6)};
        width: {px(12)}; height: {px(12)}; }}
    """


def _scroll_bars(t: Theme, px: _Pixels) -> str:
    return f"""
    QScrollArea {{ background: transparent; border: 0; }}
    QScrollBar:vertical {{ background: transparent; width: {px(10)}; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: {px(10)}; margin: 0; }}
    QScrollBar::handle {{ background: {mix(t.line, t.muted, 0.25)}; border-radius: {px(3)}; margin: {px(2)}; }}
    QScrollBar::handle:vertical {{ min-height: {px(28)}; }}
    QScrollBar::handle:horizontal {{ min-width: {px(28)}; }}
    QScrollBar::handle:hover {{ background: {t.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """


def _lists(t: Theme, px: _Pixels) -> str:
    return f"""
    QAbstractItemView {{ background: {t.card}; color: {t.text}; border: 1px solid {t.line}; outline: 0;
        alternate-background-color: {t.panel};
        selection-background-color: {t.hover}; selection-color: {t.text}; }}
    QHeaderView::section {{ background: {t.panel}; color: {t.muted}; border: 0; border-bottom: 1px solid {t.line};
        padding: {px(4)} {px(8)}; }}
    QTabBar {{ qproperty-drawBase: 0; }}
    QTabBar::tab {{ background: transparent; color: {t.muted}; padding: {px(5)} {px(7)};
        border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {t.text}; border-bottom-color: {t.data}; }}
    QTabBar::tab:hover {{ color: {t.text}; }}
    """
