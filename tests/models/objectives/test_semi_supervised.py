"""Few labels: Bayes' rule against closed forms, the bound that sums over classes, and which labels are known."""

from __future__ import annotations

import pytest
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from models.data import DATA
from models.experiment import Experiment
from models.families._bayes import class_log_posterior, joint
from models.objectives.semi_supervised import first_of_each
from models.registry import RecipeError
from models.training.trainer import Trainer

SMALL = {"key": "mlp", "width": 16, "depth": 1}


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def recipe(**parts) -> Experiment:
    family = {"key": "variational_autoencoder", "conditional": True, "untold": 0.0, "encoder": SMALL}
    return Experiment.from_dict(
        {
            "data": {"key": "ring", "modes": 3, "n": 200},
            "architecture": SMALL,
            "family": {**family, **parts.pop("family", {})},
            "objective": {"key": "semi_supervised", **parts.pop("objective", {})},
            **parts,
        }
    )


def test_bayes_rule_of_gaussian_classes_is_linear_discriminant_analysis():
    x, y = DATA.parse({"key": "ring", "modes": 3, "std": 0.6}).draw_told(600, seeded(0))
    oracle = LinearDiscriminantAnalysis(solver="lsqr").fit(x.numpy(), y.numpy())
    means, shares = torch.tensor(oracle.means_), torch.tensor(oracle.priors_)
    within = sum(torch.cov(x[y == c].double().T, correction=0) * float(shares[c]) for c in range(3))

    def given(points, classes):
        return torch.distributions.MultivariateNormal(means[classes], within).log_prob(points)

    posterior = class_log_posterior(given, shares, x.double()).exp()
    assert torch.allclose(posterior, torch.tensor(oracle.predict_proba(x.numpy())), atol=1e-6)


def test_classes_are_weighed_by_their_shares():
    shares = torch.tensor([0.2, 0.3, 0.5])
    x = torch.randn(7, 2, generator=seeded(1))
    same = joint(lambda points, classes: points[:, 0], shares, x)
    assert torch.allclose(same.logsumexp(1), x[:, 0], atol=1e-6)
    assert torch.allclose((same - x[:, :1]).exp(), shares.expand(7, 3))


def test_known_labels_are_the_first_of_each_class_in_equal_numbers():
    labels = torch.tensor([2, 2, 2, 0, 1, 0, 0, 2, 1, 0])
    assert first_of_each(labels, 3).tolist() == [3, 4, 0]
    assert sorted(first_of_each(labels, 5).tolist()) == [0, 3, 4, 5, 8]
    assert sorted(first_of_each(labels, 99).tolist()) == list(range(10))


def test_only_known_labels_are_looked_at():
    trainer = Trainer(recipe(objective={"known": 9}))
    game = trainer.game
    known = first_of_each(game.labels, 9)
    later = game.labels[known.max() + 1 :]
    assert len(later) > 150
    later.add_(1).remainder_(3)  # a label that is not known may say anything
    changed = [trainer.take_step() for _ in range(5)]
    again = Trainer(recipe(objective={"known": 9}))
    assert changed == [again.take_step() for _ in range(5)]
    u, y = again.experiment.objective.labelled_batch(again.game, 50)
    assert torch.equal(
        torch.cdist(u, again.game.sample[known]).argmin(1).bincount() > 0, torch.ones(9, dtype=torch.bool)
    )
    assert y.bincount(minlength=3).min() > 5


@pytest.fixture(scope="module")
def trained() -> tuple[Trainer, dict[str, float]]:
    """Three Gaussians, of which three points are labelled."""
    data = {"key": "ring", "modes": 3, "std": 0.3, "n": 300}
    latent, optimizer = {"key": "gaussian", "dimension": 1}, {"key": "adam", "lr": 1e-2}
    parts = {"data": data, "latent": latent, "optimizer": optimizer, "steps": 250, "batch_size": 64, "seed": 12}
    trainer = Trainer(recipe(objective={"known": 3}, **parts))
    while trainer.step < 250:
        found = trainer.take_step()
    return trainer, found


def test_the_marginal_bound_lies_below_the_evidence_and_near_it(trained):
    trainer, found = trained
    model, x = trainer.game.model, trainer.experiment.data.draw(1000, seeded(2))
    with torch.no_grad():
        evidence, bound = float(model.log_prob(x).mean()), float(model.elbo(x, seeded(3), 20).mean())
    assert bound < evidence < bound + 0.5
    assert found["unlabelled_bound"] == pytest.approx(bound, abs=0.5)


def test_unlabelled_samples_find_the_class_that_few_labels_name(trained):
    model, (x, y) = trained[0].game.model, trained[0].experiment.data.draw_told(500, seeded(4))
    told = class_log_posterior(model.log_prob_given, model.condition.shares, x).argmax(1)
    assert float((told == y).float().mean()) > 0.95


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"data": "ring"}, "objective.key"),
        ({"data": {"key": "swiss_roll", "n": 200}}, "family.conditional"),
        ({"family": {"conditional": False}}, "family.conditional"),
        ({"family": {"untold": 0.1}}, "family.untold"),
    ],
)
def test_what_has_no_few_labels_is_refused(parts, path):
    with pytest.raises(RecipeError) as caught:
        recipe(**parts)
    assert caught.value.path == path
