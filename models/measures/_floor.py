"""The noise floor: what a perfect sampler of the same size scores."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import torch

from models.measures._base import Measure, Reference, Samples

SPREAD: Final = 1.96
"""Standard deviations of a Gaussian that hold 95 % of it on either side of its mean."""

SPLIT_NEEDS: Final = 4
"""Points whose halves still have the two points that a measure needs."""


class Floor(NamedTuple):
    """What a perfect sampler scores: the mean, and the interval that holds 95 % of its scores."""

    mean: float
    low: float
    high: float


UNKNOWN: Final = Floor(math.nan, math.nan, math.nan)
"""Where a perfect sampler cannot be had."""


def floor(
    measure: Measure, reference: Reference, n: int, generator: torch.Generator, repeats: int | None = None
) -> Floor:
    """The floor of one measure: see ``floors``."""
    return floors([measure], reference, n, generator, repeats)[measure.key]


def floors(
    measures: Iterable[Measure], reference: Reference, n: int, generator: torch.Generator, repeats: int | None = None
) -> dict[str, Floor]:
    """Score a perfect sampler that draws as many samples as the model did.

    Where the law itself can be drawn from, every repeat is n fresh draws held against the same reference: what a
    perfect model would have shown in place of this one. Otherwise every repeat splits the reference's M points at
    random into n of them (no more than half) and the rest, and holds one part against the other. The parts are smaller
    than n and M, which raises the value of most measures, so it is scaled by
    ((1/n + 1/M) / (1/n' + 1/m'))^rate with the measure's own rate, and its spread by that power, or ½ if that is more.
    Points are never drawn twice: a copy of a point in the reference would lower every distance.
    Measures of as many points share the draws and the work that they have in common.

    Args:
        measures: which.
        reference: what the model's samples are held against.
        n: how many samples the model drew, at least 2.
        generator: the only source of chance.
        repeats: how many times; each measure's own number if not given.

    Returns:
        Key to mean and 95 % interval (mean ± 1.96 standard deviations, within what the measure can be); NaN if the law
        cannot be drawn from and the reference has fewer than four points, or if a perfect model's density is asked
        for and not known.
    """
    found: dict[str, Floor] = {}
    for alike in alike_in_size(measures, max(n, len(reference.x))):
        times = repeats or alike[0].repeats
        rows = [perfect_scores(alike, reference, n, generator) for _ in range(times)]
        found |= summary(alike, rows, reference, n)
    return found


def alike_in_size(measures: Iterable[Measure], most: int) -> list[list[Measure]]:
    """Measures in groups that take as many of at most so many points, as many times."""

    def size(measure: Measure) -> tuple[int, int]:
        return min(measure.largest, most), measure.repeats

    return [list(group) for _, group in groupby(sorted(measures, key=size), key=size)]


def perfect_scores(
    measures: Sequence[Measure], reference: Reference, n: int, generator: torch.Generator
) -> dict[str, float]:
    """Score one perfect sampler: fresh draws, or the one part of a split. Measures are alike in size.

    Returns:
        Key to score; NaN where there are too few points, or where a density is asked for that is not known.
    """
    n = min(n, measures[0].largest)
    own = {measure: measure.perfect(reference, n, generator) for measure in measures}
    known = {measure.key: score for measure, score in own.items() if score is not None}
    return known | _drawn_scores([m for m in measures if own[m] is None], reference, n, generator)


def _drawn_scores(
    measures: Sequence[Measure], reference: Reference, n: int, generator: torch.Generator
) -> dict[str, float]:
    if not measures:
        return {}
    if _has_sampler(reference) and reference.data is not None:
        draws = Samples(reference.data.draw(n, generator).to(reference.x), reference.log_prob)
        return _scores(measures, draws, reference, generator)
    parts = reference.at_most(2 * measures[0].largest)
    if len(parts.x) < SPLIT_NEEDS:
        return {measure.key: math.nan for measure in measures}
    return _split_scores(measures, parts, n, generator)


def summary(
    measures: Sequence[Measure], rows: Sequence[Mapping[str, float]], reference: Reference, n: int
) -> dict[str, Floor]:
    """The floors of measures alike in size, from scores of perfect samplers that drew n samples each."""
    shrinkages = {m.key: (1.0, 1.0) if _has_sampler(reference) else _shrinkage(m, reference, n) for m in measures}
    return {m.key: _summary([row[m.key] for row in rows], *shrinkages[m.key], m.bounds(reference)) for m in measures}


def _has_sampler(reference: Reference) -> bool:
    return reference.data is not None and "sample" in reference.data.capabilities


def _scores(
    measures: Sequence[Measure], samples: Samples, reference: Reference, generator: torch.Generator
) -> dict[str, float]:
    """What each measure says of a perfect sampler; NaN where it would need to know more."""
    # The perfect model's own density is for those that ask for it only: with it, divergences would be 0 by definition.
    plain = Samples(samples.x)
    shown = {m: samples if m.needs_density else plain for m in measures}
    return {
        m.key: m.evaluate(shown[m], reference, generator) if m.applies(reference, shown[m]) else math.nan
        for m in measures
    }


def _split_scores(
    measures: Sequence[Measure], reference: Reference, n: int, generator: torch.Generator
) -> dict[str, float]:
    order = torch.randperm(len(reference.x), generator=generator).to(reference.x.device)
    n = min(n, len(order) // 2)
    rest = reference.of(reference.x[order[n:]])
    return _scores(measures, Samples(reference.x[order[:n]], reference.log_prob), rest, generator)


def _shrinkage(measure: Measure, reference: Reference, n: int) -> tuple[float, float]:
    """By how much mean and spread of a split of the reference exceed those of n samples against all of it."""
    m, d = reference.x.shape
    n, split = min(n, measure.largest), min(m, 2 * measure.largest)
    if split < SPLIT_NEEDS:
        return 1.0, 1.0
    part = min(n, split // 2)
    whole_size = 1 / n + 1 / min(m, measure.largest)
    part_size = 1 / part + 1 / min(split - part, measure.largest)
    ratio, rate = whole_size / part_size, measure.rate(d)
    return ratio**rate, ratio ** max(rate, 0.5)


def _summary(scores: list[float], level: float, spread: float, bounds: tuple[float, float]) -> Floor:
    mean = level * statistics.fmean(scores)
    if not math.isfinite(mean):
        return UNKNOWN if math.isnan(mean) else Floor(mean, *bounds)
    reach = SPREAD * spread * (statistics.stdev(scores) if len(scores) > 1 else 0.0)
    return Floor(mean, min(mean, max(bounds[0], mean - reach)), max(mean, min(bounds[1], mean + reach)))
