"""The sides of the card of curves: a series each, with what is shown of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from explorer.session.snapshot import Scene
from explorer.views._curve_notes import Floor
from explorer.views._overfitting import Overfitting, overfitting
from explorer.views._series import Series

BOUND: Final = {
    "bound": ("bound of the critic", "critic_low"),
    "divergence": ("D itself", "model"),
    "gap": ("gap", "muted"),
}
"""What is shown of the critic against the truth: titles and roles."""

LIKELIHOOD: Final = {
    "train": ("training", "muted"),
    "held_out": ("held out", "model"),
    "elbo_train": ("ELBO, training", "muted"),
    "elbo": ("ELBO, held out", "model"),
    "importance_bound": ("IWAE, K = 50", "critic_low"),
    "evidence": ("log p(x)", "critic_high"),
    "oracle": ("−H(P_X)", "data"),
}
"""What is shown of a model with a density, or a bound on it, that has no critic."""

LIKELY: Final = frozenset({"density", "likelihood", "bound"})
"""What a model offers that has such numbers: a density, one that takes too long for maps, or a bound."""

PAIRS: Final = (("train", "held_out"), ("elbo_train", "elbo"))
"""Columns of the same quantity on training and on held-out data."""

CHIPS: Final = {
    False: ("bound", "The critic's bound, D itself, and the gap between them."),
    True: ("likelihood", "Mean log-likelihood of the training sample, of held-out data, and the best there is."),
}
"""Words and help of the third side's switch, by whether it tells the likelihood."""

LEAK: Final = (
    "Held-out data are more probable than under P_X itself, by more than chance: they have leaked into training."
)
LEAKS: Final = 2.0
"""As many times the noise around the oracle is no chance any more: nearly four standard errors."""


@dataclass
class Page:
    """One side of the segmented control: a series, and which of its columns are shown."""

    key: str
    title: str
    exclusive: bool
    series: Series = field(default_factory=Series)
    shown: list[str] = field(default_factory=list)
    prefix: str = ""

    def learn(self, names: tuple[str, ...]) -> None:
        """Start with these columns; what was shown stays shown where it can, and what is new joins it."""
        hidden = set(names if self.exclusive else self.series.names) - set(self.shown)
        self.series = Series(names)
        kept = [name for name in names if name not in hidden]
        self.shown = kept or list(names[:1] if self.exclusive else names)

    def take(self, names: tuple[str, ...], steps: Any, values: Any) -> None:
        """Add rows; columns may come and go, as another divergence has other numbers. The same step again is better."""
        old = self.series
        if not len(old):
            if names != old.names:
                self.learn(names)
        elif fresh := tuple(name for name in names if name not in old.names):
            self.series = old.widened((*old.names, *fresh))
            self.shown = self.shown + [name for name in fresh if not self.exclusive or not self.shown]
        if len(steps) and len(self.series) and steps[0] <= self.series.steps[-1]:
            self.series.cut_after(int(steps[0]) - 1)
        whole = np.full((len(steps), len(self.series.names)), np.nan)
        whole[:, [self.series.names.index(name) for name in names]] = values
        self.series.add(steps, whole)

    def toggle(self, name: str) -> None:
        """Show or hide a column; one at a time where units differ; never none."""
        others = [other for other in self.shown if other != name]
        self.shown = [name] if self.exclusive or not others else others if name in self.shown else [*others, name]


@dataclass
class TruthPage(Page):
    """What is known beside the losses: the critic against the truth, or the likelihood of a model that has one.

    Attributes:
        is_likelihood: which of the two.
        unknown: why something is not known, one sentence; else empty.
        latest: all numbers of the last look, also those that are no column.
    """

    is_likelihood: bool = False
    unknown: str = ""
    latest: Mapping[str, float] = field(default_factory=dict)

    def set_scene(self, scene: Scene) -> None:
        """Another run may tell the other of the two."""
        self._turn(is_likelihood=not scene.critic_parameters and bool(scene.offers & LIKELY))

    def forget(self) -> None:
        """A new run: nothing is known."""
        self.unknown, self.latest = "", {}

    def take_truth(self, step: int, truth: Mapping[str, float], unknown: str) -> None:
        """The numbers of one look; those of the other kind turn the page to it."""
        self.unknown, self.latest = unknown, truth
        if not self.is_likelihood and truth.keys() & LIKELIHOOD.keys():
            self._turn(is_likelihood=True)
        known = {name: value for name, value in truth.items() if name in self.columns}
        if known:
            self.take(tuple(known), [step], [list(known.values())])

    @property
    def columns(self) -> Mapping[str, tuple[str, str]]:
        """Titles and roles of all columns that there may be."""
        return LIKELIHOOD if self.is_likelihood else BOUND

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why something is not known, the longest wording first; none if all is."""
        if not self.unknown or self.is_likelihood or not len(self.series):
            return (self.unknown,) if self.unknown else ()
        return f"D itself: {self.unknown[0].lower()}{self.unknown[1:]}", self.unknown

    @property
    def words(self) -> tuple[str, ...]:
        """What the numbers are, the longest wording first."""
        return ("mean log-likelihood, nats", "nats") if self.is_likelihood else ("in the unit of D",)

    def floor(self) -> Floor | None:
        """What is not told apart from 0 among divergences, and from the oracle among likelihoods."""
        high, oracle = self.latest.get("floor", math.nan), self.latest.get("oracle", math.nan)
        if not len(self.series) or not math.isfinite(high):
            return None
        return (
            Floor(oracle, oracle - high, oracle + high, "its noise") if self.is_likelihood else Floor(high, 0.0, high)
        )

    def overfitting(self) -> Overfitting | None:
        """Where held-out data have become less probable while the training sample became more so."""
        for train, held in PAIRS:
            if {train, held} <= set(self.series.names):
                columns = self.series.column(train), self.series.column(held)
                return overfitting(self.series.steps, *columns, self.latest.get("noise", math.inf))
        return None

    def is_leak(self) -> bool:
        """Whether held-out data are more probable than they can be, by more than chance."""
        told = [self.latest.get(name, math.nan) for name in ("held_out", "oracle", "floor")]
        return self.is_likelihood and told[0] > told[1] + LEAKS * told[2]

    def _turn(self, *, is_likelihood: bool) -> None:
        if is_likelihood != self.is_likelihood:
            self.is_likelihood = is_likelihood
            self.learn(tuple(self.columns))
        self.title = CHIPS[is_likelihood][0]
        self.prefix = "likelihood_" if is_likelihood else "truth_"
