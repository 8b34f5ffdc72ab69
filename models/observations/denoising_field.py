"""What the net says everywhere of the way to the data, and what would be right."""

from __future__ import annotations

from typing import ClassVar

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, only_up_to
from models.observations._fields import fields
from models.observations._frames import only_processes, unasked


@OBSERVATIONS.register
class DenoisingField(Observation):
    """The velocity and the score of p_t at each time on the way: learnt, exact, and how far apart they are.

    The error is the root of E‖learnt − exact‖² over u_t ~ p_t, so that places where nothing lies do not count.

    Source: Song et al. 2021, arXiv:2011.13456, eq. 13; the error of a score is what score matching makes small, Song
    and Ermon 2019, arXiv:1907.05600, section 2.1.
    """

    title: ClassVar[str] = "field"
    source: ClassVar[str] = "Song et al. 2021, arXiv:2011.13456, eq. 13"

    def missing(self, subject: Subject) -> str:
        """For one and two dimensions, and answers for any class."""
        return only_processes(subject) or unasked(subject) or only_up_to(2, subject)

    def observe(self, subject: Subject) -> Arrays:
        """At F times, ``time``, at the places ``grid``, shape (G, d), that fill ``bounds``, shape (4,), data units.

        ``velocity`` dx/dt and, where the source is standard normal, ``score`` ∇ log p_t, shape (F, G, d), data units
        per unit of t and 1 per data unit. Where the right answer is known: ``velocity_exact`` and ``score_exact``,
        the same shape; ``velocity_error``, the root mean square of the difference, and ``velocity_size``, that of the
        exact one, shape (F,), and the same of the score. ``peopled``, shape (F, G): 1 where p_t is more than a
        hundredth of its highest value, else 0. ``unknown``, shape (): why the right answer is not known, or nothing.
        """
        return fields(subject)
