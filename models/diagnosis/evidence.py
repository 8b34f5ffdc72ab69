"""What the last looks say together: the numbers that a verdict rests on, over one window of training.

A window is ``SHARE`` of the run, between ``SHORTEST`` and ``LONGEST`` steps, and holds ``LEAST_LOOKS`` looks at least:
so a verdict rests on as much training whether looks come often or seldom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.diagnosis.chronicle import DEAD, Chronicle
from models.diagnosis.signs import Signs

Array = NDArray[Any]

SHARE: Final = 0.08
SHORTEST: Final = 100
LONGEST: Final = 2_000
LEAST_LOOKS: Final = 4
GRACE: Final = 2
"""Windows of training before which nothing is called wrong."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """One window of looks. Shares and ratios unless said otherwise.

    Attributes:
        step: of the newest look.
        window: steps from the first look to the newest.
        ready: whether training has gone on for long enough to call anything wrong.
        alive: how many modes are alive, of those that are judged.
        judged: how many modes are judged.
        missing: target share of the judged modes that are not alive.
        empty: target share of the modes that have no samples nearest to them, the median over the window.
        there: share of samples that are at a mode, the median.
        good: share of samples of high quality, the median.
        far: sliced W₁ to the data over its standard deviation, the median.
        swing: half the sum over modes of how far its share rose and fell; 1 when all mass changed places once.
        moved: way of a sample per look over the data's standard deviation, the median.
        gradient: that reaches a sample, the largest median.
        separated: chance that the critic tells real from generated, the median; NaN without a critic.
        faded: share of samples without minimax gradient, the median; NaN without a critic.
        improving: whether the samples come nearer to the data, or modes are still being found.
    """

    step: int
    window: int
    ready: bool
    alive: int
    judged: int
    missing: float
    empty: float
    there: float
    good: float
    far: float
    swing: float
    moved: float
    gradient: float
    separated: float
    faded: float
    improving: bool


def window_of(steps: int) -> int:
    """Length of the window of a run of this many steps."""
    return int(min(max(SHARE * steps, SHORTEST), LONGEST))


def recent(looks: Sequence[Signs], steps: int) -> list[Signs]:
    """The looks of the newest window."""
    since = looks[-1].step - window_of(steps)
    start = next(i for i, look in enumerate(looks) if look.step >= since)
    return list(looks[max(0, min(start, len(looks) - LEAST_LOOKS)) :])


def weigh(looks: Sequence[Signs], chronicle: Chronicle, steps: int) -> Evidence:
    """The evidence of all looks so far.

    Args:
        looks: in rising order of steps, at least one.
        chronicle: of the modes, up to the newest look.
        steps: of the whole run.
    """
    last, target = recent(looks, steps), chronicle.target
    shares = np.stack([look.nearest for look in last])
    span = last[-1].step - last[0].step
    return Evidence(
        step=looks[-1].step,
        window=span,
        ready=len(looks) > GRACE * LEAST_LOOKS and looks[-1].step >= GRACE * window_of(steps),
        alive=int(chronicle.alive.sum()),
        judged=int(chronicle.judged.sum()),
        missing=float(target[chronicle.judged & ~chronicle.alive].sum()),
        empty=float(np.median([target[chronicle.judged & (share < DEAD * target)].sum() for share in shares])),
        there=_median([look.mass.sum() for look in last]),
        good=_median([look.good for look in last]),
        far=_median([look.far for look in last]),
        swing=float(np.ptp(shares, axis=0).sum()) / 2,
        moved=_median([look.moved for look in last]),
        gradient=max(look.gradient for look in last),
        separated=_median([look.separated for look in last]),
        faded=_median([look.faded for look in last]),
        improving=_improving(looks, chronicle, steps),
    )


def _improving(looks: Sequence[Signs], chronicle: Chronicle, steps: int) -> bool:
    """Whether a mode was born in the last window, or the samples came a tenth nearer since the window before it."""
    since = looks[-1].step - window_of(steps)
    born = any(event.born and event.step > since for event in chronicle.events)
    before = [look for look in looks if look.step < since][-LEAST_LOOKS:]
    if not before:
        return True
    now = recent(looks, steps)
    nearer = _median([look.far for look in now]) < 0.9 * _median([look.far for look in before])
    better = _median([look.good for look in now]) > _median([look.good for look in before]) + 0.03
    return born or nearer or better


def _median(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if known else float("nan")
