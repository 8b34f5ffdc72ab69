"""How likely the model finds each real sample."""

from __future__ import annotations

from typing import ClassVar

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain


@OBSERVATIONS.register
class SampleLikelihood(Observation):
    """The log density that the model gives to single real samples, whose mean maximum likelihood raises.

    The least likely ones are what the model has not learnt: outliers, or a mode that it lacks.
    """

    title: ClassVar[str] = "likelihood of each sample"
    source: ClassVar[str] = "log p_θ(xᵢ), xᵢ ~ P_X"

    def missing(self, subject: Subject) -> str:
        """For models with a density, where it takes no longer than a picture may."""
        model, title = subject.game.model, subject.experiment.family.title
        return "" if model.density in ("exact", "flow") and model.density_points else f"{title} has no exact density."

    def observe(self, subject: Subject) -> Arrays:
        """``x``: (N, d); ``log_q``: (N,), nats; and ``log_p``, (N,), where the law of the data is known."""
        model = subject.game.model
        x = subject.real[: model.density_points]
        seen = {"x": plain(x), "log_q": plain(model.quick_log_prob(x))}
        if "log_prob" in subject.experiment.data.capabilities:
            seen["log_p"] = plain(subject.once("log p of samples", lambda: subject.experiment.data.log_prob(x)))
        return seen
