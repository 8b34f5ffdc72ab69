"""What to expect of pictures where they are compared number by number, in the words that people are told."""

from __future__ import annotations

from typing import Final

COARSE: Final = "Of pictures it sees the coarse first: forms come soon, clean strokes slowly."
"""Of kernels and slices, to which two pictures of one form are near."""

BLURRED: Final = (
    "Pictures come out blurred, for no two in a batch are alike: each sample moves towards the mean of several."
)
"""Of couplings of whole pictures."""
