"""The feature space of pictures: what the classifier knows, what principal components are, and what is kept on disk."""

from __future__ import annotations

import pytest
import torch
from sklearn.decomposition import PCA

from models.data import DATA
from models.data._picture import Picture
from models.data._principal import principal_components, shrunk
from models.measures import _features
from models.measures._features import Features, Learning, features_of


@pytest.fixture
def digits():
    return DATA.parse("digits")


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(_features, "LEARNT_FROM", 200)
    monkeypatch.setenv("PUSHFORWARD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_classifier_knows_digits_that_it_was_not_trained_on(digits):
    features = features_of(digits)
    assert features.accuracy > 0.95
    assert features.classes == 10
    probabilities = features.probabilities(digits.rows())
    torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(digits.count))
    assert (probabilities.argmax(dim=1) == digits.row_labels()).float().mean() > 0.97


def test_real_samples_have_total_variance_1_in_feature_space(digits):
    seen = features_of(digits).of(digits.rows())
    assert seen.shape == (1797, 64)
    assert float(seen.var(dim=0, correction=0).sum()) == pytest.approx(1, abs=1e-4)
    assert float(seen.mean(dim=0).norm()) < 1e-4


def test_what_was_learnt_is_found_again_and_what_is_broken_is_learnt_again(digits, own_cache, monkeypatch):
    learnt = Learning(digits).finish()
    (kept,) = own_cache.rglob("*.safetensors")
    with monkeypatch.context() as patch:
        patch.setattr(_features, "_schooled", None)
        found = Learning(digits).finish()
    x = digits.rows()[:50]
    assert torch.equal(found.of(x), learnt.of(x))
    kept.write_bytes(b"no tensors")
    assert torch.equal(Learning(digits).finish().of(x), learnt.of(x))


def test_a_cache_that_cannot_be_written_does_not_matter(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(_features, "LEARNT_FROM", 200)
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("PUSHFORWARD_CACHE", str(tmp_path / "file"))
    assert isinstance(Learning(digits).finish(), Features)


def test_learning_in_pieces_finds_the_same(digits, own_cache):
    pieces, lesson = 1, Learning(digits)
    while not lesson.advance(0.001):
        pieces += 1
    assert pieces > 10
    torch.testing.assert_close(lesson.finish().of(digits.rows()), Learning(digits).finish().of(digits.rows()))


@pytest.mark.parametrize("n", [40, 300])
def test_principal_components_are_those_of_scikit_learn(n):
    x = torch.randn(n, 100, generator=torch.Generator().manual_seed(1)) * torch.linspace(3, 0.1, 100)
    found, oracle = principal_components(x, 100, 5), PCA(5).fit(x.numpy())
    torch.testing.assert_close(found.variances, torch.from_numpy(oracle.explained_variance_))
    torch.testing.assert_close(
        found.of(x).abs(), torch.from_numpy(oracle.transform(x.numpy())).abs(), atol=1e-3, rtol=0
    )


def test_large_pictures_are_averaged_to_few_pixels():
    x = torch.arange(64.0 * 64).expand(2, 3, -1).flatten(1)
    small = Picture(3, 32, 32).view(shrunk(x, Picture(3, 64, 64)))
    assert float(small[1, 2, 0, 0]) == pytest.approx((0 + 1 + 64 + 65) / 4)
