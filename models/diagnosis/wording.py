"""What a verdict and its signs say to a person."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.diagnosis.chronicle import Chronicle
from models.diagnosis.evidence import Evidence
from models.diagnosis.posterior import ALONE, SHORT
from models.diagnosis.signs import Signs
from models.diagnosis.verdict import FAR, GONE, MISSED, POOR, RAN, SWUNG

Array = NDArray[Any]

IS_PRIOR: Final = 0.05
"""Nats of rate below which q(z|x) is the prior."""

LISTED: Final = 4
"""Modes that are listed by name at most."""


def sentence(
    verdict: str, evidence: Evidence, chronicle: Chronicle, signs: Signs, names: Sequence[str], *, named: bool
) -> str:
    """What happened, in one sentence.

    Args:
        verdict: its key.
        evidence: of the newest window.
        chronicle: of the modes.
        signs: of the newest look.
        names: of the modes or cells.
        named: whether they are modes of the law.
    """
    return SENTENCES[verdict](
        evidence, chronicle, signs, _Words("mode" if named else "cell", tuple(names), chronicle.n)
    )


class _Words:
    def __init__(self, noun: str, names: tuple[str, ...], samples: int) -> None:
        self.noun, self.samples = noun, samples
        self.names = names

    def count(self, n: int) -> str:
        return f"{n} {self.noun}" + ("" if n == 1 else "s")

    def held(self, e: Evidence, state: str) -> str:
        """How many modes are alive, in the word for that; of very many, how many are reached."""
        if e.counted:
            return f"{self.count(e.alive)} reached by {self.samples:,} samples, {e.judged} by as many real ones"
        return f"{e.alive} of {self.count(e.judged)} {state}"

    def listing(self, shares: Array) -> str:
        """The modes with the largest shares, those with a tenth of all at least: ``modes 1 and 5``."""
        order = [int(k) for k in np.argsort(-shares) if shares[k] >= 0.1 * max(shares.sum(), 1e-9)][:LISTED]
        named = [self.names[k] for k in sorted(order)]
        if not named:
            return ""
        listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
        return f"{self.noun} {listed}" if len(named) == 1 else f"{self.noun}s {listed}"


def _collapse(e: Evidence, chronicle: Chronicle, signs: Signs, words: _Words) -> str:
    lost = int((chronicle.lost & chronicle.judged).sum())
    where = words.listing(signs.nearest)
    if e.counted:
        tail = f"; many samples sit at {where}" if where else ""
        return f"Only {words.held(e, 'held')}, at step {e.step:,}{tail}."
    if e.swing >= SWUNG:
        held = f"{e.alive} of {words.count(e.judged)} held" if e.alive else f"none of {words.count(e.judged)} is held"
        return f"The samples gather at few {words.noun}s at a time, now {where}, and hop between them; {held}."
    if e.alive == 0:
        return f"None of {words.count(e.judged)} is held at step {e.step:,}; the samples sit at {where}."
    if lost < e.judged - e.alive:
        return f"Only {e.alive} of {words.count(e.judged)} held at step {e.step:,}; the samples sit at {where}."
    heirs = chronicle.heirs(signs.mode)
    moved = words.listing(heirs) if heirs.sum() > 0.2 else ""
    tail = f"their mass moved to {moved}" if moved else f"the samples sit at {where}"
    return f"{lost} of {words.count(e.judged)} lost since step {chronicle.lost_since():,}; {tail}."


def _oscillation(e: Evidence, chronicle: Chronicle, signs: Signs, words: _Words) -> str:
    if e.swing < SWUNG:
        return (
            f"The samples run in circles: {e.moved:.1f} standard deviations from look to look, and they come no nearer "
            f"to the data."
        )
    return (
        f"Mass jumps between the {words.noun}s: over the last {e.window:,} steps their shares rose and fell by "
        f"{100 * e.swing:.0f} % in sum."
    )


def _vanishing(e: Evidence, chronicle: Chronicle, signs: Signs, words: _Words) -> str:
    sure = (
        f"The critic tells data from samples in {100 * e.separated:.0f} % of pairs, and the"
        if e.separated > 0.9
        else "The"
    )
    return f"{sure} gradient that reaches a sample is {e.gradient:.0e}: the samples stand still, far from the data."


def _posterior_collapse(e: Evidence, chronicle: Chronicle, signs: Signs, words: _Words) -> str:
    start = f"{e.active:.0f} of {e.latent:.0f} latent dimensions in use: "
    rate = f"(rate {e.rate:.3f} nats)"
    if e.active:
        return f"{start}for the others q(z|x) is the same for every x, and the decoder ignores them {rate}."
    same = "the prior" if e.rate < IS_PRIOR else "the same for every x"
    return f"{start}q(z|x) is {same}, the decoder ignores z {rate}."


def _underfitting(e: Evidence, chronicle: Chronicle, signs: Signs, words: _Words) -> str:
    return (
        f"{words.held(e, 'served')}, but only {100 * e.good:.0f} % of the samples are of high "
        f"quality, and it has got no better over the last {e.window:,} steps."
    )


def _learning(e: Evidence, chronicle: Chronicle, signs: Signs, words: _Words) -> str:
    end = "No trouble, but short of the data" if e.ripe else "Too early to say"
    start = "Still improving" if e.ready and e.improving else end
    return f"{start}: {words.held(e, 'alive')}, {100 * e.good:.0f} % of the samples of high quality."


def _healthy(e: Evidence, chronicle: Chronicle, signs: Signs, words: _Words) -> str:
    return f"{words.held(e, 'alive')}, {100 * e.good:.0f} % of the samples of high quality."


SENTENCES: Final[Mapping[str, Callable[[Evidence, Chronicle, Signs, _Words], str]]] = MappingProxyType(
    {
        "posterior_collapse": _posterior_collapse,
        "collapse": _collapse,
        "oscillation": _oscillation,
        "vanishing_gradient": _vanishing,
        "underfitting": _underfitting,
        "learning": _learning,
        "healthy": _healthy,
    }
)


def _is_idle(signs: Signs) -> bool:
    return signs.active <= ALONE * signs.needed


def tell(signs: Signs, evidence: Evidence) -> dict[str, tuple[str, bool]]:
    """Each sign's title to its value in words, and whether it is a bad sign; signs that do not apply are left out."""
    rows: list[tuple[str, float, str, bool]] = [
        ("Modes alive", evidence.alive, f"{evidence.alive} of {evidence.judged}", evidence.missing >= MISSED),
        ("High quality", signs.good, f"{100 * signs.good:.0f} %", signs.good < POOR),
        ("Spread against data", signs.spread, f"{signs.spread:.2f}", not 0.7 <= signs.spread <= 1.4),
        ("Distance to data", signs.far, f"{signs.far:.2f} std", signs.far > FAR),
        ("Swing of mass", evidence.swing, f"{100 * evidence.swing:.0f} %", evidence.swing >= SWUNG),
        ("Way per look", signs.moved, f"{signs.moved:.2f} std", signs.moved >= RAN),
        ("Gradient at samples", signs.gradient, f"{signs.gradient:.1e}", signs.gradient < GONE and signs.far > FAR),
        ("Critic tells apart", signs.separated, f"{100 * signs.separated:.0f} % of pairs", signs.separated > 0.99),
        ("No minimax gradient", signs.faded, f"{100 * signs.faded:.0f} % of samples", signs.faded > 0.5),
        ("Critic's bound", signs.bound, f"{signs.bound:.3g}", False),
        ("Dimensions in use", signs.active, f"{signs.active:.0f} of {signs.latent:.0f}", _is_idle(signs)),
        ("Rate of z", signs.rate, f"{signs.rate:.3f} nats", _is_idle(signs)),
        ("Told of x by z", signs.information, f"{signs.information:.2f} nats", _is_idle(signs)),
        ("Bound below E[log p(x)]", signs.short, f"{signs.short:.2f} nats", _is_idle(signs) and signs.short >= SHORT),
        ("Jacobian's rank", signs.rank, f"{signs.rank:.2f}", signs.rank < 1.05),
        ("Jacobian's condition", signs.condition, f"{signs.condition:.1f}", signs.condition > 100),
        ("Nearly singular", signs.singular, f"{100 * signs.singular:.0f} % of z", signs.singular > 0.5),
    ]
    return {title: (words, bad) for title, value, words, bad in rows if math.isfinite(value)}
