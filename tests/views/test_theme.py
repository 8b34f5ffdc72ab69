"""Both themes dress every control, at every scale, with pictures that exist."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from explorer.widgets.icons import ICONS, paint_icon
from explorer.widgets.style import font, mix, stylesheet
from explorer.widgets.theme import PRESENTER_SCALE, THEMES

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints")]


def luminance(name):
    parts = [part / 255 for part in (QColor(name).red(), QColor(name).green(), QColor(name).blue())]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_text_can_be_read_on_every_ground(theme):
    for ground in (theme.ground, theme.panel, theme.card, theme.plot, theme.hover):
        assert contrast(theme.text, ground) >= 7
        assert contrast(theme.muted, ground) >= 4


@pytest.mark.parametrize("scale", [1.0, PRESENTER_SCALE])
@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_the_style_sheet_is_whole(theme, scale):
    sheet = stylesheet(theme, scale)
    assert sheet.count("{") == sheet.count("}")
    pictures = re.findall(r"url\((.+?)\)", sheet)
    assert pictures
    assert all(Path(picture).is_file() for picture in pictures)
    for control in ("QPushButton", "QComboBox", "QSlider", "QAbstractSpinBox", "QMenu", "QScrollBar", "QToolTip"):
        assert control in sheet


def test_a_projector_enlarges_text(qtbot):
    assert font(PRESENTER_SCALE).pixelSize() == round(13 * PRESENTER_SCALE)


def test_mixing_ends_at_both_colours():
    assert mix("#102030", "#f0e0d0", 0) == "#102030"
    assert mix("#102030", "#f0e0d0", 1) == "#f0e0d0"


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_leaves_ink_inside_its_square(qtbot, name):
    assert QApplication.instance()
    picture = QImage(60, 60, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_icon(painter, name, QRectF(10, 10, 40, 40), QColor("black"))
    painter.end()
    inked = [(x, y) for x in range(60) for y in range(60) if picture.pixelColor(x, y).alpha() > 40]
    assert len(inked) > 60
    assert all(9 <= x <= 50 and 9 <= y <= 50 for x, y in inked)
