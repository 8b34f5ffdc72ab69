"""Generative and discriminative classifiers, by how many labels are known, and what unlabelled samples add."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

import torch
from torch import Tensor

from models.architectures import ARCHITECTURES
from models.data.digits import Digits
from models.experiment import Experiment
from models.families._bayes import class_log_posterior
from models.families._variational import VariationalModel
from models.measures._softmax import SoftmaxClassifier, accuracy
from models.objectives.semi_supervised import first_of_each
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

KNOWN: Final = (20, 50, 100, 300, 1_000)
"""How many of the 1,000 training images are labelled."""

FEW: Final = 100
"""Up to so many labels the images without them should help."""

STEPS: Final = 1_600

DRAWS: Final = 20
"""Draws of the bound that stands for log p(x|y) in Bayes' rule."""

NET: Final[Mapping[str, Any]] = MappingProxyType({"key": "mlp", "width": 128, "depth": 1})
"""Encoder, decoder and softmax classifier have one hidden layer of the same width."""

DISCRIMINATIVE, GENERATIVE, SEMI_SUPERVISED = "softmax", "Bayes' rule", "Bayes' rule and unlabelled images"

RECIPES: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        GENERATIVE: {"alpha": 0.0, "unlabelled": 0.0},
        SEMI_SUPERVISED: {"alpha": 1.0, "unlabelled": 1.0},
    }
)


@PROTOCOLS.register
class FewLabels(Protocol):
    """Three classifiers for each number of labels, judged by the test images of the public split of 8 × 8 digits.

    The softmax classifier learns p(y|x) alone; the variational autoencoder of each class learns p(x|y) and answers by
    Bayes' rule; with the unlabelled images it also learns p(x) = Σ_y p(y) p(x|y), the model M2 of the source with the
    best q(y|x) in place of a learnt one. The source finds on MNIST that unlabelled images about halve the errors of
    a net that sees 100 labels alone; its numbers are of other images.

    Source: Kingma et al. 2014, arXiv:1406.5298, section 4.1; Ng and Jordan 2002, NeurIPS 14, section 3.
    """

    title: ClassVar[str] = "Few labels"
    source: ClassVar[str] = "Kingma et al. 2014, arXiv:1406.5298, section 4.1"
    scaled: ClassVar[str] = "Digits of 8 × 8 pixels in place of MNIST: the statement is the source's, not the numbers."
    seconds: ClassVar[float] = 75.0

    def cases(self) -> tuple[str, ...]:
        """How many labels are known."""
        return tuple(f"{known} labels" for known in KNOWN)

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Train all three with the same labels, and count the test images that they tell right."""
        known = int(case.split()[0])
        data = Digits(split="public")
        told = data.told_held_out_sample(data.count, chance_of(seed))
        assert told is not None, "the public split has a test set"
        found = {DISCRIMINATIVE: self._softmax(data, known, seed).log_posterior(told[0])}
        for done, name in enumerate(RECIPES):
            found[name] = self._by_bayes(name, known, seed, told[0], part_of(progress, done, len(RECIPES)))
        return {name: 100 * accuracy(log_posterior, told[1]) for name, log_posterior in found.items()}

    def experiment(self, name: str, known: int, seed: int) -> Experiment:
        """What the generative classifier trains."""
        likelihood = {"key": "gaussian", "std": 0.7, "learn_std": False}
        family = {"key": "variational_autoencoder", "conditional": True, "untold": 0.0, "encoder": NET}
        return Experiment.from_dict(
            {
                "data": {"key": "digits", "split": "public"},
                "latent": {"key": "gaussian", "dimension": 8},
                "architecture": NET,
                "family": {**family, "likelihood": likelihood},
                "objective": {"key": "semi_supervised", "known": known, **RECIPES[name]},
                "optimizer": {"key": "adam", "lr": 2e-3, "schedule": "linear", "ema": 0.99},
                "batch_size": 32,
                "steps": max(1, round(STEPS * self.budget)),
                "seed": seed,
            }
        )

    def _by_bayes(self, name: str, known: int, seed: int, x: Tensor, progress: Progress) -> Tensor:
        model, chance = averaged(train(self.experiment(name, known, seed), progress)), chance_of(seed)
        assert isinstance(model, VariationalModel)
        u, shares = model.inward(x), model.condition.shares
        with torch.no_grad():
            return class_log_posterior(lambda x, y: model.importance_bound(x, chance, DRAWS, y), shares, u)

    def _softmax(self, data: Digits, known: int, seed: int) -> SoftmaxClassifier:
        chance = torch.Generator().manual_seed(seed)
        told = data.told_training_set(chance)
        assert told is not None, "digits are a finite sample with classes"
        index = first_of_each(told[1], known)
        made = SoftmaxClassifier(ARCHITECTURES.parse(NET), data.shape, len(data.class_names), chance)
        for _ in made.train(told[0][index], told[1][index], max(1, round(STEPS * self.budget))):
            pass
        return made

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """A row for each classifier."""
        note = "share of the 447 test images that are classified correctly"
        return [
            self.row(case, f"accuracy of {name}, %", trials, value=name, note=note)
            for name in (DISCRIMINATIVE, *RECIPES)
        ]

    def close(self, found: Mapping[str, Mapping[int, Trial]]) -> list[Row]:
        """Whether images without labels help where there are few labels."""
        return [self._gain(case, trials) for case, trials in found.items() if int(case.split()[0]) <= FEW]

    def _gain(self, case: str, trials: Mapping[int, Trial]) -> Row:
        gained = {seed: _gained(trial) for seed, trial in trials.items()}
        return self.row(
            case, "accuracy gained over softmax, %", gained, value=SEMI_SUPERVISED,
            check=Check.at_least(0.0, mean(values(gained, SEMI_SUPERVISED))),
            note="by Bayes' rule and the unlabelled images; the source states this of MNIST with 100 labels",
        )  # fmt: skip


def _gained(trial: Trial) -> Trial:
    """By how much unlabelled images are above softmax; of a trial that failed, nothing."""
    return {SEMI_SUPERVISED: trial[SEMI_SUPERVISED] - trial[DISCRIMINATIVE]} if trial else {}
