"""The map of data and samples: neighbour embedding against scikit-learn's, principal components, exact small cases."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.manifold._t_sne import _joint_probabilities

from models.experiment import Experiment
from models.observations import _map
from models.observations._map import Neighbours, far_apart
from models.observations._neighbour_embedding import STEPS, NeighbourEmbedding, affinities
from models.training.witness import Witness

KEYS = ("pixel_map", "feature_map", "pixel_neighbours", "feature_neighbours")


def digits(n):
    return torch.from_numpy(load_digits().data[:n] / 8 - 1).float()


def witness(**recipe):
    latent = {"key": "gaussian", "dimension": 4}
    small = {"architecture": {"key": "mlp", "depth": 0}, "latent": latent, "data": "digits"}
    return Witness(Experiment.from_dict({**small, **recipe}), points=50)


def load(looker, value):
    """All weights are this."""
    assert looker.game.critic is not None
    count = looker.game.model.network.parameters + looker.game.critic.parameters
    looker.load(np.full(count, value, np.float32))


def test_affinities_are_those_of_scikit_learn():
    x = digits(60)
    squared = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist").square().numpy()
    expected = _joint_probabilities(squared, 10.0, 0)
    found = affinities(x, 10.0).numpy()
    np.testing.assert_allclose(found[np.triu_indices(60, 1)], expected, rtol=2e-3, atol=1e-7)
    assert found.sum() == pytest.approx(1, abs=1e-5)


def test_the_embedding_is_as_good_as_that_of_scikit_learn():
    x = digits(120)
    ours = NeighbourEmbedding(x)
    assert not ours.advance(0.0)
    while not ours.advance(0.05):
        assert 0 < ours.share < 1
    theirs = TSNE(init="pca", method="exact", perplexity=30, max_iter=STEPS, random_state=0)
    places = theirs.fit_transform(x.numpy())
    assert ours.divergence < 1.1 * theirs.kl_divergence_
    least = trustworthiness(x.numpy(), places) - 0.01
    assert trustworthiness(x.numpy(), ours.places.numpy()) > least


def test_a_sample_that_is_a_datum_stands_at_its_place():
    x = digits(40)
    layout = Neighbours(x)
    layout.advance(0.1)
    np.testing.assert_allclose(layout.place(x), layout.places, atol=1e-3)


def test_between_two_data_a_sample_stands_between_their_places():
    far = 100 * torch.eye(6)[2:].repeat(2, 1)
    x = torch.cat([torch.zeros(1, 6), 2 * torch.eye(6)[:1], far])
    layout = Neighbours(x)
    layout._embedding.places = torch.arange(len(x) * 2.0).view(-1, 2)
    expected = (9 * layout.places[0] + layout.places[1]) / 10  # distances 0.5 and 1.5: weights 4 and 4/9
    np.testing.assert_allclose(layout.place(0.5 * torch.eye(6)[:1])[0], expected, atol=0.02, rtol=0)


def test_points_far_apart():
    line = torch.tensor([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [4.1, 0.0]])
    assert far_apart(line, 3).tolist() == [2, 4, 0]
    assert sorted(far_apart(line, 9).tolist()) == [0, 1, 2, 3, 4]


def test_samples_are_projected_onto_the_components_of_the_data_alone():
    looker = witness()
    made = looker.observe(["pixel_map"])[0]["pixel_map"]
    real = looker.subject.real.numpy()
    pca = PCA(2).fit(real[:2000])
    np.testing.assert_allclose(np.abs(made["data"]), np.abs(pca.transform(real[:600])), atol=1e-2)
    np.testing.assert_allclose(np.abs(made["fake"]), np.abs(pca.transform(looker.subject.fake.numpy())), atol=1e-2)
    np.testing.assert_allclose(made["explained"], pca.explained_variance_ratio_, rtol=1e-3)
    assert float(made["share"]) == 1
    assert not looker.unsettled
    x, y = looker.experiment.data.draw_told(len(real), torch.Generator().manual_seed(0))
    assert torch.equal(x, looker.subject.real)
    assert made["label"].tolist() == y[:600].tolist()
    nearest = torch.cdist(looker.subject.fake, x[:600]).argmin(1)
    assert made["fake_label"].tolist() == y[:600][nearest].tolist()
    shown = np.concatenate([real[made["shown"]], looker.subject.fake[made["fake_shown"]].numpy()])
    np.testing.assert_array_equal(made["pictures"], shown)


def test_a_layout_is_finished_piece_by_piece_whatever_the_weights(monkeypatch):
    monkeypatch.setattr(_map, "POINTS", 40)
    looker = witness()
    shares = []
    while not shares or looker.unsettled:
        made = looker.observe(["pixel_neighbours"])[0]["pixel_neighbours"]
        shares.append(float(made["share"]))
    assert shares == sorted(shares)
    assert shares[-1] == 1
    load(looker, 0.0)
    again = looker.observe(["pixel_neighbours"])[0]["pixel_neighbours"]
    np.testing.assert_array_equal(again["data"], made["data"])
    assert np.ptp(again["fake"], axis=0).max() < 1e-5  # all are one picture now


def test_until_features_are_learnt_the_map_is_empty_and_unsettled(monkeypatch):
    class School:
        features = None
        calls = 0

        def advance(self, seconds):
            self.calls += 1
            if self.calls > 1:
                self.features = type("Doubled", (), {"of": staticmethod(lambda x: 2 * x[:, :32])})
            return self.features is not None

    school = School()
    monkeypatch.setattr(_map, "learning", lambda data: school)
    looker = witness()
    first = looker.observe(["feature_map"])[0]["feature_map"]
    assert len(first["data"]) == len(first["fake"]) == 0
    assert looker.unsettled
    second = looker.observe(["feature_map"])[0]["feature_map"]
    assert not looker.unsettled
    expected = PCA(2).fit(looker.subject.real[:2000, :32].numpy()).transform(looker.subject.real[:600, :32].numpy())
    np.testing.assert_allclose(np.abs(second["data"]), 2 * np.abs(expected), atol=1e-2)


def test_samples_told_their_class_have_it_and_those_that_are_no_numbers_have_no_place():
    looker = witness(family={"key": "pushforward", "conditional": True})
    made = looker.observe(["pixel_map"])[0]["pixel_map"]
    assert made["fake_label"].tolist() == looker.game.model.labels_of(looker.subject.noise).tolist()
    load(looker, np.nan)
    pictures, _ = looker.observe(["pixel_map"])
    assert len(pictures["pixel_map"]["fake"]) == len(pictures["pixel_map"]["number"]) == 0
    assert len(pictures["pixel_map"]["data"]) == 600


def test_a_thumbnail_is_the_picture_of_a_point():
    looker = witness()
    real = looker.answer("thumbnail", {"number": np.array(7), "real": np.array(1)})
    made = looker.answer("thumbnail", {"number": np.array(7), "real": np.array(0)})
    np.testing.assert_array_equal(real["x"], looker.subject.real[7:8])
    np.testing.assert_allclose(made["x"], looker.subject.fake[7:8], atol=1e-6)
    _, missing = witness(data="ring").observe(KEYS)
    assert set(missing) == set(KEYS)
