"""Typeset formulas: LaTeX drawn as a picture in the theme's colour, without a browser.

ziamath lays a formula out as SVG paths (about 20 ms each, and 0.3 s to import), so nothing is laid out while a window
is being made: labels reserve their height and are drawn one at a tick of the event loop. A layout is made once per
formula, and a picture once per formula, colour, size and screen.
"""

from __future__ import annotations

import re
import warnings
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import shiboken6
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

EM: Final = 24.0
"""Type size of the layouts that are kept, in the units of their SVG; pictures are scaled from it."""

LEAST_SCALE: Final = 0.72
"""A formula that would have to shrink further than this to fit the width is broken over several lines."""

_LETTER_HAT: Final = re.compile(r'(<mover accent="true">(?:<mrow>)?<mi>[^<]*</mi>(?:</mrow>)?)<mo>&#x00302;')
"""A hat over one letter, which would be set as wide as a hat over a word."""

_PAD: Final = 0.06
_LEADING: Final = 0.35
_TALL: Final = re.compile(r"\\(frac|dfrac|tfrac|sum|prod|int|sup|inf|max|min|binom|begin)(?![A-Za-z])")
_BREAKS: Final = re.compile(r"\\(?:q?quad|;|left|right|[A-Za-z]+|.)|[{}()\[\]=+,<>-]|.", re.DOTALL)


@dataclass(frozen=True)
class Layout:
    """One line of a formula as SVG; width and height in units of ``EM``."""

    svg: bytes
    width: float
    height: float


@lru_cache(maxsize=512)
def layout(latex: str) -> Layout | None:
    """Lay one line of LaTeX out, or None if it cannot be read as LaTeX."""
    with warnings.catch_warnings():
        # It opens its font in a way that Python 3.11 calls deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        from ziamath.config import config  # 0.3 s: not before the first paint
        from ziamath.tex import tex2mml
        from ziamath.zmath import Math
    # QtSvg draws nothing of SVG 2's <symbol>/<use>, and says no word about it.
    config.svg2 = False
    try:
        mathml = _LETTER_HAT.sub("\\1<mo>ˆ", tex2mml(latex))
        if "\\" in mathml:
            return None  # an unknown command, which would be set as its own name
        svg = Math(mathml, size=EM).svg()
    except Exception:  # noqa: BLE001 - the parser's errors have no common base
        return None
    box = QSvgRenderer(QByteArray(svg.encode())).viewBoxF()
    return Layout(svg.encode(), box.width(), box.height()) if box.width() > 0 else None


def readable(latex: str) -> bool:
    """Whether the formula can be typeset; otherwise its source is shown as plain text."""
    return layout(latex) is not None


@lru_cache(maxsize=512)
def lines(latex: str, width: float, px: float) -> tuple[Layout, ...]:
    """The formula in as few lines as keep it legible in this width, in pixels at type size ``px``."""
    whole = layout(latex)
    if whole is None:
        return ()
    limit = width / LEAST_SCALE * EM / px
    if whole.width <= limit:
        return (whole,)
    for cut in _cuts(latex):
        head = layout(latex[:cut].strip())
        if head is None or head.width > limit:
            continue
        tail = lines(latex[cut:].strip(), width, px)
        if tail:
            return (head, *tail)
    return (whole,)


def _cuts(latex: str) -> list[int]:
    """Where a formula may be broken: before relations, signs and wide spaces outside of any bracket, the last first."""
    depth, cuts = 0, []
    for token in _BREAKS.finditer(latex):
        text = token.group()
        depth += (text in _OPENING) - (text in _CLOSING)
        if depth == 0 and text in _BREAKING and token.start():
            cuts.append(token.end() if text == "," else token.start())
    return cuts[::-1]


_OPENING: Final = frozenset({"{", "(", "[", r"\left", r"\{", r"\lVert"})
_CLOSING: Final = frozenset({"}", ")", "]", r"\right", r"\}", r"\rVert"})
_BREAKING: Final = frozenset({"=", "+", "-", ",", r"\quad", r"\qquad", r"\le", r"\ge", r"\approx", r"\sim", r"\propto"})


@lru_cache(maxsize=512)
def picture(latex: str, colour: str, px: float, dpr: float, width: int) -> QPixmap:
    """The formula as a picture no wider than ``width`` pixels; a null pixmap if it cannot be typeset.

    Args:
        latex: the formula, without dollar signs.
        colour: of the ink.
        px: type size in pixels.
        dpr: device pixels per pixel.
        width: greatest width in pixels.
    """
    rows = lines(latex, float(width), px)
    if not rows:
        return QPixmap()
    unit = px / EM
    pad = max(1.0, _PAD * px)
    widest = max(row.width for row in rows) * unit
    shrink = min(1.0, (width - 2 * pad) / widest)
    gap = _LEADING * px
    height = sum(row.height for row in rows) * unit * shrink + gap * (len(rows) - 1) + 2 * pad
    made = QPixmap(QSize(round((widest * shrink + 2 * pad) * dpr), round(height * dpr)))
    made.setDevicePixelRatio(dpr)
    made.fill(Qt.GlobalColor.transparent)
    _paint(made, rows, QColor(colour), unit * shrink, (pad, gap))
    return made


