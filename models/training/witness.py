"""Who looks at a model: pictures and measures from any weights of a recipe, without disturbing its training."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from models.data._base import few_of
from models.diagnosis import Instrument
from models.experiment import Experiment
from models.families._denoising import DenoisingModel
from models.families._variational import VariationalModel
from models.measures import MEASURES
from models.measures._base import LogDensity, Measure, Reference, Samples
from models.measures._floor import perfect_scores, summary
from models.observations import OBSERVATIONS
from models.observations._base import CURVE_POINTS, Array, Arrays, Subject, main_axes, plain
from models.observations._kde import histogram_density
from models.observations._likelihood import lacking, likelihood, tells_likelihood
from models.observations._path import path_answer
from models.observations._posterior import posterior_answer
from models.observations._truth import truth, unknown
from models.observations.density import SIDE
from models.observations.jacobian import log_volume
from models.training.setting import Streams, build_model, set_up

MEASURED: Final = 2_500
"""Samples that enter a live measure (Lin et al. 2018, PacGAN, evaluate on as many)."""

WIDE: Final = 10
"""Dimensions above which half as many enter: there neighbours are found among all pairs, in a quarter of the time."""

REAL_SHOWN: Final = 10_000

REAL_SENT: Final = 64
"""Real pictures that the window shows; more of them stay here."""

FLOOR_REPEATS: Final = 10
"""Perfect samplers that the floors of live measures come from; each takes less than about 0.1 s in the plane."""


class Witness:
    """Looks at the models of one recipe. What it draws at random is its own and the same at every step."""

    def __init__(self, experiment: Experiment, *, points: int = 10_000) -> None:
        """Set up for a recipe.

        Args:
            experiment: whose models are looked at.
            points: how many latent samples are pushed for pictures, at most.
        """
        self.experiment = experiment.model_copy(update={"device": "cpu"})
        self.game, _ = set_up(self.experiment, Streams.from_seed(self.experiment.seed))
        for network in (self.game.model.network, self.game.critic):
            if network is not None:
                network.module.eval()
        chance = torch.Generator().manual_seed(0)
        self._real = _real_samples(self.experiment, chance)
        self._all_noise = self.game.model.latent.draw(points, chance)
        self._noise = self._all_noise[: self.game.model.points]
        self._reference = self._refer()
        self._axes = main_axes(self._real)
        self._player = build_model(self.experiment, chance)  # with the weights that train, while averaged ones are seen
        self._player.network.module.eval()
        self._kept: dict[str, Any] = {}
        self._instrument: Instrument | None = None
        self._is_average = False
        self._subject = self._look()

    def adopt(self, experiment: Experiment) -> None:
        """Go on under a recipe that differs in live options only."""
        before, size = self.experiment.family, self.sample_size
        self.experiment = experiment.model_copy(update={"device": "cpu"})
        self.game.divergence = experiment.divergence
        for model in (self.game.model, self._player):
            model.adopt(experiment.family)
        self._noise = self._all_noise[: self.game.model.points]
        self._subject = self._look()
        if size != self.sample_size:
            self._reference = self._refer()
        if self._instrument is not None and before != experiment.family:
            self._instrument.take_up(self._subject)

    def load(self, values: Array, *, average: bool = False) -> None:
        """Take up weights, as ``Trainer.values()`` gives them; with ``average``, the averaged ones of the model."""
        tensor = torch.from_numpy(np.array(values, dtype=np.float32))
        model, critic = self.game.model.network, self.game.critic
        n = len(model.values)
        model.values.copy_(tensor[-n:] if average else tensor[:n])
        self._is_average = average
        if average:
            self._player.network.values.copy_(tensor[:n])
        if critic is not None:
            critic.values.copy_(tensor[n : n + len(critic.values)])
        self._subject = self._look()

    @property
    def subject(self) -> Subject:
        """What is looked at, with the weights that were loaded last."""
        return self._subject

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw from the model, shape (n, d)."""
        return self.game.model.sample(n, generator)

    def scene(self) -> dict[str, Any]:
        """What stays the same throughout a run, as the arguments of the window's ``Scene`` but its run number."""
        data = self.experiment.data
        return {
            "title": data.title,
            "dimension": data.dimension,
            "latent_dimension": self.game.model.latent_dimension,
            "bounds": data.bounds(),
            "latent_extent": self.game.model.latent.extent,
            "image_shape": data.image_shape,
            "image_range": data.image_range,
            "real": plain(self._real[: REAL_SENT if data.image_shape else None]),
            "parameters": self.game.model.network.parameters,
            "critic_parameters": self.game.critic.parameters if self.game.critic else 0,
            "offers": self.offers(),
            "class_names": data.class_names,
            **self._true_density(),
            **self._mode_table(),
        }

    def offers(self) -> frozenset[str]:
        """What can be asked of the model: of the scene, this alone changes with the objective."""
        model = self.game.model
        more = {
            "density": model.density == "exact",
            "likelihood": model.density == "flow" and model.density_points > 0,
            "classes": model.classes > 0,
            "map": model.is_map,
        }
        held = {word for word, holds in more.items() if holds}
        return self.experiment.family.capabilities | self.experiment.objective.capabilities | held

    def observe(self, keys: Iterable[str]) -> tuple[dict[str, Arrays], dict[str, str]]:
        """Make observations.

        Args:
            keys: which; unknown ones are reported as missing.

        Returns:
            Key to arrays, and key to the sentence that says why there is nothing to see.
        """
        pictures: dict[str, Arrays] = {}
        missing: dict[str, str] = {}
        for key in keys:
            observation = OBSERVATIONS[key]()
            reason = observation.missing(self._subject)
            if reason:
                missing[key] = reason
            else:
                pictures[key] = observation.observe(self._subject)
        return pictures, missing

    def measure(self) -> dict[str, float]:
        """The live measures of the model that apply to this data, by key; none of samples that are not finite.

        A measure that is infinite, as a divergence from a law without mass where the model has some, is left out.
        """
        plain = Samples(self._subject.fake[: self.sample_size])
        if not bool(plain.x.isfinite().all()):
            return {}
        # With the model's density every divergence would be integrated over a grid: exact, but too slow to be live.
        dense = Samples(plain.x, self._log_prob())
        values = {
            measure.key: measure.evaluate(dense if measure.needs_density else plain, self._against(measure), _chance())
            for measure in self.live_measures()
        }
        return {key: value for key, value in values.items() if math.isfinite(value)}

    def truth(self) -> dict[str, float]:
        """What can be known of the model and its objective alone, as far as it is known.

        The critic against the truth (``bound``, ``divergence``, ``gap`` and ``floor``), or, of a model with a density
        and no critic, its likelihood on training and held-out data (see ``likelihood``).
        """
        return likelihood(self._subject) if tells_likelihood(self._subject) else truth(self._subject)

    def unknown(self) -> str:
        """Why there is no bound or nothing to hold it against, or no data held out, in one sentence; else empty."""
        return lacking(self._subject) if tells_likelihood(self._subject) else unknown(self._subject)

    def diagnose(self, step: int) -> dict[str, Any] | None:
        """How the modes fare at this step, as the arguments of the session's ``Diagnosed`` but run and step.

        Steps are told in rising order; the last one may be told again, of other samples of the same weights, and one
        before it begins the story anew. None of samples that are not finite, and none of a game of two numbers, which
        has no mode to lose.
        """
        if self.game.is_planar or not bool(self._subject.fake.isfinite().all()):
            return None
        if self._instrument is None or step < self._instrument.step:
            self._instrument = Instrument(self._subject)
        return self._instrument.look(self._subject, step)

    def floors(
        self, keys: Iterable[str] | None = None
    ) -> tuple[dict[str, tuple[float, float, float]], dict[str, str], dict[str, str]]:
        """What a perfect sampler of the same size scores: key to (mean, low, high); key to title; key to unit.

        Args:
            keys: None for all, at once. A caller that has other work to do in between names those it lacks: every
                such call scores one perfect sampler with all measures, for they share most of the work, and all floors
                come with the last, empty mappings before.
        """
        measures = self.live_measures()
        # Kept with the reference, for they are true for as long as it is.
        rows: list[dict[str, float]] = self._reference.kept("perfect scores", list)
        while len(rows) < FLOOR_REPEATS:
            chance = torch.Generator().manual_seed(len(rows))
            rows.append(self._perfect_scores(measures, chance))
            if keys is not None and len(rows) < FLOOR_REPEATS:
                return {}, {}, {}
        found = summary(measures, rows, self._reference, self.sample_size)
        floors = {key: (one.mean, one.low, one.high) for key, one in found.items()}
        titles = {measure.key: measure.title for measure in measures}
        return floors, titles, {measure.key: measure.unit for measure in measures}

    def live_measures(self) -> list[Measure]:
        """The measures cheap enough to be taken during training that apply to this data and this model.

        Distances come first and shares, of which more is better, after them.
        """
        drawn = Samples(self._real, self._log_prob())
        live = [measure() for measure in MEASURES if measure.live and measure.applies(self._reference, drawn)]
        return sorted(live, key=lambda measure: measure.better == "larger")

    @property
    def sample_size(self) -> int:
        """How many samples of the model are measured; fewer where a push is slow, so a change of sampler changes it."""
        most = MEASURED if self.experiment.data.dimension <= WIDE else MEASURED // 2
        return min(most, len(self._noise))

    def _against(self, measure: Measure) -> Reference:
        """What a measure is taken against: fewer points where it asks for a density that is slow."""
        model = self.game.model
        is_slow = measure.needs_density and model.density == "flow"
        return self._reference.at_most(model.density_points) if is_slow else self._reference

    def _perfect_scores(self, measures: list[Measure], chance: torch.Generator) -> dict[str, float]:
        """What one perfect sampler scores, each measure against the points that the model is held against."""
        few = [measure for measure in measures if self._against(measure) is not self._reference]
        rest = [measure for measure in measures if measure not in few]
        found = perfect_scores(rest, self._reference, self.sample_size, chance)
        return found | (perfect_scores(few, self._against(few[0]), self.sample_size, chance) if few else {})

    def _refer(self) -> Reference:
        return Reference(self._real[: self.sample_size], self.experiment.data)

    def _log_prob(self) -> LogDensity | None:
        """The model's own log density, where its family has one that a look has time for."""
        model = self.game.model
        return model.quick_log_prob if model.density in ("exact", "flow") and model.density_points else None

    def answer(self, question: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Answer an interactive question about the present weights.

        ``push``: ``z``, shape (N, k) or its first coordinates, gives ``x``, shape (N, d), and ``log_det``, shape (N,),
        NaN where the stretch is not defined. ``posterior``: ``x``, shape (1, d), gives what ``posterior_answer`` says;
        only of models with the capability ``posterior``. ``path``: ``x``, shape (1, d), ``time``, shape (), and
        ``label``, shape (), if it has a class, give what ``path_answer`` says; only with the capability ``process``.

        Raises:
            KeyError: no such question.
        """
        return {"push": self._push, "posterior": self._posterior, "path": self._path}[question](arrays)

    def _path(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        model = self.game.model
        if not isinstance(model, DenoisingModel):
            raise KeyError(f"{self.experiment.family.title} has no way from noise to data in time")
        label = int(arrays["label"]) if "label" in arrays else -1
        return path_answer(model, _tensor(arrays["x"]), float(arrays["time"]), self._noise, label)

    def _posterior(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        model = self.game.model
        if not isinstance(model, VariationalModel):
            raise KeyError(f"{self.experiment.family.title} infers no z from x")
        return posterior_answer(model, _tensor(arrays["x"]))

    def _push(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        shown, k = _tensor(arrays["z"]), self.game.model.latent_dimension
        z = torch.zeros(len(shown), k)
        z[:, : min(k, shown.shape[1])] = shown[:, :k]
        is_smooth = "push" in self.experiment.family.capabilities
        defined = is_smooth and k <= min(2, self.experiment.data.dimension)
        stretch = log_volume(self.game.model, z) if defined else torch.full((len(z),), torch.nan)
        return {"x": plain(self.game.model.push(z)), "log_det": plain(stretch)}

    def _look(self) -> Subject:
        bounds = self.experiment.data.bounds()
        player = self._player if self._is_average else None
        return Subject(self.experiment, self.game, self._real, self._noise, bounds, self._axes, player, self._kept)

    def _true_density(self) -> dict[str, Any]:
        data = self.experiment.data
        if data.dimension > 2:
            return {"density": np.empty(0, np.float32), "exact": False}
        exact = "log_prob" in data.capabilities
        side = SIDE if data.dimension == 2 else CURVE_POINTS
        if exact:
            density = data.log_prob(self._subject.data_grid(side)).exp().view([side] * data.dimension)
        else:
            density = histogram_density(self._real, data.bounds(), side)
        return {"density": plain(density), "exact": exact}

    def _mode_table(self) -> dict[str, Any]:
        modes = self.experiment.data.parts
        return {
            "mode_means": plain(modes.means),
            "mode_radii": plain(modes.radii),
            "mode_weights": plain(modes.weights),
            "mode_names": modes.names,
            "named": self.experiment.data.named_modes() is not None,
        }


def _tensor(array: Array) -> Tensor:
    return torch.from_numpy(np.array(array, dtype=np.float32))


def _real_samples(experiment: Experiment, chance: torch.Generator) -> Tensor:
    """Real samples for pictures and measures: fresh ones of a law, or the whole of a finite sample up to a bound."""
    data = experiment.data
    if "sample" in data.capabilities or data.size is None:
        return data.draw(few_of(data.dimension, REAL_SHOWN), chance)
    everything = data.training_set(chance)
    if everything is None:
        return data.draw(few_of(data.dimension, min(REAL_SHOWN, data.size)), chance)
    order = torch.randperm(len(everything), generator=chance)
    return everything[order[: few_of(data.dimension, REAL_SHOWN)]]


def _chance() -> torch.Generator:
    """The same chance at every step, so that a measure moves only when the model does."""
    return torch.Generator().manual_seed(0)
