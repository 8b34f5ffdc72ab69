"""What the last looks say together: the numbers that a verdict rests on, over one window of training.

A window is ``SHARE`` of the run, between ``SHORTEST`` and ``LONGEST`` steps, and holds ``LEAST_LOOKS`` looks at least:
so a verdict rests on as much training whether looks come often or seldom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.diagnosis.census import census, grouped, is_counted
from models.diagnosis.chronicle import DEAD, Chronicle
from models.diagnosis.signs import Signs

Array = NDArray[Any]

SHARE: Final = 0.08
SHORTEST: Final = 100
LONGEST: Final = 2_000
LEAST_LOOKS: Final = 3
GRACE: Final = 2
"""Windows of training before which nothing is called wrong …"""

GRACE_LOOKS: Final = 5
"""… and looks."""

RIPE: Final = 0.7
"""Share of the run after which what is still badly fitted has had its time …"""

RIPE_STEPS: Final = 30_000
"""… or so many steps, if that is sooner."""

KEPT: Final = 3
"""Windows of looks that are remembered."""

NEARER: Final = 0.9
"""The samples improve while their distance to the data falls below this share of what it was a window before …"""

BETTER: Final = 0.03
"""… or the share of high quality rises by this much."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """One window of looks. Shares and ratios unless said otherwise.

    Attributes:
        step: of the newest look.
        window: steps from the first look to the newest.
        ready: whether training has gone on for long enough to call anything wrong.
        ripe: whether it has gone on for long enough to call a poor fit wrong.
        alive: how many modes are alive, of those that are judged.
        judged: how many modes are judged.
        missing: target share of the judged modes that are not alive.
        lost: the same of those that were alive before.
        empty: target share of the modes that have no samples nearest to them, the median over the window.
        there: share of samples that are at a mode, the median.
        good: share of samples of high quality, the median.
        far: sliced W₁ to the data over its standard deviation, the median.
        swing: half the sum over modes of how far its share went to and fro, which is its range less its change from
            the first look to the last; 1 when all mass went somewhere and came back.
        moved: way of a sample from look to look over the data's standard deviation, the median.
        gradient: that reaches a sample, the largest median.
        separated: chance that the critic tells real from generated, the median; NaN without a critic.
        latent: how many dimensions z has; NaN in models that infer no z from x.
        active: how many are in use, the most in the window.
        needed: how many could be of use, the median.
        rate: KL(q(z|x) ‖ p(z)), nats, the median.
        short: what the bound lacks to the data's own log density, nats, the median; NaN where that is unknown.
        born: whether modes are still being found.
        improving: whether they are, or the samples come nearer to the data or gain in quality.
        counted: whether modes are too many to be judged one by one: then ``alive`` have a sample at least, ``judged``
            have one of as many real samples on average, and the shares are those of ``census``.
    """

    step: int
    window: int
    ready: bool
    ripe: bool
    alive: int
    judged: int
    missing: float
    lost: float
    empty: float
    there: float
    good: float
    far: float
    swing: float
    moved: float
    gradient: float
    separated: float
    latent: float
    active: float
    needed: float
    rate: float
    short: float
    born: bool
    improving: bool
    counted: bool = False


def window_of(steps: int) -> int:
    """Length of the window of a run of this many steps."""
    return int(min(max(SHARE * steps, SHORTEST), LONGEST))


def recent(looks: Sequence[Signs], steps: int) -> list[Signs]:
    """The looks of the newest window."""
    since = looks[-1].step - window_of(steps)
    start = next(i for i, look in enumerate(looks) if look.step >= since)
    return list(looks[max(0, min(start, len(looks) - LEAST_LOOKS)) :])


def of_use(looks: Sequence[Signs], steps: int) -> list[Signs]:
    """The looks that evidence can still rest on; all older ones may be forgotten."""
    since = looks[-1].step - KEPT * window_of(steps)
    return [look for i, look in enumerate(looks) if look.step >= since or i >= len(looks) - KEPT * LEAST_LOOKS]


def weigh(looks: Sequence[Signs], chronicle: Chronicle, steps: int) -> Evidence:
    """The evidence of the looks so far.

    Args:
        looks: those that are ``of_use``, in rising order of steps, at least one.
        chronicle: of the modes, up to the newest look.
        steps: of the whole run.
    """
    last, target = recent(looks, steps), chronicle.target
    shares = np.stack([look.nearest for look in last])
    trained = looks[-1].step - chronicle.began
    absent = chronicle.judged & ~chronicle.alive
    born = any(event.born and event.step > last[0].step for event in chronicle.events)
    found = Evidence(
        step=looks[-1].step,
        window=last[-1].step - last[0].step,
        ready=len(looks) >= GRACE_LOOKS and trained >= GRACE * window_of(steps),
        ripe=trained >= min(RIPE * steps, RIPE_STEPS),
        alive=int(chronicle.alive.sum()),
        judged=int(chronicle.judged.sum()),
        missing=float(target[absent].sum()),
        lost=float(target[absent & chronicle.lost].sum()),
        empty=float(np.median([target[chronicle.judged & (share < DEAD * target)].sum() for share in shares])),
        there=_median([look.mass.sum() for look in last]),
        good=_median([look.good for look in last]),
        far=_median([look.far for look in last]),
        swing=0.0 if last[-1].wanders else _swing(shares),
        moved=float("nan") if last[-1].wanders else _median([look.moved for look in last]),
        gradient=max(look.gradient for look in last),
        separated=_median([look.separated for look in last]),
        latent=_median([look.latent for look in last]),
        active=max(look.active for look in last),
        needed=_median([look.needed for look in last]),
        rate=_median([look.rate for look in last]),
        short=_median([look.short for look in last]),
        born=born,
        improving=born or _improving(looks, last),
    )
    return _counted(found, looks, last, chronicle) if is_counted(chronicle) else found


def _counted(found: Evidence, looks: Sequence[Signs], last: Sequence[Signs], chronicle: Chronicle) -> Evidence:
    """The same where modes are counted."""
    told = census(looks, last, chronicle)
    swing = 0.0 if last[-1].wanders else _swing(grouped(np.stack([look.nearest for look in last])))
    return replace(
        found, alive=told.reached, judged=round(told.within), missing=told.missing, lost=told.lost, empty=told.empty,
        swing=swing, born=told.born, improving=told.born or found.improving, counted=True,
    )  # fmt: skip


def _swing(shares: Array) -> float:
    return float((np.ptp(shares, axis=0) - np.abs(shares[-1] - shares[0])).sum()) / 2


def _improving(looks: Sequence[Signs], last: Sequence[Signs]) -> bool:
    """Whether the samples are nearer or better than just before the last window; True while that cannot be told."""
    before = [look for look in looks if look.step < last[0].step][-len(last) :]
    if len(before) < LEAST_LOOKS:
        return True
    nearer = _median([look.far for look in last]) < NEARER * _median([look.far for look in before])
    return nearer or _median([look.good for look in last]) > _median([look.good for look in before]) + BETTER


def _median(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if known else float("nan")