def _paint(made: QPixmap, rows: tuple[Layout, ...], colour: QColor, unit: float, spacing: tuple[float, float]) -> None:
    pad, gap = spacing
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    total, top = made.width() / made.devicePixelRatio(), pad
    for row in rows:
        wide, high = row.width * unit, row.height * unit
        QSvgRenderer(QByteArray(row.svg)).render(painter, QRectF((total - wide) / 2, top, wide, high))
        top += high + gap
    # The layout is black; what it inked takes the theme's colour.
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(made.rect(), colour)
    painter.end()


class FormulaLabel(QWidget):
    """A formula that fits itself to the width it is given: smaller first, then over several lines; never clipped."""

    def __init__(self, latex: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._latex = latex
        self._colour = "#808080"
        self._px = 16.0
        self._alignment = Qt.AlignmentFlag.AlignHCenter
        self._ready = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._reserve()

    @property
    def latex(self) -> str:
        """What is typeset."""
        return self._latex

    def set_formula(self, latex: str) -> None:
        """Show another formula; an empty one takes no room."""
        if latex != self._latex:
            self._latex = latex
            self._ask()

    def set_ink(self, colour: str, px: float) -> None:
        """Draw in this colour at this type size, pixels."""
        if (colour, px) != (self._colour, self._px):
            self._colour, self._px = colour, px
            self._ask()

    def set_alignment(self, alignment: Qt.AlignmentFlag) -> None:
        """Stand at the left, in the middle or at the right of the room given."""
        self._alignment = alignment
        self.update()

    def is_drawn(self) -> bool:
        """Whether the formula is on the screen typeset, and not only its place reserved."""
        return self._ready and not self._picture().isNull()

    def natural_width(self) -> int:
        """Width at full size in pixels, as far as is known: 0 before the formula was laid out."""
        made = layout(self._latex) if self._ready and self._latex else None
        return round(made.width * self._px / EM + 2 * max(1.0, _PAD * self._px)) + 1 if made else 0

    def draw_now(self) -> None:
        """Typeset at once: called in turn by the event loop, and by whoever takes a picture of the window."""
        self._ready = True
        self._fit()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Full size, or the room reserved."""
        return QSize(self.natural_width() or round(4 * self._px), self.height())

    def minimumSizeHint(self) -> QSize:
        """Formulas shrink: no width is too small."""
        return QSize(0, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the new width."""
        super().resizeEvent(event)
        if self._ready and event.size().width() != event.oldSize().width():
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, or the source as plain text where it is no LaTeX."""
        if not self._ready or not self._latex:
            return
        painter = QPainter(self)
        made = self._picture()
        if made.isNull():
            painter.setPen(QColor(self._colour))
            painter.drawText(self.rect(), int(self._alignment | Qt.AlignmentFlag.AlignVCenter), self._plain())
            return
        size = made.deviceIndependentSize()
        spare = self.width() - size.width()
        shares = {Qt.AlignmentFlag.AlignLeft: 0.0, Qt.AlignmentFlag.AlignRight: 1.0}
        painter.drawPixmap(round(spare * shares.get(self._alignment, 0.5)), 0, made)

    def _plain(self) -> str:
        return self.fontMetrics().elidedText(self._latex, Qt.TextElideMode.ElideRight, self.width())

    def _picture(self) -> QPixmap:
        # Widths in fours: dragging a dock's edge does not fill the cache with a picture a pixel.
        room = max(16, self.width() // 4 * 4)
        return picture(self._latex, self._colour, self._px, self.devicePixelRatioF(), room)

    def _ask(self) -> None:
        self._ready = False
        self._reserve()
        self.update()
        if self._latex:
            _queue(self)

    def _reserve(self) -> None:
        """Hold the height that the formula will probably take, so that nothing jumps when it is drawn."""
        tall = 2.6 if _TALL.search(self._latex) else 1.5
        self.setFixedHeight(round(tall * self._px) if self._latex else 0)

    def _fit(self) -> None:
        made = self._picture() if self._latex else QPixmap()
        plain = self.fontMetrics().height() if self._latex else 0
        self.setFixedHeight(plain if made.isNull() else round(made.deviceIndependentSize().height()))


_waiting: Final[deque[FormulaLabel]] = deque()


def _queue(label: FormulaLabel) -> None:
    if label in _waiting:
        return
    _waiting.append(label)
    if len(_waiting) == 1:
        QTimer.singleShot(0, _draw_next)


def _draw_next() -> None:
    """Draw one waiting label, then give the event loop a turn."""
    if not _waiting:
        return
    try:
        if shiboken6.isValid(_waiting[0]):
            _waiting[0].draw_now()
    finally:
        _waiting.popleft()
        if _waiting:
            QTimer.singleShot(0, _draw_next)
