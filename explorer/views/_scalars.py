"""What the numbers of every step are called, and in which colour they are drawn: one table for all objectives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

NATS: Final = "nats"


@dataclass(frozen=True)
class Scalar:
    """One number of a step.

    Attributes:
        title: as the lecture writes it.
        unit: empty for a plain number.
        role: the theme's colour for it; empty for the next one that is free.
    """

    title: str
    unit: str = ""
    role: str = ""


SCALARS: Final[Mapping[str, Scalar]] = {
    "theta": Scalar("θ"),
    "psi": Scalar("ψ"),
    "generator_loss": Scalar("generator loss", role="model"),
    "critic_loss": Scalar("critic loss", role="critic_low"),
    "estimate": Scalar("estimate of D", role="model"),
    "negative_log_likelihood": Scalar("−log p_θ", NATS, "model"),
    "reverse_kl": Scalar("KL(P_θ ‖ P_X)", NATS, "model"),
    "negative_elbo": Scalar("−ELBO", NATS, "model"),
    "negative_bound": Scalar("−IWAE bound", NATS, "model"),
    "reconstruction": Scalar("E[log p(x|z)]", NATS, "critic_low"),
    "rate": Scalar("KL(q(z|x) ‖ p(z))", NATS, "critic_high"),
    "denoising_loss": Scalar("denoising loss", role="model"),
    "sliced_loss": Scalar("sliced score matching", role="model"),
    "variational_bound": Scalar("variance: bound", NATS, "critic_low"),
    "flow_matching_loss": Scalar("flow matching loss", role="model"),
    "transport_cost": Scalar("cost of pairs", role="critic_high"),
    "path_energy": Scalar("path energy", role="critic_low"),
    "beta": Scalar("β", role="muted"),
    "log_posterior": Scalar("log p(θ|D)/n", NATS, "critic_low"),
    "log_p_particles": Scalar("log p: particles", NATS, "muted"),
    "log_p_predictive": Scalar("predictive", NATS, "model"),
    "log_p_best_fit": Scalar("best fit", NATS, "text"),
    "acceptance": Scalar("acceptance", role="critic_high"),
}


def scalar(name: str) -> Scalar:
    """What a number is called; its name in plain words, where the table has no others."""
    return SCALARS.get(name, Scalar(name.replace("_", " ")))
