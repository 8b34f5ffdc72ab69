"""The components of a mixture as ellipses and as curves; and the arrays that they are drawn from."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QColor, QImage, QTransform
from scipy.stats import multivariate_normal, norm

from explorer.views._base import layers_for
from explorer.views.components import ComponentsLine, ComponentsPlane, beside, outline, percent, shares_at
from explorer.views.data_space import DataSpaceView
from explorer.widgets.theme import DARK, LIGHT
from models.experiment import Experiment
from models.training.witness import Witness

from .handmade import line_pictures, line_scene, ring_means, ring_scene, scene, snapshot

pytestmark = pytest.mark.gui

MEANS = np.array([[-1.0, 0.5], [0.8, -0.6]])
AXES = np.array([[[0.4, 0.0], [0.0, 0.1]], [[0.15, -0.2], [0.15, 0.2]]])
WEIGHTS = np.array([0.9, 0.1])
OFFERS = frozenset({"components"})
DIGITS = {"data": "digits", "family": {"key": "mixture", "components": 1, "start": "random"}}


def covariances(axes):
    return axes @ axes.transpose(0, 2, 1)


def plane(**changes):
    return scene(offers=OFFERS, **changes)


def line():
    return scene(
        title="line", dimension=1, latent_dimension=1, bounds=(-4.0, -1.0, 4.0, 1.0), offers=OFFERS,
        density=line_scene().density,
    )  # fmt: skip


def arrays(weights=WEIGHTS, means=MEANS, axes=AXES):
    return {name: np.asarray(a, np.float32) for name, a in (("weights", weights), ("means", means), ("axes", axes))}


def ink(view, reach, *place):
    """How much of the picture around a place, data units, is of the model's colour, and how strongly."""
    at = view.plot.mapTo(view, view.plot.mapFromScene(view.plot.box.mapViewToScene(QPointF(*place))))
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    whole = np.array(image.constBits()).reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)
    patch = whole[at.y() - reach : at.y() + reach + 1, at.x() - reach : at.x() + reach + 1]
    ground, model = (np.array(QColor(name).getRgb()[:3]) for name in (view.theme.plot, view.theme.model))
    return float((((patch - ground) @ (model - ground)) / ((model - ground) @ (model - ground))).clip(0, 1).max())


def shown(make, parts, theme=DARK, of=None):
    view = make(DataSpaceView, theme=theme, scene=of or plane())
    view.show_snapshot(snapshot({"components": parts}))
    return view


def test_only_mixtures_have_the_layer():
    for given in (ring_scene(), line_scene()):
        assert not any(cls.key == "components" for cls in layers_for(given, "data"))
    assert ComponentsPlane in layers_for(plane(), "data")
    assert ComponentsLine in layers_for(line(), "data")
    pictures = plane(dimension=64, image_shape=(1, 8, 8))
    assert not any(cls.key == "components" for cls in layers_for(pictures, "data"))


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_ellipses_are_at_one_and_two_standard_deviations(make, theme):
    view = shown(make, arrays(), theme)
    for mean, axes in zip(MEANS, AXES, strict=True):
        for direction in axes.T:
            for radius in (1.0, 2.0):
                assert ink(view, 2, *(mean + radius * direction)) > 0.2
        assert ink(view, 2, *(mean + 1.5 * axes[:, 0])) < 0.1
        assert ink(view, 3, *mean) > 0.2


def test_the_heavier_the_stronger(make):
    view = shown(make, arrays())
    heavy, light = (ink(view, 2, *(mean + axes[:, 0])) for mean, axes in zip(MEANS, AXES, strict=True))
    assert heavy > light + 0.3


def test_a_switch_takes_them_away(make):
    view = shown(make, arrays())
    place = MEANS[0] + AXES[0][:, 0]
    view.set_shown("components", False)
    assert ink(view, 2, *place) == 0
    view.set_shown("components", True)
    assert ink(view, 2, *place) > 0.2


def test_sixty_equal_ones_have_one_thin_ellipse_each_and_no_words(make):
    angle = 2 * np.pi * np.arange(60) / 60
    means = np.stack([np.cos(angle), np.sin(angle)], 1)
    view = shown(make, arrays(np.full(60, 1 / 60), means, np.tile(0.15 * np.eye(2), (60, 1, 1))))
    assert ink(view, 2, 1.15, 0.0) > 0.2
    assert ink(view, 2, 1.3, 0.0) < 0.1
    assert ink(view, 12, 1.5, 0.0) < 0.1


@pytest.mark.parametrize("weights", [np.array([1.0, 0.0]), np.array([0.0, 0.0])])
def test_a_component_without_weight_or_width_is_drawn_without_fault(make, weights):
    view = shown(make, arrays(weights, MEANS, np.zeros((2, 2, 2))))
    assert ink(view, 4, *MEANS[0]) > 0.1


def test_a_click_tells_which_component_a_place_belongs_to(make):
    view = shown(make, arrays())
    view.explain(*MEANS[1])
    assert "component 2 of 2, weight 0.1, answers for" in view.plot.readout.text()


