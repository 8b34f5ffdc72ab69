"""What a trained model is told of the samples that are asked of it: a class, or a caption."""

from __future__ import annotations

from argparse import Namespace

import torch
from torch import Tensor

from explorer.command_line.failure import Failure
from models.data._captions import UnknownWords
from models.experiment import Experiment
from models.families import FAMILIES
from models.families._condition import condition_of
from models.registry import listing


def told_by(arguments: Namespace, experiment: Experiment) -> Tensor | None:
    """The class, shape (1,), or the caption, shape (1, L), that was asked for; None where neither was.

    Raises:
        Failure: there is no such class, a word is not known, or the model was told nothing of the kind.
    """
    if arguments.caption is not None:
        return _caption(experiment, arguments.caption)[None]
    return None if arguments.label is None else torch.tensor([_class_of(experiment, arguments.label)])


def untold(experiment: Experiment, what: str = "classes") -> str:
    """Why a model knows no classes, or no captions, and what to set."""
    family, has_captions = experiment.family, experiment.data.captions is not None
    if not condition_of(experiment.data) or has_captions != (what == "captions"):
        other = "; its samples have captions" if has_captions else ""
        return f"{experiment.data.title} has no {what}{other}"
    able = [member.key for member in FAMILIES if "conditional" in member.model_fields]
    if family.key not in able:
        return f"{family.title} learns no {what}; families that can: {', '.join(able)}"
    return f"the model was trained without {what}; train one with --set family.conditional=true"


def _knows(experiment: Experiment, what: str) -> bool:
    return experiment.family.condition(experiment.data).word == what


def _class_of(experiment: Experiment, name: str) -> int:
    """The class of this name, or else of this number, counted from 1."""
    names = experiment.data.class_names
    if not _knows(experiment, "classes"):
        raise Failure(f"--class {name}: {untold(experiment)}")
    if name not in names and not (name.isdecimal() and 1 <= int(name) <= len(names)):
        allowed = f"{listing(name, names)}; or a number from 1 to {len(names)}"
        raise Failure(f"--class {name!r}: there is no such class; {allowed}")
    index = names.index(name) if name in names else int(name) - 1
    if not experiment.data.class_shares[index]:
        raise Failure(f"--class {name!r}: no data are of this class, so that nothing was learnt of it")
    return index


def _caption(experiment: Experiment, text: str) -> Tensor:
    captions = experiment.data.captions
    if captions is None or not _knows(experiment, "captions"):
        raise Failure(f"--caption {text!r}: {untold(experiment, 'captions')}")
    try:
        return captions.tokens(text)
    except UnknownWords as error:
        raise Failure(f"--caption {text!r}: {error}") from None
