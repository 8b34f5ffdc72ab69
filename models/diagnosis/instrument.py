"""The collapse instrument: looks at a model in training and says how its modes fare, what is wrong, and why."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.diagnosis.chronicle import Chronicle
from models.diagnosis.evidence import of_use, weigh
from models.diagnosis.remedies import Remedy, remedies
from models.diagnosis.signs import SAMPLES, Onlooker, Signs
from models.diagnosis.verdict import TITLES, Judge
from models.diagnosis.wording import sentence, tell
from models.experiment import Experiment
from models.observations._base import Subject, plain


class Instrument:
    """Follows one run from look to look. The same latent samples must be looked at every time but for ``take_up``."""

    def __init__(self, subject: Subject) -> None:
        """Begin a story.

        Args:
            subject: the model before the first look: its data and its latent samples stay the same.
        """
        data = subject.experiment.data
        self._modes = data.parts
        self._named = data.named_modes() is not None
        self._onlooker = Onlooker(subject)
        self._chronicle = Chronicle(plain(self._modes.weights).astype(float), len(subject.noise[:SAMPLES]))
        self._judge = Judge()
        self._looks: list[Signs] = []
        self._offered: tuple[str, Experiment | None, tuple[Remedy, ...]] = ("", None, ())

    @property
    def step(self) -> int:
        """Of the last look; −1 before the first."""
        return self._looks[-1].step if self._looks else -1

    @property
    def signs(self) -> Signs:
        """Of the last look."""
        return self._looks[-1]

    def take_up(self, subject: Subject) -> None:
        """Go on with samples that are made in another way, or of fewer of the same noise: what moves them is no step.

        Args:
            subject: the model as it is now; its latent samples are the first of the longer row of the two.
        """
        self._onlooker.forget()
        self._chronicle.resize(len(subject.noise[:SAMPLES]))

    def look(self, subject: Subject, step: int) -> dict[str, Any]:
        """One look more, as the arguments of the session's ``Diagnosed`` but run and step.

        Args:
            subject: the model, with finite samples.
            step: of the model, later than at the last look, or the same: then this look takes the place of the last.
        """
        signs = self._onlooker.look(subject, step)
        steps = subject.experiment.steps
        before = self._looks[:-1] if self.step == step else self._looks
        self._looks = of_use([*before, signs], steps)
        self._chronicle.look(step, signs.mode)
        evidence = weigh(self._looks, self._chronicle, steps)
        verdict, alarm = self._judge.judge(evidence)
        return {
            "verdict": verdict,
            "title": TITLES[verdict],
            "text": sentence(verdict, evidence, self._chronicle, signs, self._modes.names, named=self._named),
            "alarm": alarm,
            "remedies": self._remedies(verdict, subject.experiment),
            "signs": tell(signs, evidence),
            **self._table(signs, step),
        }

    def _remedies(self, verdict: str, experiment: Experiment) -> tuple[Remedy, ...]:
        """Worked out when the verdict or the recipe changes: every offer is tried on the recipe."""
        if self._offered[0] != verdict or self._offered[1] is not experiment:
            self._offered = (verdict, experiment, remedies(verdict, experiment))
        return self._offered[2]

    def _table(self, signs: Signs, step: int) -> dict[str, Any]:
        return {
            "names": self._modes.names,
            "named": self._named,
            "mass": signs.mass.astype(np.float32),
            "target": plain(self._modes.weights),
            "quality": signs.quality,
            "distance": signs.distance,
            "age": self._chronicle.age(step),
            "events": tuple(self._chronicle.events),
        }
