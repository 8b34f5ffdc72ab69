"""The generative model as a classifier beside a discriminative one: what held-out samples are taken for."""

from __future__ import annotations

from typing import Final

from explorer.session.snapshot import Arrays, Scene
from explorer.views._card import card
from explorer.views._confusion_picture import ConfusionPicture, percent
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
        """For models with a bound on the density of each class."""
        return {"bound", "classes"} <= scene.offers

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
    softmax = "learns" if is_learning else percent(arrays["softmax"])
    said = f"Bayes' rule {percent(arrays['bayes'])}, softmax {softmax}"
    n, known = int(arrays["n"]), f"{int(arrays['known']):,} labels"
    return f"{said} right · {n} held-out samples · {known}", f"{said} · {n} held out · {known}", said, known
