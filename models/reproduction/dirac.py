"""The Dirac-GAN, every cell: where 500 steps of each game end, by our trainer and by the published formulas alone.

Mescheder et al. 2018 (arXiv:1801.04406, section 2 and 3) take P_X = δ₀, P_θ = δ_θ and T(x) = ψx, start at
(θ, ψ) = (1, 1) and take steps of h = .2. In their sign convention T is high on samples, in ours on data: their ψ is our
−ψ. Their alternating game moves the generator first and then the critic once or five times; our trainer lets the critic
begin, so the run here is the generator's turn, 499 whole steps, and the critic's turn: the same order of moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from models.experiment import Experiment
from models.reproduction._base import PROTOCOLS, Check, Progress, Protocol, Row, Trial
from models.training.trainer import Trainer

STEPS: Final = 500
RATE: Final = 0.2

Drive = Callable[[float, float], float]
"""(θ, ψ) to the speed of one of the two, in the convention of the paper."""


@dataclass(frozen=True)
class Variant:
    """One row of the table.

    Attributes:
        title: what it is called there.
        parts: of the recipe, beside the data, the family and the critic.
        generator: dθ/dt of the paper.
        critic: dψ/dt of the paper.
        clip: largest |ψ|.
        published: |(θ, ψ)| after 500 steps: simultaneous, alternating 1:1, alternating 1:5, as printed.
    """

    title: str
    parts: Mapping[str, Any]
    generator: Drive
    critic: Drive
    published: tuple[str, str, str]
    clip: float = math.inf


def sigmoid(x: float) -> float:
    """1 / (1 + e⁻ˣ)."""
    return 1 / (1 + math.exp(-x))


def _game(loss: Literal["minimax", "non_saturating"], r1: float = 0.0, **divergence: Any) -> Mapping[str, Any]:
    return {"divergence": divergence or {"key": "jensen_shannon"}, "objective": {"generator_loss": loss, "r1": r1}}


def _saturating(theta: float, psi: float) -> float:
    return -psi * sigmoid(-psi * theta)


def _non_saturating(theta: float, psi: float) -> float:
    return -psi * sigmoid(psi * theta)


def _logistic(damping: float) -> Drive:
    return lambda theta, psi: theta * sigmoid(-psi * theta) - damping * psi


VARIANTS: Final = (
    Variant("GAN", _game("minimax"), _saturating, _logistic(0), ("3.097", "1.421", "1.845")),
    Variant("NS-GAN", _game("non_saturating"), _non_saturating, _logistic(0), ("0.640", "0.284", "0.139")),
    Variant(
        "WGAN, clip 1",
        _game("minimax", key="wasserstein_1", gradient_penalty=0.0, clip=1.0),
        lambda theta, psi: -psi,
        lambda theta, psi: theta,
        ("1.002", "1.024", "0.917"),
        clip=1.0,
    ),
    Variant(
        "WGAN-GP (0.7, 1)",
        # The table's weight is that of the slope's pull, 2λ(|ψ| − 1).
        _game("minimax", key="wasserstein_1", gradient_penalty=0.35),
        lambda theta, psi: -psi,
        lambda theta, psi: theta - math.copysign(0.7, psi) * (abs(psi) - 1),
        ("1.802", "1.221", "0.716"),
    ),
    Variant("GAN + R1 γ .3", _game("minimax", 0.3), _saturating, _logistic(0.3), ("2.6e-6", "2.3e-7", "9.3e-34")),
    Variant("GAN + R1 γ 1", _game("minimax", 1.0), _saturating, _logistic(1), ("9.5e-22", "7.5e-17", "5.1e-12")),
    Variant(
        "NS-GAN + R1 γ .3",
        _game("non_saturating", 0.3),
        _non_saturating,
        _logistic(0.3),
        ("2.2e-6", "1.5e-7", "4.0e-34"),
    ),
)

ORDERS: Final[Mapping[str, tuple[str, int]]] = {
    "simultaneous": ("simultaneous", 1),
    "alternating 1:1": ("alternating", 1),
    "alternating 1:5": ("alternating", 5),
}
"""Name of each column to the objective's ``updates`` and ``critic_steps``."""


def experiment(variant: Variant, order: str) -> Experiment:
    """The recipe of a cell."""
    updates, critic_steps = ORDERS[order]
    objective = {
        "key": "adversarial", **variant.parts["objective"], "updates": updates, "critic_steps": critic_steps,
        "critic_lr": RATE, "critic": {"key": "affine", "slope": -1.0, "offset": False},
    }  # fmt: skip
    recipe = {
        "data": "dirac", "latent": {"key": "gaussian", "dimension": 1}, "architecture": "affine",
        "family": {"key": "dirac", "start": 1.0}, "divergence": variant.parts["divergence"], "objective": objective,
        "optimizer": {"key": "sgd", "lr": RATE}, "batch_size": 1, "steps": STEPS,
    }  # fmt: skip
    return Experiment.from_dict(recipe)


