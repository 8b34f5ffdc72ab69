"""An ordinary differential equation solved by one step, or with steps as long as an error allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import torch
from torch import Tensor

Slope = Callable[[float, Tensor], Tensor]

NODES: Final = (1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0)
STAGES: Final[Sequence[Sequence[float]]] = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
ERROR: Final = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
"""Dormand and Prince 1980, J. Comput. Appl. Math. 6: the pair of orders 5 and 4. The last stage of a step lies at its
end, and is the first one of the next."""

SAME: Final = 1e-9
"""Times that are so near to one another are the same one."""

MOST_TRIALS: Final = 200
"""A field that needs more steps than this has been driven out of all bounds."""


def runge_kutta_step(slope: Slope, state: Tensor, start: float, stop: float) -> Tensor:
    """The state at ``stop``, shape (N, m), after one step of the classical method, of order 4.

    Source: Hairer, Nørsett and Wanner 1993, Solving ordinary differential equations I, section II.1.
    """
    length, middle = stop - start, (start + stop) / 2
    first = slope(start, state)
    second = slope(middle, state + length / 2 * first)
    third = slope(middle, state + length / 2 * second)
    last = slope(stop, state + length * third)
    return state + length / 6 * (first + 2 * (second + third) + last)


def solve(
    slope: Slope, state: Tensor, start: float, stop: float, tolerance: float, *, longest: float = math.inf
) -> Tensor:
    """The state at ``stop`` of dy/dt = slope(t, y), with y = ``state`` at ``start``.

    Autograd goes through the steps that were taken; how long they were is not differentiated.

    Args:
        slope: any time and state, shape (N, m), to its derivative.
        state: shape (N, m).
        start: time of ``state``; may be later than ``stop``.
        stop: time of the answer.
        tolerance: largest error that a step may make in any number y, in units of 1 + |y|.
        longest: no step is longer: two formulas can agree by chance on a step that leaps over what matters.

    Returns:
        Shape (N, m); NaN where the equation cannot be followed to its end in 200 steps.
    """
    for _, after in accepted(slope, state, start, stop, tolerance, longest=longest):
        state = after
    return state


def accepted(
    slope: Slope, state: Tensor, start: float, stop: float, tolerance: float, *, longest: float = math.inf
) -> Iterator[tuple[float, Tensor]]:
    """The same, step by step: the times at which accepted steps end and the states there; the last time is ``stop``."""
    sign = math.copysign(1.0, stop - start)
    time, length = start, sign * min(abs(stop - start), longest)
    first = slope(time, state)
    for _ in range(MOST_TRIALS):
        after, stages = _step(slope, time, state, first, length)
        error = _error(state, after, stages, length, tolerance)
        if error <= 1.0:
            is_last = abs(stop - time - length) < SAME
            time, state, first = stop if is_last else time + length, after, stages[-1]
            yield time, state
            if is_last:
                return
        length *= min(5.0, max(0.1, 0.9 * max(error, 1e-9) ** -0.2))
        length = sign * min(abs(length), longest, abs(stop - time))
    yield stop, state * torch.nan


def _step(slope: Slope, time: float, state: Tensor, first: Tensor, length: float) -> tuple[Tensor, list[Tensor]]:
    """The state after one step, and the slopes of its seven stages."""
    stages, after = [first], state
    for node, weights in zip(NODES, STAGES, strict=True):
        after = _add(state, stages, weights, length)
        stages.append(slope(time + node * length, after))
    return after, stages


def _add(state: Tensor, stages: Sequence[Tensor], weights: Sequence[float], length: float) -> Tensor:
    for stage, weight in zip(stages, weights, strict=True):
        if weight:
            state = torch.add(state, stage, alpha=weight * length)
    return state


def _error(before: Tensor, after: Tensor, stages: Sequence[Tensor], length: float, tolerance: float) -> float:
    """How large the step's error is in units of what is tolerated; 10⁹ where it is no number."""
    with torch.no_grad():
        error = _add(torch.zeros_like(before), stages, ERROR, length).abs()
        largest = float((error / (1 + torch.maximum(before.abs(), after.abs()))).amax()) / tolerance
    return largest if largest < 1e9 else 1e9
