"""The live measures of one recipe's models: of which samples they are taken, against what, and their floors."""

from __future__ import annotations

import math
from typing import Any, Final
from weakref import ReferenceType

import torch
from numpy.typing import NDArray
from torch import Tensor

from models.data._base import few_of
from models.experiment import Experiment
from models.measures import MEASURES
from models.measures._base import LogDensity, Measure, Reference, Samples
from models.measures._features import learning
from models.measures._floor import perfect_scores, summary
from models.objectives._base import Game
from models.training._levels import live_log_mass

MEASURED: Final = 2_500
"""Samples that enter a live measure (Lin et al. 2018, PacGAN, evaluate on as many)."""

WIDE: Final = 10
"""Dimensions above which half as many enter: there neighbours are found among all pairs, in a quarter of the time."""

GATHERED: Final = 1 << 34
"""Multiplications by weights that the pictures measured at one look may take, a second or two …"""

LEAST_GATHERED: Final = 320
"""… but so many pictures at least: of fewer, measures and modes say next to nothing."""

FLOOR_REPEATS: Final = 10
"""Perfect samplers that the floors of live measures come from; each takes less than about 0.1 s in the plane."""

Weights = tuple[ReferenceType[NDArray[Any]], bool]
"""All values, as one and the same array from look to look, and whether it is the averaged ones that are looked at."""

Floors = tuple[dict[str, tuple[float, float, float]], dict[str, str], dict[str, str]]


