"""What classifier-free guidance costs: the class of a sample is surer, and fewer of the data are reached."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, ClassVar, Final

from models.experiment import Experiment
from models.families._denoising import DenoisingModel
from models.observations._exact_field import exact_field
from models.observations.guidance import SCORES, WEIGHTS, Yardstick, swept, swept_exactly
from models.reproduction._base import (
    PROTOCOLS,
    Check,
    Progress,
    Protocol,
    Row,
    Trial,
    averaged,
    chance_of,
    mean,
    part_of,
    train,
    values,
)

JUDGED: Final = 2_500
"""Samples for each w, and as many data (Lin et al. 2018, PacGAN, section 4.1, judge from as many)."""

STEPS: Final = 4_000

LAWS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "two moons, σ = .3": {"key": "moons", "scale": 2.0, "noise": 0.3},
        "ring of 8, r = 4, σ = 1": {"key": "ring", "radius": 4.0, "std": 1.0},
    }
)
"""Laws whose classes, moons or modes, overlap: elsewhere the class is sure without guidance."""

QUANTITIES: Final = ("coverage", "certainty", "precision")
"""Which of the scores are told."""

SLACK: Final = 0.01
"""By so much may a share of so many samples rise or fall by chance alone."""

LEAST: Final = 0.1
"""Change from no guidance to the most that counts as one."""


@PROTOCOLS.register
class Guidance(Protocol):
    """One model for each law, trained with a class that is withheld from one sample in ten, sampled with several w.

    The source finds on images that the Inception score, by which the class of a sample is sure and all classes come,
    rises with w while the variety of samples falls; it has no law of the plane, so that no number is published for
    these. Here the certainty is the mean of p(c|x) of a sample's own class by its five nearest real samples, and
    variety is coverage. Beside each value stands that of the exact fields of the law, guided by the same formula,
    sampled by the same sampler from the same noise: what is worse is the nets' error, which guidance exaggerates.

    Source: Ho and Salimans 2022, arXiv:2207.12598, section 4; coverage by Naeem et al. 2020, arXiv:2002.09797, eq. 4.
    """

    title: ClassVar[str] = "Guidance and coverage"
    source: ClassVar[str] = "Ho and Salimans 2022, arXiv:2207.12598, section 4"
    scaled: ClassVar[str] = (
        "Laws of the plane in place of ImageNet: the statement is the source's, the numbers are not."
    )
    seconds: ClassVar[float] = 20.0

    def cases(self) -> tuple[str, ...]:
        """The laws."""
        return tuple(LAWS)

    def experiment(self, case: str, seed: int) -> Experiment:
        """What is trained."""
        steps = max(1, round(STEPS * self.budget))
        return Experiment.from_dict(
            {
                "data": LAWS[case],
                "family": {"key": "diffusion", "conditional": True, "untold": 0.1},
                "optimizer": {"key": "adam", "lr": 3e-3, "schedule": "cosine", "ema": 0.999},
                "batch_size": 256,
                "steps": steps,
                "seed": seed,
            }
        )

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Train, and sample with each w, by the net and by the exact fields."""
        trainer = train(self.experiment(case, seed), part_of(progress, 0, 2))
        model, data, chance = averaged(trainer), trainer.experiment.data, chance_of(seed)
        assert isinstance(model, DenoisingModel)
        n = max(50, round(JUDGED * self.budget))
        yardstick = Yardstick.of(data, data.draw(n, chance))
        z = model.latent.draw(n, chance)
        labels = model.labels_of(z)
        assert labels is not None, "the model was told of classes"
        found = {_name(key, "data"): value for key, value in yardstick.scores(*data.draw_told(n, chance)).items()}
        weights = [*WEIGHTS]
        exactly = swept_exactly(model, exact_field(model, data), z, weights)
        for by, ways in (("net", swept(model, z, weights)), ("exact", exactly)):
            for weight, x in zip(WEIGHTS, ways, strict=True):
                found |= {_name(key, by, weight): value for key, value in yardstick.scores(x, labels).items()}
        return found

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """A row of each quantity for each w."""
        return [self._row(case, quantity, weight, trials) for quantity in QUANTITIES for weight in WEIGHTS]

    def close(self, found: Mapping[str, Mapping[int, Trial]]) -> list[Row]:
        """Whether what the source states holds, for each law."""
        return [row for case, trials in found.items() for row in self._statements(case, trials)]

    def _row(self, case: str, quantity: str, weight: float, trials: Mapping[int, Trial]) -> Row:
        return self.row(
            case, f"{quantity} at w = {weight:g}", trials, value=_name(quantity, "net", weight),
            oracle=mean(values(trials, _name(quantity, "exact", weight))),
            floor=mean(values(trials, _name(quantity, "data"))),
            note="the exact value is that of the law's own fields, guided; the floor is that of fresh data",
        )  # fmt: skip

    def _statements(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """Coverage falls with every w, and the certainty rises."""
        return [
            self._statement(case, quantity, sign, trials) for quantity, sign in (("coverage", -1), ("certainty", 1))
        ]

    def _statement(self, case: str, quantity: str, sign: int, trials: Mapping[int, Trial]) -> Row:
        means = [mean(values(trials, _name(quantity, "net", weight))) for weight in WEIGHTS]
        changes = {seed: _change(quantity, trial) for seed, trial in trials.items()}
        whole = mean(values(changes, quantity))
        is_met = whole is not None and sign * whole > LEAST and _goes(sign, means)
        return self.row(
            case, f"change of {quantity} from w = 0 to {WEIGHTS[-1]:g}", changes, value=quantity,
            check=Check(f"{'rises' if sign > 0 else 'falls'} with every w, by {LEAST:g} in all", is_met),
            note="the source states this of images, without numbers for laws of the plane",
        )  # fmt: skip


def _goes(sign: int, means: list[float | None]) -> bool:
    """Whether each is above (or, for −1, below) the one before it, but for chance."""
    pairs = pairwise(means)
    return all(one is not None and other is not None and sign * (other - one) > -SLACK for one, other in pairs)


def _change(quantity: str, trial: Trial) -> Trial:
    """From no guidance to the most; of a trial that failed, nothing."""
    if not trial:
        return {}
    return {quantity: trial[_name(quantity, "net", WEIGHTS[-1])] - trial[_name(quantity, "net", WEIGHTS[0])]}


def _name(quantity: str, by: str, weight: float | None = None) -> str:
    assert quantity in SCORES
    return f"{quantity}, {by}" if weight is None else f"{quantity}, {by}, {weight:g}"
