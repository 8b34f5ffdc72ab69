"""The generative model as a classifier beside a discriminative one: what held-out samples are taken for."""

from __future__ import annotations

from typing import Final

from explorer.session.snapshot import Arrays, Scene
from explorer.views._card import card
from explorer.views._confusion_picture import ConfusionPicture, feet, told_right
from explorer.views._painted_card import PaintedCard

KEY: Final = "bayes_rule"


@card
class BayesRuleCard(PaintedCard):
    """Two tables of what held-out samples of each class are taken for: by Bayes' rule, and by a softmax classifier."""

    title = "Classes p(y|x)"
    key = KEY
    paints = ConfusionPicture
    order = 45

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For models that are told classes: of some there is no density, which is said."""
        return "classes" in scene.offers

    def take_scene(self, scene: Scene) -> None:
        """What the classes are called."""
        super().take_scene(scene)
        assert isinstance(self.picture, ConfusionPicture), "that is what this card paints"
        self.picture.names = scene.class_names

    def words(self, arrays: Arrays) -> tuple[str, ...]:
        """See ``subtitle``."""
        return subtitle(arrays)


def subtitle(arrays: Arrays) -> tuple[str, ...]:
    """How many are told right by either, the longest wording first."""
    is_learning = float(arrays["share"]) < 1
    bayes, softmax = told_right(arrays["bayes"]), "learns" if is_learning else told_right(arrays["softmax"])
    said = f"Bayes' rule {bayes}, softmax {softmax}"
    n, (law, *_), (known,) = int(arrays["n"]), *feet(arrays)
    whole = f"{said} right · {law} · {n} held-out samples · {known}"
    return whole, f"{said} · {n} held out · {known}", f"{n} held-out samples", known