class Gauge:
    """Measures the models of one recipe.

    Of a model that is slow to make pictures, more are measured than one look shows: they are gathered, a look's at a
    time.

    Attributes:
        experiment: whose models are measured.
        size: how many samples are measured; fewer where a push is slow, so a change of sampler changes it.
    """

    def __init__(self, experiment: Experiment, game: Game, real: Tensor, noise: Tensor) -> None:
        """Set up for a recipe.

        Args:
            experiment: whose models are measured.
            game: with the model and its training sample.
            real: samples of P_X, shape (M, d).
            noise: latent samples, the same ones at every look, shape (N, k).
        """
        self._game, self._real, self._noise = game, real, noise
        self._parts: list[Tensor] = []
        self._weights: Weights | None = None
        self._is_ready = False
        self.experiment, self.size = experiment, 0
        self.adopt(experiment)

    def adopt(self, experiment: Experiment) -> None:
        """Go on under a recipe that differs in live options only."""
        before, self.experiment = self.size, experiment
        self.size = self._sample_size()
        self._weights = None
        if self.size != before:
            self._reference = self._refer()

    @property
    def gathers(self) -> bool:
        """Whether more samples are measured than a look shows."""
        return self.size > self._game.model.points

    def prepare(self, seconds: float) -> bool:
        """Go on for about so long with learning the features that measures compare.

        Returns:
            Whether nothing is left to be learnt.
        """
        if not self._is_ready:
            needed = any(measure.is_seen(self._reference) for measure in self._applying())
            self._is_ready = not needed or learning(self.experiment.data).advance(seconds)
        return self._is_ready

    def gather(self, weights: Weights) -> bool:
        """Push one look's samples more through the present weights.

        Args:
            weights: what they are; where they are others than before, samples of those are forgotten.

        Returns:
            Whether all that are measured have been pushed.
        """
        if not _same(weights, self._weights):
            self._parts, self._weights = [], weights
        have = sum(map(len, self._parts))
        if have < self.size:
            stop = min(self.size, have + self._game.model.points)
            self._parts.append(self._game.model.push(self._noise[have:stop]))
        return sum(map(len, self._parts)) >= self.size

    def gathered(self, weights: Weights) -> Tensor:
        """All of them, shape (size, d); those that are lacking are pushed now."""
        while not self.gather(weights):
            pass
        return torch.cat(self._parts)

    def measure(self, x: Tensor) -> dict[str, float]:
        """The live measures of a model's samples, shape (size, d), by key; none of samples that are not finite.

        A measure that is infinite, as a divergence from a law without mass where the model has some, is left out.
        """
        if not bool(x.isfinite().all()):
            return {}
        # With the model's density every divergence would be integrated over a grid: exact, but too slow to be live.
        plain = Samples(x, log_mass=self._log_mass())
        dense = Samples(x, self._log_prob())
        values = {
            measure.key: measure.evaluate(dense if measure.needs_density else plain, self._against(measure), _chance())
            for measure in self.measures()
        }
        return {key: value for key, value in values.items() if math.isfinite(value)}

    def measures(self) -> list[Measure]:
        """The measures cheap enough to be taken during training that apply to this data and this model.

        Distances come first and shares, of which more is better, after them. Those of features are among them once
        the features are learnt.
        """
        ready = [one for one in self._applying() if self._is_ready or not one.is_seen(self._reference)]
        return sorted(ready, key=lambda measure: measure.better == "larger")

    def floors(self, *, at_once: bool) -> Floors:
        """What a perfect sampler of the same size scores: key to (mean, low, high); key to title; key to unit.

        Args:
            at_once: a caller that has other work to do in between says no: every such call scores one perfect sampler
                with all measures, for they share most of the work, and all floors come with the last, empty mappings
                before.
        """
        measures = self.measures()
        # Kept with the reference, for they are true for as long as it is.
        keys = tuple(measure.key for measure in measures)
        rows: list[dict[str, float]] = self._reference.kept(("perfect scores", keys), list)
        while len(rows) < FLOOR_REPEATS:
            chance = torch.Generator().manual_seed(len(rows))
            rows.append(self._perfect_scores(measures, chance))
            if not at_once and len(rows) < FLOOR_REPEATS:
                return {}, {}, {}
        found = summary(measures, rows, self._reference, self.size)
        floors = {key: (one.mean, one.low, one.high) for key, one in found.items()}
        titles = {measure.key: measure.title for measure in measures}
        return floors, titles, {measure.key: measure.unit for measure in measures}

    def _applying(self) -> list[Measure]:
        drawn = Samples(self._real, self._log_prob(), self._log_mass())
        return [measure() for measure in MEASURES if measure.live and measure.applies(self._reference, drawn)]

    def _sample_size(self) -> int:
        data, model = self.experiment.data, self._game.model
        most = few_of(data.dimension, MEASURED if data.dimension <= WIDE else MEASURED // 2)
        shown = min(model.points, len(self._noise))
        if data.image_shape is None:
            return min(most, shown)
        most = min(most, len(self._real), len(self._noise))
        return min(most, max(shown, LEAST_GATHERED, GATHERED // model.sample_work))

    def _against(self, measure: Measure) -> Reference:
        """What a measure is taken against: fewer points where it asks for a density that is slow."""
        model = self._game.model
        is_slow = measure.needs_density and model.density == "flow"
        return self._reference.at_most(model.density_points) if is_slow else self._reference

    def _perfect_scores(self, measures: list[Measure], chance: torch.Generator) -> dict[str, float]:
        """What one perfect sampler scores, each measure against the points that the model is held against."""
        few = [measure for measure in measures if self._against(measure) is not self._reference]
        rest = [measure for measure in measures if measure not in few]
        found = perfect_scores(rest, self._reference, self.size, chance)
        return found | (perfect_scores(few, self._against(few[0]), self.size, chance) if few else {})

    def _refer(self) -> Reference:
        data, sample = self.experiment.data, self._game.sample
        training = None if sample is None else self._game.model.outward(sample.cpu())
        held = data.held_out_sample(few_of(data.dimension, MEASURED), torch.Generator().manual_seed(1))
        return Reference(self._real[: self.size], data, training, held)

    def _log_prob(self) -> LogDensity | None:
        """The model's own log density, where its family has one that a look has time for."""
        model = self._game.model
        return model.quick_log_prob if model.density in ("exact", "flow") and model.density_points else None

    def _log_mass(self) -> LogDensity | None:
        return live_log_mass(self._game.model, self.experiment.data)


def _same(one: Weights, other: Weights | None) -> bool:
    """By identity: arrays have no single equality, and only one plain weak reference each."""
    return other is not None and one[0] is other[0] and one[1] == other[1]


def _chance() -> torch.Generator:
    """The same chance at every step, so that a measure moves only when the model does."""
    return torch.Generator().manual_seed(0)
