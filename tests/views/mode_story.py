"""Findings made by hand: a ring of eight that loses modes 4 and 8, and mode 4 for the second time."""

import numpy as np

from explorer.session.messages import Diagnosed, ModeEvent, Remedy
from explorer.session.snapshot import freeze

from .handmade import MASS

LIVE = Remedy("Slower generator", "Lets the critic keep up with the generator.", ("optimizer.lr=1e-4",))
AGAIN = Remedy("Pack 2 samples", "The critic judges pairs, and sees when they are alike.", ("data.modes=4",))
OTHER = Remedy("Minibatch spread", "Shows the critic how far samples lie apart.", ("optimizer.beta1=0.5",))
EVENTS = tuple(
    ModeEvent(step, mode, born)
    for step, mode, born in [
        *((200 + 100 * mode, mode, True) for mode in range(8) if mode != 3),
        (1_200, 3, True), (2_300, 3, False), (3_000, 3, True), (5_400, 3, False), (7_100, 7, False),
    ]
)  # fmt: skip
SIGNS = {
    "modes alive": ("6 of 8", True),
    "rank of the Jacobian": ("1.04 of 2", True),
    "gradient reaching the generator": ("0.21", False),
    "critic saturation": ("12 %", False),
    "mass moving between modes": ("2 % a second", False),
}


def found(step=12_400, verdict="collapse", mass=MASS, run=1, **changes):
    """Freely changed fields; births and deaths up to the step."""
    events = tuple(event for event in EVENTS if event.step <= step)
    born = {event.mode: event.step if event.born else None for event in events}
    k = len(mass)
    age = np.array([-1 if born.get(mode) is None else step - born[mode] for mode in range(k)], np.int64)
    values = {
        "run": run, "step": step, "verdict": verdict, "title": verdict.replace("_", " ").capitalize(),
        "text": "2 of 8 modes lost since step 5,400; their mass moved to modes 1 and 6." if verdict != "healthy"
        else "All 8 modes are alive, and each has its share.",
        "alarm": verdict not in ("healthy", "learning"),
        "remedies": (LIVE, AGAIN, OTHER) if verdict not in ("healthy", "learning") else (), "signs": SIGNS,
        "names": tuple(str(mode + 1) for mode in range(k)), "named": True, "mass": mass,
        "target": np.full(k, 1 / k), "quality": np.where(mass > 0, 0.93, np.nan),
        "distance": np.where(mass > 0, 0.012, np.nan), "age": age, "events": events,
    } | changes  # fmt: skip
    return Diagnosed(**{**values, **freeze({k: v for k, v in values.items() if isinstance(v, np.ndarray)})})