def test_shares_are_the_posterior_of_the_components():
    point = np.array([0.1, -0.2])
    laws = zip(MEANS, covariances(AXES), strict=True)
    joint = WEIGHTS * [multivariate_normal(mean, covariance).pdf(point) for mean, covariance in laws]
    assert shares_at(point, WEIGHTS, MEANS, AXES) == pytest.approx(joint / joint.sum())
    far = shares_at(np.array([1e6, 0.0]), WEIGHTS, MEANS, AXES)
    assert far.sum() == pytest.approx(1.0)


def test_weights_stand_outside_and_away_from_the_middle():
    for mean, axes in zip(100 * MEANS, 100 * AXES, strict=True):
        place = QTransform(axes[0, 0], axes[1, 0], axes[0, 1], axes[1, 1], *mean)
        card = beside(place, QPointF(0, 0), QSizeF(30, 14), 4.0)
        assert not outline(place, 2.0).intersects(card)
        assert np.dot([card.center().x(), card.center().y()], mean) > np.dot(mean, mean)


@pytest.mark.parametrize(("weight", "text"), [(0.125, "12 %"), (1.0, "100 %"), (0.0049, "< 1 %"), (0.0, "< 1 %")])
def test_a_weight_is_said_as_a_share(weight, text):
    assert percent(weight) == text


def test_over_a_line_the_parts_are_curves(make):
    x = np.linspace(-4, 4, 256)
    curves = np.stack([0.45 * norm.pdf(x, -1.6, 0.45), 0.55 * norm.pdf(x, 0.7, 0.45)]).astype(np.float32)
    parts = {"weights": np.array([0.45, 0.55], np.float32), "curves": curves}
    view = make(DataSpaceView, scene=line())
    view.show_snapshot(snapshot({"components": parts, "samples": line_pictures()["samples"]}))
    assert ink(view, 3, 0.7, 0.55 * norm.pdf(0, 0, 0.45)) > 0.3
    view.explain(-1.6, 0.1)
    assert "component 1 of 2, weight 0.45, answers for 100 %" in view.plot.readout.text()


def witness(data, **options):
    return Witness(Experiment.from_dict({"data": data, "family": {"key": "mixture", **options}}), points=100)


def test_axes_are_those_of_the_covariances_longest_first():
    looker = witness({"key": "ring", "n": 500}, components=3)
    seen, _ = looker.observe(["components"])
    parts, found = looker.game.model.components(), seen["components"]
    assert found["axes"] @ found["axes"].transpose(0, 2, 1) == pytest.approx(parts.covariances.numpy(), abs=1e-5)
    lengths = np.linalg.norm(found["axes"], axis=1)
    assert (lengths[:, 0] >= lengths[:, 1]).all()
    assert found["weights"].sum() == pytest.approx(1.0)
    assert looker.scene()["offers"] >= OFFERS


def test_of_more_coordinates_the_first_two_are_seen():
    means = [[0.0] * 5, [3.0, 0.0, 1.0, 2.0, 5.0]]
    covariance = (np.eye(5) + 0.3).tolist()
    looker = witness({"key": "gaussian_mixture", "means": means, "covariances": [covariance], "weights": []})
    found, parts = looker.observe(["components"])[0]["components"], looker.game.model.components()
    wanted = parts.covariances[:, :2, :2].numpy()
    assert found["axes"] @ found["axes"].transpose(0, 2, 1) == pytest.approx(wanted, rel=1e-3, abs=1e-4)


def test_curves_add_up_to_the_density():
    looker = witness("gaussian_mixture_1d", components=3)
    found = looker.observe(["components"])[0]["components"]
    left, _, right, _ = looker.subject.bounds
    x = torch.linspace(left, right, 256)[:, None]
    assert found["curves"].sum(0) == pytest.approx(looker.game.model.log_prob(x).exp().numpy(), rel=1e-4)


def test_what_is_no_mixture_says_so():
    for recipe, word in (({"family": "spline_flow"}, "no mixture"), (DIGITS, "plane")):
        missing = Witness(Experiment.from_dict(recipe), points=50).observe(["components"])[1]
        assert word in missing["components"]


def test_those_of_an_infinite_mixture_are_seen_only_when_asked_for(make):
    view = shown(make, arrays(), of=scene(offers=OFFERS | {"posterior"}))
    assert not view.is_shown("components")
    assert "infinitely many" in view.layers[[each.key for each in view.layers].index("components")].tip
    view.set_shown("components", True)
    assert "component" not in "".join(layer.explain(*MEANS[0]) for layer in view.layers if layer.key == "components")


def test_only_a_gaussian_likelihood_has_components():
    digits = {"data": {"key": "digits", "binary": True}, "latent": {"key": "gaussian", "dimension": 2}}
    family = {"key": "variational_autoencoder", "likelihood": "bernoulli"}
    missing = Witness(Experiment.from_dict({**digits, "family": family}), points=20).observe(["components"])[1]
    assert "Gaussian likelihood" in missing["components"]


def test_weights_of_a_ring_stand_clear_of_one_another():
    means, size = 150 * ring_means(), QSizeF(30, 14)
    places = [QTransform.fromScale(8, 8) * QTransform.fromTranslate(*mean.tolist()) for mean in means]
    cards = [beside(place, QPointF(0, 0), size, 4.0) for place in places]
    assert not any(a.intersects(b) for i, a in enumerate(cards) for b in cards[:i])
    assert all(math.hypot(card.center().x(), card.center().y()) > 166 for card in cards)
