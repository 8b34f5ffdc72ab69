"""One run as the observer sees it: its witness, the newest weights, and those that are looked at instead."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from explorer.session.commands import State
from explorer.session.messages import Diagnosed, Floors, Measured, ModeEvent, Remedy
from explorer.session.snapshot import Array, Scene, Snapshot, freeze
from explorer.session.weights import Weights, WeightsReader
from explorer.session.workshop import Witness

_logger = logging.getLogger(__name__)

T = TypeVar("T")

Mark = tuple[int, bool]
"""Number of the weights that something was made of, and whether of their average."""


class Sight:
    """Remembers what was shown and measured already, so that nothing is made twice."""

    def __init__(self, run: int, experiment: Any, witness: Witness, weights: Path) -> None:
        """Look at a run.

        Raises:
            FileNotFoundError: the run is over.
        """
        self.run = run
        self.recipe: dict[str, Any] = experiment.to_dict()
        self.measures: tuple[str, ...] = ()
        self.floors_sent = False
        self._witness = witness
        self._reader = WeightsReader(weights)
        self._newest: Weights | None = None
        self._looked: Weights | None = None
        self._looks = 0
        self._loaded: Mark | None = None
        self._seen: int | None = None
        self._view: tuple[frozenset[str], bool] | None = None
        self._measured: Mark | None = None
        self._gathered: tuple[Weights, bool] | None = None
        self.is_gathering = False
        self.is_prepared = self._is_preparing = False
        self._diagnosed: Mark | None = None
        self._floors = Floors(run, {}, {}, {})

    @property
    def shown(self) -> Weights | None:
        """The weights that pictures are made of."""
        return self._looked if self._looked is not None else self._newest

    @property
    def floors_of(self) -> tuple[Any, int, tuple[str, ...]]:
        """What floors depend on: the data, how many samples are measured, and the measures."""
        return self.recipe["data"], self._witness.sample_size, self.measures

    def scene(self) -> Scene:
        """What stays the same throughout the run."""
        return Scene(run=self.run, **self._witness.scene())

    def refresh(self) -> None:
        """Take up the newest weights, if there are new ones."""
        self._newest = self._reader.read() or self._newest

    def adopt(self, experiment: Any) -> Scene | None:
        """Go on under a recipe that differs in live options; the scene, if the model offers something else now."""
        offered, law, family = self._witness.offers(), self.floors_of, self.recipe.get("family")
        self._witness.adopt(experiment)
        self.recipe = experiment.to_dict()
        self._loaded = self._seen = self._measured = None
        self._gathered, self.is_gathering = None, False
        if self.recipe.get("family") != family:  # the same weights have other samples now
            self._diagnosed = None
        if self.floors_of != law:
            self._floors, self.floors_sent = Floors(self.run, {}, {}, {}), False
        return None if self._witness.offers() == offered else self.scene()

    def look(self, state: State | None) -> None:
        """Look at the weights of a kept state, or at the newest ones again."""
        if state is None:
            self._looked = None
        else:
            self._looked = self._kept(state)

    def snapshot(self, pictures: frozenset[str], *, average: bool) -> Snapshot | None:
        """A snapshot, or None if it would be the same as the last."""
        weights = self.shown
        if weights is None or (self._seen == weights.number and self._view == (pictures, average)):
            return None
        self._seen, self._view = weights.number, (pictures, average)
        live = self._looked is None
        made, missing = self._observe(weights, pictures, average=average)
        if self._witness.unsettled:
            self._seen = None
        return Snapshot(
            run=self.run, step=weights.step, seconds=weights.seconds, live=live, pictures=made, missing=missing
        )

    def prepare(self, seconds: float) -> bool:
        """Go on for about so long with what measures need beforehand; whether all of them are to be taken anew.

        They are once it is done, where that took long.
        """
        try:
            self.is_prepared = self._witness.prepare(seconds)
        except Exception:
            _logger.exception("features cannot be learnt")
            self.is_prepared = True
        is_anew = self.is_prepared and self._is_preparing
        if is_anew:
            self._measured = None
        self._is_preparing = not self.is_prepared
        return is_anew

    def measure(self, *, average: bool) -> Measured | None:
        """Measures of the newest weights, or None if they were taken already, or if samples are still being gathered.

        Where making samples takes long, every call makes some of those that are measured: ``is_gathering`` says that
        there are more to come, all of the same weights.
        """
        weights = self._newest
        if self.is_gathering and self._gathered is not None:
            weights, average = self._gathered
        if weights is None or self._measured == (weights.number, average):
            return None
        values = self._measure(weights, average=average)
        if values is None:
            return None
        self._know(tuple(values))
        truth = self._ask("truth", weights, self._witness.truth) or {}
        unknown = self._ask("reason for a missing truth", weights, self._witness.unknown) or ""
        return Measured(self.run, weights.step, values, truth, unknown)

    def _measure(self, weights: Weights, *, average: bool) -> dict[str, float] | None:
        """The live measures at these weights, or None if there are not enough samples yet, or if that fails."""
        gathered = None
        try:
            self._load(weights, average=average)
            gathered = self._witness.gather()
            values = dict(self._witness.measure()) if gathered else None
        except Exception:
            _logger.exception("step %d cannot be measured", weights.step)
            values = None
        self.is_gathering = gathered is False
        # Held for as long as samples of them are of use: until others are gathered.
        self._gathered = (weights, average) if self._witness.gathers else None
        if not self.is_gathering:
            self._measured = (weights.number, average)
        return values

    def _know(self, keys: tuple[str, ...]) -> None:
        """Take down which measures there are; those that come later need floors, too."""
        new = tuple(key for key in keys if key not in self.measures)
        if new:
            self.measures, self.floors_sent = (*self.measures, *new), False
            self._floors = Floors(self.run, {}, {}, {})

    @property
    def is_diagnosed(self) -> bool:
        """Whether it was asked before how the modes fare."""
        return self._diagnosed is not None

    def diagnose(self, *, average: bool) -> Diagnosed | None:
        """How the modes fare at the newest weights, or None if that was told already or cannot be told.

        Where making samples takes long, at those whose samples were measured last.
        """
        weights = self._newest
        if self._witness.gathers:
            weights, average = (None, average) if self.is_gathering else self._gathered or (None, average)
        if weights is None or self._diagnosed == (weights.number, average):
            return None
        self._diagnosed = (weights.number, average)
        self._load(weights, average=average)
        found = self._ask("diagnosis", weights, lambda: self._witness.diagnose(weights.step))
        return None if found is None else _as_message(self.run, weights.step, found)

    def _ask(self, what: str, weights: Weights, question: Callable[[], T]) -> T | None:
        try:
            return question()
        except Exception:
            _logger.exception("step %d has no %s", weights.step, what)
            return None

    def next_floors(self) -> Floors | None:
        """Find the floors of one measure more; all of them when they are complete."""
        lacking = [key for key in self.measures if key not in self._floors.floors]
        if lacking:
            floors, titles, units = self._witness.floors(lacking[:1])
            known = self._floors
            self._floors = Floors(
                self.run, {**known.floors, **floors}, {**known.titles, **titles}, {**known.units, **units}
            )
        return None if lacking[1:] else self._floors

    def answer(
        self, question: str, arrays: Mapping[str, Array], *, average: bool, state: State | None = None
    ) -> Mapping[str, Array]:
        """Answer a question about the weights that are shown, or about those of a kept state."""
        weights = self.shown if state is None else self._kept(state)
        assert weights is not None, "asked before there are weights"
        self._load(weights, average=average)
        return self._witness.answer(question, arrays)

    def close(self) -> None:
        """Let go of the file of weights."""
        self._reader.close()

    def _observe(
        self, weights: Weights, keys: frozenset[str], *, average: bool
    ) -> tuple[dict[str, Mapping[str, Array]], dict[str, str]]:
        try:
            self._load(weights, average=average)
            pictures, missing = self._witness.observe(sorted(keys))
        except Exception as error:
            if len(keys) > 1:
                return self._observe_each(weights, keys, average=average)
            _logger.exception("step %d cannot be seen", weights.step)
            return {}, dict.fromkeys(keys, f"This picture could not be made: {error}")
        return {key: freeze(arrays) for key, arrays in pictures.items()}, dict(missing)

    def _observe_each(
        self, weights: Weights, keys: frozenset[str], *, average: bool
    ) -> tuple[dict[str, Mapping[str, Array]], dict[str, str]]:
        """One by one, so that a picture that cannot be made takes no other with it."""
        pictures: dict[str, Mapping[str, Array]] = {}
        missing: dict[str, str] = {}
        for key in sorted(keys):
            made, lacking = self._observe(weights, frozenset({key}), average=average)
            pictures |= made
            missing |= lacking
        return pictures, missing

    def _kept(self, state: State) -> Weights:
        """Weights of a kept state, by a number of their own: below all that are read."""
        self._looks -= 1
        values = np.array(state["arrays"]["values"])
        return Weights(int(state["step"]), float(state["seconds"]), values, self._looks)

    def _load(self, weights: Weights, *, average: bool) -> None:
        if self._loaded != (weights.number, average):
            self._witness.load(weights.values, average=average)
            self._loaded = (weights.number, average)


def _as_message(run: int, step: int, found: Mapping[str, Any]) -> Diagnosed:
    """Plain values into the message; arrays are copied and frozen."""
    arrays = {name: value for name, value in found.items() if isinstance(value, np.ndarray)}
    remedies = tuple(Remedy(*remedy) for remedy in found["remedies"])
    events = tuple(ModeEvent(*event) for event in found["events"])
    return Diagnosed(run=run, step=step, **{**found, **freeze(arrays), "remedies": remedies, "events": events})
