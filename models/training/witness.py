"""Who looks at a model: pictures and measures from any weights of a recipe, without disturbing its training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final
from weakref import ref

import numpy as np
import torch
from torch import Tensor

from models.data._base import few_of
from models.diagnosis import Instrument
from models.experiment import Experiment
from models.families._denoising import DenoisingModel
from models.families._variational import VariationalModel
from models.measures._base import Measure
from models.observations import OBSERVATIONS
from models.observations._base import CURVE_POINTS, Array, Arrays, Subject, main_axes, plain
from models.observations._caption import caption_answer
from models.observations._display import PICTURES, display_shape, shown_pictures
from models.observations._kde import histogram_density
from models.observations._likelihood import lacking, likelihood, tells_likelihood
from models.observations._map import thumbnail_answer
from models.observations._path import path_answer
from models.observations._picture_answer import past_answer, picture_answer
from models.observations._posterior import posterior_answer
from models.observations._traversal import interpolation_answer, latent_answer, traversal_answer
from models.observations._truth import truth, unknown
from models.observations.density import SIDE
from models.observations.jacobian import log_volume
from models.training._gauge import Floors, Gauge, Weights
from models.training.setting import Streams, build_model, set_up

SHEET: Final = 64
"""Samples that are shown however large they are."""

REAL_SHOWN: Final = 10_000

ABOUT_SUBJECT: Final[Mapping[str, Callable[[Subject, Mapping[str, Array]], dict[str, Array]]]] = MappingProxyType(
    {
        "interpolation": interpolation_answer,
        "traversal": traversal_answer,
        "latent": latent_answer,
        "caption": caption_answer,
        "thumbnail": thumbnail_answer,
        "picture": picture_answer,
        "past": past_answer,
    }
)
"""Questions whose answers need nothing but what an observation sees, and what was asked."""


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
        latent = self.game.model.latent
        self._all_noise = latent.draw(few_of(latent.dimension, points), chance)
        self._noise = self._all_noise[: self._shown]
        self._gauge = Gauge(self.experiment, self.game, self._real, self._all_noise)
        self._weights: Weights = (ref(np.empty(0)), False)
        self._axes = main_axes(self._real)
        self._player = build_model(self.experiment, chance)  # with the weights that train, while averaged ones are seen
        self._player.network.module.eval()
        self._kept: dict[str, Any] = {}
        self._instrument: Instrument | None = None
        self._is_average = False
        self._subject = self._look()

    def adopt(self, experiment: Experiment) -> None:
        """Go on under a recipe that differs in live options only."""
        before = self.experiment.family
        self.experiment = experiment.model_copy(update={"device": "cpu"})
        self.game.divergence = experiment.divergence
        for model in (self.game.model, self._player):
            model.adopt(experiment.family)
        self._noise = self._all_noise[: self._shown]
        self._subject = self._look()
        self._gauge.adopt(self.experiment)
        if self._instrument is not None and before != experiment.family:
            self._instrument.take_up(self._subject)

    @property
    def _shown(self) -> int:
        """How many samples are made of each look: as many as there is time for, and memory if they are large."""
        most = self.game.model.points
        return min(most, max(SHEET, few_of(self.experiment.data.dimension, most)))

    def load(self, values: Array, *, average: bool = False) -> None:
        """Take up weights, as ``Trainer.values()`` gives them; with ``average``, the averaged ones of the model."""
        tensor = torch.from_numpy(np.require(values, np.float32, "W"))  # copied only where it must be: it may be large
        model, critic = self.game.model.network, self.game.critic
        n = len(model.values)
        model.values.copy_(tensor[-n:] if average else tensor[:n])
        self._is_average = average
        self._weights = (ref(values), average)
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
            "image_shape": data.image_shape and tuple(data.image_shape),
            "image_range": data.image_range,
            "shown_shape": data.image_shape and tuple(display_shape(data.image_shape)),
            "real": plain(shown_pictures(self._subject, self._real[: PICTURES if data.image_shape else None])),
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
            model.condition.word: bool(model.condition),
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
        self._subject.unsettled = False
        for key in keys:
            observation = OBSERVATIONS[key]()
            reason = observation.missing(self._subject)
            if reason:
                missing[key] = reason
            else:
                pictures[key] = observation.observe(self._subject)
        return pictures, missing

    @property
    def unsettled(self) -> bool:
        """Whether the pictures that were made last become better when they are made again of the same weights."""
        return self._subject.unsettled

    def measure(self) -> dict[str, float]:
        """The live measures of the model that apply to this data, by key; none of samples that are not finite.

        A measure that is infinite, as a divergence from a law without mass where the model has some, is left out.
        """
        return self._gauge.measure(self._measured_samples())

    def prepare(self, seconds: float) -> bool:
        """Go on for about so long with what measures need beforehand; whether nothing of it is left to do."""
        return self._gauge.prepare(seconds)

    @property
    def gathers(self) -> bool:
        """Whether more samples are measured and diagnosed than are shown, which takes several calls of ``gather``."""
        return self._gauge.gathers

    def gather(self) -> bool:
        """Push some more of the samples of the present weights that are measured; whether there are enough of them.

        Other weights may be looked at in between; those of the last weights that were gathered of are forgotten.
        """
        return not self.gathers or self._gauge.gather(self._weights)

    def _measured_samples(self) -> Tensor:
        return self._gauge.gathered(self._weights) if self.gathers else self._subject.first_fakes(self.sample_size)

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
        subject = self._subject
        if self.gathers:
            subject = replace(subject, noise=self._all_noise[: self.sample_size], samples=self._measured_samples())
        if self.game.is_planar or not bool(subject.fake.isfinite().all()):
            return None
        if self._instrument is None or step < self._instrument.step:
            self._instrument = Instrument(subject)
        return self._instrument.look(subject, step)

    def floors(self, keys: Iterable[str] | None = None) -> Floors:
        """What a perfect sampler of the same size scores: key to (mean, low, high); key to title; key to unit.

        Args:
            keys: None for all, at once. A caller that has other work to do in between names those it lacks: then all
                floors come with the last of several calls, and empty mappings before (see ``Gauge.floors``).
        """
        return self._gauge.floors(at_once=keys is None)

    def live_measures(self) -> list[Measure]:
        """The measures that are taken now (see ``Gauge.measures``)."""
        return self._gauge.measures()

    @property
    def sample_size(self) -> int:
        """How many samples of the model are measured; fewer where a push is slow, so a change of sampler changes it."""
        return self._gauge.size

    def answer(self, question: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Answer an interactive question about the present weights.

        ``push``: ``z``, shape (N, k) or its first coordinates, gives ``x``, shape (N, d), and ``log_det``, shape (N,),
        NaN where the stretch is not defined. ``posterior``: ``x``, shape (1, d), or ``number``, shape (), of a real
        sample gives what ``posterior_answer`` says; only of models with the capability ``posterior``. ``path``: ``x``,
        shape (1, d), ``time``, shape (), and ``label``, shape (), if it has a class, give what ``path_answer`` says;
        only with the capability ``process``.

        ``interpolation``, ``traversal`` and ``latent`` of data that are pictures: see ``_traversal.py``; ``picture``
        and ``past``: see ``_picture_answer.py``; ``caption`` of data that are told in words: see ``_caption.py``;
        ``thumbnail`` of one picture: see ``_map.py``.

        Raises:
            KeyError: no such question.
        """
        if question in ABOUT_SUBJECT:
            return ABOUT_SUBJECT[question](self._subject, arrays)
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
        number = int(arrays.get("number", -1))  # a large picture is known to the window as a reduced one only
        x = self._real[number : number + 1] if number >= 0 else _tensor(arrays["x"])
        return posterior_answer(model, x)

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
        return data.specimens(REAL_SHOWN, chance)
    everything = data.training_set(chance)
    if everything is None:
        return data.draw(few_of(data.dimension, min(REAL_SHOWN, data.size)), chance)
    order = torch.randperm(len(everything), generator=chance)
    return everything[order[: few_of(data.dimension, REAL_SHOWN)]]
