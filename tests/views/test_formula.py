"""Formulas are typeset, whole, in the colour asked for; every formula of the real catalogue is."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPixmap

from explorer.widgets.formula import FormulaLabel, lines, picture, readable

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints")]

LONG = r"a_1 + a_2 + a_3 + a_4 + a_5 + a_6 + a_7 + a_8 + a_9 + (b_1 + b_2 + b_3) = \sum_{i=1}^{9} a_i + \frac{c}{d}"


def alpha(pixmap: QPixmap) -> np.ndarray:
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    flat = np.frombuffer(image.constBits(), np.uint8, image.sizeInBytes())
    return flat.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width(), 3].copy()


def assert_whole(pixmap: QPixmap, latex: str) -> None:
    ink = alpha(pixmap)
    assert (ink > 128).sum() > 15, f"no ink: {latex}"
    edge = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    assert edge.max() < 80, f"clipped: {latex}"


def test_every_formula_of_the_catalogue_is_typeset_whole(qapp):
    from models.catalogue import catalogue

    described = catalogue()
    formulas = {
        member["formula"]
        for kind, members in described.items()
        if kind not in ("recipe", "sections")
        for member in members
        if isinstance(member, dict) and member.get("formula")
    }
    assert formulas
    for latex in sorted(formulas):
        assert readable(latex), f"not LaTeX: {latex}"
        made = picture(latex, "#ffffff", 15.0, 1.0, 256)
        assert made.width() <= 256, latex
        assert_whole(made, latex)


def test_every_symbol_of_the_cards_is_typeset(qapp):
    from explorer.panels.card import PLANS

    for plan in PLANS:
        assert readable(plan.symbol)
        assert_whole(picture(plan.symbol, "#ffffff", 16.0, 2.0, 160), plan.symbol)


def test_a_picture_has_the_colour_and_the_screens_resolution(qapp):
    one, two = (picture(r"x^2", "#56b4e9", 20.0, dpr, 200) for dpr in (1.0, 2.0))
    assert abs(two.width() - 2 * one.width()) <= 2
    image, ink = two.toImage(), alpha(two)
    row, column = np.unravel_index(ink.argmax(), ink.shape)
    found, wanted = QColor(image.pixel(int(column), int(row))), QColor("#56b4e9")
    assert all(abs(a - b) <= 3 for a, b in zip(found.getRgb(), wanted.getRgb(), strict=True))


def test_a_long_formula_shrinks_then_takes_more_lines(qapp):
    assert len(lines(LONG, 1000.0, 15.0)) == 1
    broken = lines(LONG, 200.0, 15.0)
    assert len(broken) > 1
    made = picture(LONG, "#ffffff", 15.0, 1.0, 200)
    assert made.width() <= 200
    assert_whole(made, LONG)


@pytest.mark.parametrize("latex", [r"\frac{", r"x^{", r"\left( x", r"\nosuchcommand{x}"])
def test_what_is_no_latex_is_shown_as_plain_text(qtbot, latex):
    assert not readable(latex)
    label = FormulaLabel(latex)
    qtbot.addWidget(label)
    label.resize(200, 20)
    label.draw_now()
    assert not label.is_drawn()
    assert alpha(label.grab()).any()
    ground = label.grab().toImage().pixel(199, 0)
    image = label.grab().toImage()
    assert any(image.pixel(x, image.height() // 2) != ground for x in range(image.width()))


def test_labels_are_drawn_by_the_event_loop_and_hold_their_place_before(qtbot):
    labels = [FormulaLabel() for _ in range(3)]
    for index, label in enumerate(labels):
        qtbot.addWidget(label)
        label.resize(200, 20)
        label.set_formula(rf"x_{index} + y")
        assert not label.is_drawn()
        assert label.height() > 10
    qtbot.waitUntil(lambda: all(label.is_drawn() for label in labels))


def test_a_label_that_goes_before_its_turn_does_no_harm(qtbot):
    import shiboken6

    gone, stays = FormulaLabel(), FormulaLabel()
    qtbot.addWidget(stays)
    stays.resize(200, 20)
    gone.set_formula("a")
    stays.set_formula("b")
    shiboken6.delete(gone)
    qtbot.waitUntil(stays.is_drawn)


def test_a_label_follows_its_width(qtbot):
    label = FormulaLabel(LONG)
    label.set_alignment(Qt.AlignmentFlag.AlignLeft)
    qtbot.addWidget(label)
    label.resize(900, 20)
    label.show()
    label.draw_now()
    tall_when_wide = label.height()
    label.resize(180, label.height())
    qtbot.waitUntil(lambda: label.height() > tall_when_wide)