def trained(variant: Variant, order: str) -> float:
    """|(θ, ψ)| after 500 steps of our trainer, float32."""
    trainer = Trainer(experiment(variant, order))
    for turn in _turns(order):
        trainer.take_step(turn)
    return math.hypot(*trainer.game.place().values())


def _turns(order: str) -> Iterator[Literal["both", "critic", "generator"]]:
    is_alternating = order != "simultaneous"
    if is_alternating:
        yield "generator"
    for _ in range(STEPS - is_alternating):
        yield "both"
    if is_alternating:
        yield "critic"


def iterated(variant: Variant, order: str) -> float:
    """|(θ, ψ)| after 500 steps of the paper's formulas in double precision: no trainer, no objective, no network."""
    updates, critic_steps = ORDERS[order]
    theta = psi = 1.0
    for _ in range(STEPS):
        moved = theta + RATE * variant.generator(theta, psi)
        seen = theta if updates == "simultaneous" else moved
        for _ in range(critic_steps):
            psi = min(max(psi + RATE * variant.critic(seen, psi), -variant.clip), variant.clip)
        theta = moved
    return math.hypot(theta, psi)


@PROTOCOLS.register
class Dirac(Protocol):
    """Where the game of one point against one point ends, for seven losses in three orders of moves.

    No chance is in it: each cell is one number, and the published formulas, iterated on their own in double precision,
    stand beside it as the exact value. The table prints two to four digits.

    Source: Mescheder et al. 2018, arXiv:1801.04406, sections 2 and 3, and the notebook DiracGAN of their repository.
    """

    title: ClassVar[str] = "Dirac-GAN"
    source: ClassVar[str] = "Mescheder et al. 2018, arXiv:1801.04406, sections 2 and 3"
    seconds: ClassVar[float] = 5.0
    check: ClassVar[int] = 3
    seeded: ClassVar[bool] = False

    def cases(self) -> tuple[str, ...]:
        """Every variant in every order of moves."""
        return tuple(CELLS)

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """500 steps, by our trainer and by the formulas alone."""
        variant, order = CELLS[case]
        found = {"distance": trained(variant, order), "formula": iterated(variant, order)}
        progress(1.0)
        return found

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """One row: the distance from the equilibrium."""
        variant, order = CELLS[case]
        printed = variant.published[tuple(ORDERS).index(order)]
        (found,) = trials.values()
        return [
            self.row(
                case, "|(θ, ψ)| after 500 steps", trials, value="distance", published=float(printed),
                oracle=found.get("formula"), check=_check(case, found, printed),
            )
        ]  # fmt: skip


CELLS: Final[Mapping[str, tuple[Variant, str]]] = {
    f"{variant.title}, {order}": (variant, order) for variant in VARIANTS for order in ORDERS
}


def rounding(printed: str) -> float:
    """Half a unit of the last digit of a printed number, relative to the number."""
    digits = printed.split("e")[0]
    return 0.5 * 10.0 ** -len(digits.partition(".")[2]) / float(digits)


def _check(case: str, found: Trial, printed: str) -> Check:
    """Within 1 %, and what the paper says of the two ends of the table."""
    ours, exact = found.get("distance", math.nan), found.get("formula", math.nan)
    near_exact = abs(ours / exact - 1) <= TOLERANCE
    near_printed = abs(ours / float(printed) - 1) <= TOLERANCE + rounding(printed)
    rule, further = EXTREMES.get(case.split(",")[0] if "R1" in case else case, ("", lambda _: True))
    return Check(
        f"within 1 % of the exact value and, up to its rounding, of the printed one{rule}",
        near_exact and near_printed and further(ours),
    )


TOLERANCE: Final = 0.01

EXTREMES: Final[Mapping[str, tuple[str, Callable[[float], bool]]]] = {
    "GAN, simultaneous": (", and beyond 3.09", lambda ours: ours > 3.09),
    "GAN + R1 γ .3": (", and below 1e-5", lambda ours: ours < 1e-5),
    "GAN + R1 γ 1": (", and below 1e-5", lambda ours: ours < 1e-5),
    "NS-GAN + R1 γ .3": (", and below 1e-5", lambda ours: ours < 1e-5),
}
"""What else the acceptance check asks of some cells: the plain game grows, the damped one ends."""
