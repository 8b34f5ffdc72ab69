"""What comes back of data that goes through the latent space."""

from __future__ import annotations

from typing import ClassVar, Final

import torch

from models.families._variational import VariationalModel
from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, only_inferred, plain
from models.observations._display import PICTURES, shown_pictures

POINTS: Final = 150


@OBSERVATIONS.register
class Reconstructions(Observation):
    """Real samples x beside the mean of p(x|z) at the mean of q(z|x): decoded from what the encoder makes of them."""

    title: ClassVar[str] = "reconstructions"
    source: ClassVar[str] = "x ↦ E[x|z] at z = E_q(z|x)[z]; Kingma and Welling 2014, arXiv:1312.6114, section 2.3"

    def missing(self, subject: Subject) -> str:
        """For models that encode and decode."""
        return only_inferred(subject)

    def observe(self, subject: Subject) -> Arrays:
        """``x`` and ``back``: shape (N, d) each, data units; N is 150, or 100 pictures, reduced if large."""
        model = subject.game.model
        assert isinstance(model, VariationalModel)
        x = subject.real[: PICTURES if subject.experiment.data.image_shape else POINTS]
        with torch.no_grad():
            back = model.outward(model.decode(model.posterior(model.inward(x))[0]))
        return {"x": plain(shown_pictures(subject, x)), "back": plain(shown_pictures(subject, back))}
