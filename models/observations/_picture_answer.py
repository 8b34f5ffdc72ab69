"""What is known of one picture: what it comes from, which others are nearest, what comes back of it."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from models.families._variational import VariationalModel
from models.observations._base import Array, Arrays, Subject, only_inferred, plain
from models.observations._display import made_pictures, shown_pictures
from models.observations._gallery import Gallery, gallery, gallery_pictures, grey_width, near_limit, picture_shape

NEIGHBOURS: Final = 5
CODE: Final = 64
"""Numbers of z that are told."""

SEARCHED: Final = 500
"""Generated pictures among which the nearest to a real one are found."""


def picture_answer(subject: Subject, arrays: Arrays) -> dict[str, Array]:
    """All that is shown of the picture of this ``number``, shape (): the model's, or, where ``real`` is 1, a real one.

    ``x``: shape (1, d), data units. ``near``: the nearest training pictures, or, of a real one, the nearest of the
    model's, shape (5, d′), which then have a ``near_number`` each; ``distance``, shape (5,), as a share of the way from
    black to white; ``limit``: see ``near_limit``, NaN for a real one. ``code``: the first numbers of z, at most 64, of
    a real one the mean of q(z|x), empty where z is not inferred; ``reconstruction``: shape (1, d), only then.
    ``asked``: the class or caption it was asked for, shape (), a string; empty for none.
    """
    with torch.no_grad():
        return (_of_real if bool(arrays["real"]) else _of_model)(subject, int(arrays["number"]))


def past_answer(subject: Subject, arrays: Arrays) -> dict[str, Array]:
    """What the model makes of the z of this ``number``, shape (): ``made``, shape (1, d′)."""
    with torch.no_grad():
        return {"made": plain(shown_pictures(subject, _made(subject, int(arrays["number"]))))}


def _made(subject: Subject, number: int) -> Tensor:
    return subject.game.model.push(subject.noise[number : number + 1])


def _of_model(subject: Subject, number: int) -> dict[str, Array]:
    model, z = subject.game.model, subject.noise[number : number + 1]
    x, shown = _made(subject, number), gallery(subject)
    distance, index = shown.nearest(x, min(NEIGHBOURS, len(shown.pictures)))
    return {
        "x": plain(x),
        "near": plain(shown_pictures(subject, gallery_pictures(subject, index[0]))),
        "distance": plain(distance[0]),
        "limit": np.array(near_limit(subject), np.float32),
        "code": plain(z[0, : min(CODE, model.latent_dimension)]),
        "asked": np.array(_asked(subject, z)),
    }


def _asked(subject: Subject, z: Tensor) -> str:
    labels, data = subject.game.model.labels_of(z), subject.experiment.data
    if labels is None:
        return ""
    if data.captions is not None:
        return data.captions.text(data.captions.examples[int(labels[0])])
    return data.class_names[int(labels[0])]


def _of_real(subject: Subject, number: int) -> dict[str, Array]:
    x, made = subject.real[number : number + 1], made_pictures(subject, SEARCHED)
    distance, index = _among(subject, made).nearest(x, min(NEIGHBOURS, len(made)))
    return {
        "x": plain(x),
        "near": plain(shown_pictures(subject, made[index[0]])),
        "distance": plain(distance[0]),
        "near_number": plain(index[0]),
        "limit": np.array(np.nan, np.float32),
        "asked": np.array(""),
        **_encoded(subject, x),
    }


def _among(subject: Subject, made: Tensor) -> Gallery:
    return Gallery.of(made, picture_shape(subject), grey_width(subject))


def _encoded(subject: Subject, x: Tensor) -> dict[str, Array]:
    """What an encoder makes of a picture, and what is decoded from that."""
    model = subject.game.model
    if only_inferred(subject) or not isinstance(model, VariationalModel):
        return {"code": np.empty(0, np.float32)}
    mean = model.posterior(model.inward(x))[0]
    return {"code": plain(mean[0, :CODE]), "reconstruction": plain(model.outward(model.decode(mean)))}
