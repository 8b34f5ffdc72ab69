"""Where pictures stand that are shown together: in panes beside and below one another, as many as there is room for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from explorer.widgets.pixels import ImageShape

WIDTH: Final = 8.0
"""Width of a pane in the units of the plot."""

GAP: Final = 0.9
"""Between two panes beside one another; the upper one of two has its caption as far above the lower."""

CAPTION: Final = 0.85
MARGIN: Final = 0.35
MARKS: Final = 1.75
"""Height of the row below the panes in which single pictures are shown."""

FEWEST: Final = 4
MOST: Final = 20
"""Pictures in a row."""

LEAST_PX: Final = 24
WIDEST_PX: Final = 62
"""Width that a picture has in a row of more than the fewest: by how many pixels it has itself, within these."""


@dataclass(frozen=True)
class Grid:
    """Panes of one size, each with so many pictures across and down; row 0 at the top, where y is ``WIDTH``.

    Attributes:
        across: pictures in a row.
        down: rows.
        panes: how many panes there are.
        columns: panes beside one another; where the last row has fewer, they stand at the right.
        aspect: height of a picture, in units of its width.
        has_marks: whether single pictures have a row of their own below.
    """

    across: int = 8
    down: int = 8
    panes: int = 2
    columns: int = 2
    aspect: float = 1.0
    has_marks: bool = True

    @property
    def side(self) -> float:
        """Width of a picture with its share of the gaps."""
        return WIDTH / self.across

    @property
    def height(self) -> float:
        """Of a pane."""
        return self.down * self.side * self.aspect

    @property
    def rows(self) -> int:
        """Panes below one another."""
        return -(-self.panes // self.columns)

    @property
    def foot(self) -> float:
        """Lower edge of the last row of panes."""
        return WIDTH - self.rows * self.height - (self.rows - 1) * CAPTION

    @property
    def has_corner(self) -> bool:
        """Whether the place at the lower left is free for single pictures."""
        return self.panes % self.columns > 0

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """All of it: left, bottom, right, top."""
        wide = self.columns * WIDTH + (self.columns - 1) * GAP
        below = MARKS if self.has_marks and not self.has_corner else 0.0
        return -MARGIN, self.foot - below - MARGIN / 2, wide + MARGIN, WIDTH + CAPTION

    def corner(self, pane: int) -> tuple[float, float]:
        """Left and upper edge of a pane."""
        missing = self.rows * self.columns - self.panes
        cell = pane + (missing if pane >= (self.rows - 1) * self.columns else 0)
        row, column = divmod(cell, self.columns)
        return column * (WIDTH + GAP), WIDTH - row * (self.height + CAPTION)

    def place(self, pane: int, number: int) -> tuple[float, float, float, float]:
        """Left, top, width and height of one picture of a pane."""
        left, top = self.corner(pane)
        row, column = divmod(number, self.across)
        tall = self.side * self.aspect
        return left + column * self.side, top - row * tall, self.side, tall

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """Pane and number of the picture at a place; None between the panes."""
        for pane in range(self.panes):
            left, top = self.corner(pane)
            column, row = math.floor((x - left) / self.side), math.floor((top - y) / (self.side * self.aspect))
            if 0 <= column < self.across and 0 <= row < self.down:
                return pane, row * self.across + column
        return None

    def mark(self, lane: int) -> tuple[float, float]:
        """Left and lower edge of single pictures: of data in lane 0, of the model in lane 1."""
        if self.has_corner:
            _, top = self.corner(self.columns)
            return 0.0, top - 1.5 - lane * MARKS
        return lane * (WIDTH + GAP), self.foot - MARKS + 0.05


def grid_for(
    size: tuple[float, float], shape: ImageShape, panes: int, most: int, *, scale: float = 1.0, has_marks: bool = True
) -> Grid:
    """The grid that has most of a room.

    Args:
        size: width and height of the room, pixels.
        shape: channels, rows and columns of a picture.
        panes: how many.
        most: pictures that there are for each pane.
        scale: of what is drawn on the screen; a presenter's pictures are larger, too.
        has_marks: see ``Grid``.
    """
    options = [
        _fitted(Grid(1, 1, panes, beside, shape[1] / shape[2], has_marks), size, most, _wished(shape) * scale)
        for beside in range(min(2, panes), panes + 1)
    ]
    return max(options, key=lambda grid: grid.across * grid.down * (grid.side * _unit(grid, size)) ** 2 * grid.aspect)


def _wished(shape: ImageShape) -> float:
    """Width of a picture on the screen, pixels."""
    return min(WIDEST_PX, max(LEAST_PX, 18 + 0.7 * shape[2]))


def _fitted(empty: Grid, size: tuple[float, float], most: int, wished: float) -> Grid:
    """As large pictures as let all be seen, or else as many as are wide enough."""
    left, _, right, _ = empty.frame
    unit = size[0] / (right - left)
    few = max(1, min(FEWEST, math.isqrt(max(1, int(most * max(1.0, empty.aspect))))))
    many = max(few, min(MOST, most, int(WIDTH * unit / wished)))
    grids = [_filled(replace(empty, across=across), size[1] / unit) for across in range(few, many + 1)]
    chosen = next((grid for grid in grids if grid.across * grid.down >= most), grids[-1])
    return replace(chosen, down=max(1, min(chosen.down, most // chosen.across)))


def _filled(grid: Grid, height: float) -> Grid:
    """With as many rows as a room of this height has, in units of the plot."""
    one = replace(grid, down=1)
    _, bottom, _, top = one.frame
    spare = height - (top - bottom)
    return replace(grid, down=1 + max(0, math.floor(spare / (grid.rows * grid.side * grid.aspect))))


def _unit(grid: Grid, size: tuple[float, float]) -> float:
    """Pixels that one unit of the plot has."""
    left, bottom, right, top = grid.frame
    return min(size[0] / (right - left), size[1] / (top - bottom))
