"""The modes as a table: a row each, sorted by any column."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from explorer.session.messages import Diagnosed
from explorer.session.snapshot import Array
from explorer.views._mode_heat import MANY
from explorer.views.modes import missing
from explorer.widgets.plot import plot_font
from explorer.widgets.theme import DARK, SMALL_PX

ROW_PX: Final = 18
NONE: Final = "–"
FINE_SHARE: Final = 0.02
"""Where the largest target is smaller than this, shares have two decimals."""

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """What stands in a column.

    Attributes:
        title: above it.
        help: one sentence.
        width: its share of the table's width.
        values: a number for each mode; NaN where there is none.
        decimals: for these values, the same in every row so that the points stand above one another.
        unit: after each number.
    """

    title: str
    help: str
    width: float
    values: Callable[[Diagnosed], Array]
    decimals: Callable[[Array], int] = lambda _: 0
    unit: str = ""


def _whole(found: Diagnosed) -> Array:
    return np.where(found.age >= 0, found.age.astype(float), np.nan)


def _share_decimals(percent: Array) -> int:
    return 2 if np.nanmax(percent, initial=0.0) < 100 * FINE_SHARE else 1


def _length_decimals(lengths: Array) -> int:
    largest = float(np.nanmax(lengths, initial=0.0))
    return min(4, max(0, 1 - math.floor(math.log10(largest)))) if largest > 0 else 2


COLUMNS: Final = (
    Column("mode", "Which mode.", 42, lambda found: np.arange(len(found.mass), dtype=float)),
    Column("mass", "Share of all samples that are at the mode.", 50,
           lambda found: 100 * found.mass, _share_decimals, " %"),
    Column("target", "Its share under P_X.", 50, lambda found: 100 * found.target, _share_decimals, " %"),
    Column("quality", "Share of the samples nearest to it that are of high quality.", 52,
           lambda found: 100 * found.quality, lambda _: 1, " %"),
    Column("dist.", "From its centre to the mean of its samples, data units.", 44,
           lambda found: found.distance, _length_decimals),
    Column("age", "Steps since it was born.", 58, _whole),
)  # fmt: skip
DIM: Final = 2
"""The column of the targets, which do not change."""

YIELDING: Final = (4, DIM)
"""Columns that give way where there is no room for all, the first one first."""


class Rows(QAbstractTableModel):
    """One finding as rows; ``order`` says which mode stands in which row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.noun = DARK, COLUMNS[0].title
        self.names: tuple[str, ...] = ()
        self.missing: Array = np.zeros(0, bool)
        self.order: Array = np.zeros(0, np.int64)
        self.sorted_by, self.descending = 0, False
        self._values: list[Array] = []
        self._decimals: list[int] = []

    def show(self, found: Diagnosed | None) -> None:
        """Take up a finding; None for an empty table."""
        names = found.names if found else ()
        if names != self.names:
            self.beginResetModel()
            if len(names) >= MANY:  # those that have too much come first, those that have nothing last
                self.sorted_by, self.descending = 1, True
            self._take(found)
            self.endResetModel()
        else:
            self.layoutAboutToBeChanged.emit()
            self._take(found)
            self.layoutChanged.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; modes that have no number there come last."""
        self.layoutAboutToBeChanged.emit()
        self.sorted_by, self.descending = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()
        self.layoutChanged.emit()

    def row_of(self, mode: int) -> int:
        """Where a mode stands; −1 for nowhere."""
        found = np.flatnonzero(self.order == mode)
        return int(found[0]) if len(found) else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """A row for each mode."""
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """As declared."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, colour and side of one cell; a sentence for the tool tip."""
        mode, column = int(self.order[index.row()]), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(mode, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            quiet = self.theme.muted if column == DIM else self.theme.text
            return QColor(self.theme.alarm if self.missing[mode] else quiet)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.say(mode)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles, with an arrow on the column that the rows are sorted by."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            arrow = ("▴", "▾")[self.descending] if section == self.sorted_by else ""
            return (self.noun if section == 0 else COLUMNS[section].title) + arrow
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{COLUMNS[section].help} A click sorts by it."
        return None

    def text(self, mode: int, column: int) -> str:
        """What stands in a cell."""
        if column == 0:
            return self.names[mode]
        value = float(self._values[column][mode])
        return f"{value:,.{self._decimals[column]}f}{COLUMNS[column].unit}" if math.isfinite(value) else NONE

    def say(self, mode: int) -> str:
        """One mode in words."""
        parts = [f"{column.title} {self.text(mode, place)}" for place, column in enumerate(COLUMNS) if place]
        state = " is missing" if self.missing[mode] else ""
        return f"{self.noun} {self.names[mode]}{state}: {', '.join(parts)}"

    def _take(self, found: Diagnosed | None) -> None:
        self._values = [column.values(found) for column in COLUMNS] if found else []
        self._decimals = [column.decimals(values) for column, values in zip(COLUMNS, self._values, strict=False)]
        self.names = found.names if found else ()
        self.noun = "cell" if found and not found.named else COLUMNS[0].title
        self.missing = missing(found.mass, found.target, found.step) if found else np.zeros(0, bool)
        self._arrange()

    def _arrange(self) -> None:
        if not self._values:
            self.order = np.zeros(0, np.int64)
            return
        values = self._values[self.sorted_by]
        # NaN sorts last in either direction; among equals the order of the modes stands.
        self.order = np.argsort(-values if self.descending else values, kind="stable")


class RowsView(QTableView):
    """The table on its card.

    Signals:
        pointed: number of the mode under the mouse or the keys; None for no mode.
    """

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.scale = DARK, 1.0
        self.rows = Rows(self)
        self.setModel(self.rows)
        self.setAccessibleName("table of the modes")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setSectionsClickable(True)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setMinimumSectionSize(1)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.sectionClicked.connect(self.sort_by)
        self.entered.connect(self._enter)

    def show_found(self, found: Diagnosed | None) -> None:
        """Take up a finding; the chosen mode stays chosen, in whatever row it is now."""
        chosen = self.chosen
        self.rows.show(found)
        self._choose(chosen)

    @property
    def chosen(self) -> int | None:
        """The mode that is selected."""
        row = self.currentIndex().row()
        return int(self.rows.order[row]) if 0 <= row < len(self.rows.order) else None

    def sort_by(self, column: int) -> None:
        """Sort by a column: names upwards, numbers downwards first; again for the other way."""
        again = column == self.rows.sorted_by
        descending = not self.rows.descending if again else column > 0
        chosen = self.chosen
        self.rows.sort(column, Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder)
        self._choose(chosen)
        self.horizontalHeader().viewport().update()

    def restyle(self) -> None:
        """Colours, font and row height."""
        theme = self.rows.theme = self.theme
        font = plot_font(SMALL_PX, self.factor)
        self.setFont(font)
        self.horizontalHeader().setFont(font)
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(round(ROW_PX * self.factor))
        self.horizontalHeader().setFixedHeight(round(ROW_PX * self.factor))
        self.setStyleSheet(
            f"QTableView {{ background: {theme.plot}; border: 0; padding: 0; font-size: {font.pixelSize()}px; }}"
            f"QTableView::item {{ padding: 0; border: 0; }}"
            f"QTableView::item:selected {{ background: {theme.hover}; }}"
            f"QHeaderView {{ background: {theme.plot}; border: 0; }}"
            f"QHeaderView::section {{ background: {theme.plot}; color: {theme.muted}; border: 0;"
            f" padding: 0 3px; font-size: {font.pixelSize()}px; }}"
        )
        self._share_width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The columns share the width."""
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """What has no room is left out, the distance first; its number is in the tool tip."""
        room = self.viewport().width() - round(6 * self.scale)
        left_out = next((n for n in range(len(YIELDING)) if self._natural(YIELDING[:n]) <= room), len(YIELDING))
        whole = self._natural(YIELDING[:left_out])
        for place, column in enumerate(COLUMNS):
            self.setColumnHidden(place, place in YIELDING[:left_out])
            self.setColumnWidth(place, int(room * column.width * self.factor / whole))

    def _natural(self, left_out: tuple[int, ...]) -> float:
        return self.factor * sum(column.width for place, column in enumerate(COLUMNS) if place not in left_out)

    @property
    def factor(self) -> float:
        """Size of the text: it grows half as much as elsewhere, as the chips do, or the columns would not fit."""
        return 1 + (self.scale - 1) / 2

    def paintEvent(self, e: QPaintEvent) -> None:
        """The rows, and a dashed frame around each missing mode."""
        super().paintEvent(e)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(self.theme.alarm), 1.2 * self.scale, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([2.6, 2.0])
        painter.setPen(pen)
        first = max(0, self.rowAt(0))
        for row in range(first, len(self.rows.order)):
            top = self.rowViewportPosition(row)
            if top > self.viewport().height():
                break
            if self.rows.missing[self.rows.order[row]]:
                frame = QRectF(1, top + 1.5, self.viewport().width() - 2, self.rowHeight(row) - 3)
                painter.drawRoundedRect(frame, 3, 3)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right choose a column, Return sorts by it, Escape lets go; the rest as in every table."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.sort_by(max(0, self.currentIndex().column()))
        elif event.key() == Qt.Key.Key_Escape:
            self.setCurrentIndex(QModelIndex())
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which mode is chosen."""
        super().currentChanged(current, previous)  # pyright: ignore[reportArgumentType]
        if self.hasFocus() or not current.isValid():
            self.pointed.emit(self.chosen)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """No mode is under the mouse below the last row."""
        super().mouseMoveEvent(event)
        if not self.indexAt(event.position().toPoint()).isValid():
            self.pointed.emit(self.chosen)

    def leaveEvent(self, event: Any) -> None:
        """Back to the chosen one, if any."""
        super().leaveEvent(event)
        self.pointed.emit(self.chosen)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nothing is pointed at from elsewhere."""
        super().focusOutEvent(event)
        self.pointed.emit(None)

    def _enter(self, index: QModelIndex) -> None:
        self.pointed.emit(int(self.rows.order[index.row()]))

    def _choose(self, mode: int | None) -> None:
        row = -1 if mode is None else self.rows.row_of(mode)
        if row >= 0 and row != self.currentIndex().row():
            column = max(0, self.currentIndex().column())
            self.blockSignals(True)  # noqa: FBT003
            self.setCurrentIndex(self.rows.index(row, column))
            self.blockSignals(False)  # noqa: FBT003
