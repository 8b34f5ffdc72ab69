"""What the pictures on the way through latent space are called: rows, columns, ends."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Arrays
from explorer.views._picture_sheet import Margins
from explorer.views._rate_bars import SUBSCRIPTS, name_of

LETTERS: Final = "ABCD"
"""Of the ends."""


def names_of(arrays: Arrays) -> list[str]:
    """What each row is called: a coordinate of z, or a direction."""
    return [
        name_of(int(axis)) if axis >= 0 else f"v{str(row + 1).translate(SUBSCRIPTS)}"
        for row, axis in enumerate(arrays["axis"])
    ]


def row_words(arrays: Arrays, span: float) -> list[str]:
    """How much each row tells: nats where that is known, else the change of a pixel as a share of black to white."""
    changed = [f"{100 * float(change) / span:.2g} %" for change in arrays["change"]]
    return [
        words if np.isnan(rate) else f"{rate:.2f} nats" if used else "unused"
        for words, rate, used in zip(changed, arrays["rate"], arrays["used"], strict=True)
    ]


def margins_between(pictures: int, columns: int, ends: int) -> Margins:
    """What stands beside pictures that lie between two latents, or four."""
    if ends == 4:
        return Margins(caption="between four latents")
    heads = [f"{share:.2g}" if 0 < share < 1 else f"{share:.0f}" for share in np.linspace(0, 1, columns)]
    names = [("straight", ""), ("great circle", "")][: pictures // columns]
    return Margins(names, heads, "between two latents: share of the way from A to B")


def corners(pictures: int, columns: int, ends: int) -> dict[int, str]:
    """Which pictures are the ends themselves."""
    if ends == 2:
        return {0: "A", columns - 1: "B"}
    return dict(zip((0, columns - 1, pictures - columns, pictures - 1), LETTERS, strict=True))
