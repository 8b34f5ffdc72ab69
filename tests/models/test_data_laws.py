"""Laws that every data set is held to by standing in the registry."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import tomli_w
import torch

from models.data import DATA, Data
from models.data._picture import numbers
from models.registry import RecipeError, range_of

SIDE = 192
CELLS = 12
DRAWS = 20_000


@pytest.fixture
def law_of(own_files):
    """A data set by its key, of files made for it where it is read from some."""
    return lambda key, **options: DATA.parse({"key": key, **own_files.get(key, {}), **options})


@pytest.fixture(params=DATA.keys())
def member(request, law_of) -> Data:
    return law_of(request.param)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def offered(capability: str) -> list[str]:
    return [law.key for law in DATA if capability in law.capabilities]


@dataclass
class Gridded:
    """A density on the midpoints of a square (or interval) that holds all of its mass but a negligible part."""

    log_p: torch.Tensor
    cell: float
    edges: list[np.ndarray]

    @property
    def p(self):
        return self.log_p.exp()

    @property
    def entropy(self) -> float:
        return float(-torch.special.xlogy(self.p, self.p).sum() * self.cell)


@cache
def gridded(key: str) -> Gridded:
    law = DATA.parse(key)
    left, bottom, right, top = law.bounds()
    grow = 0.15 * (right - left)
    side = SIDE if law.dimension == 2 else 4096 // CELLS * CELLS
    spans = [(left - grow, right + grow), (bottom - grow, top + grow)][: law.dimension]
    axes = [low + (high - low) * (torch.arange(side, dtype=torch.float64) + 0.5) / side for low, high in spans]
    x = torch.cartesian_prod(*axes).reshape(-1, law.dimension)
    cell = float(np.prod([(high - low) / side for low, high in spans]))
    log_p = law.log_prob(x).reshape([side] * law.dimension)
    return Gridded(log_p, cell, [np.linspace(low, high, CELLS + 1) for low, high in spans])


def test_draw_has_its_shape_and_is_finite(member):
    x = member.draw(257, seeded(0))
    assert x.shape == (257, member.dimension)
    assert x.dtype == torch.float32
    assert x.isfinite().all()


def test_the_generator_is_the_only_source_of_chance(member):
    torch.manual_seed(1)
    first = member.draw(64, seeded(3))
    torch.manual_seed(2)
    assert torch.equal(first, member.draw(64, seeded(3)))
    is_one_point = len(first.unique(dim=0)) == 1  # nothing is left to chance in a Dirac
    assert torch.equal(first, member.draw(64, seeded(4))) == is_one_point


def test_draws_do_not_share_memory_with_the_law(member):
    before = member.draw(64, seeded(3))
    member.draw(64, seeded(3)).fill_(torch.nan)
    if member.size:
        member.training_set(seeded(0)).fill_(torch.nan)
    assert torch.equal(before, member.draw(64, seeded(3)))


def test_fresh_draws_or_a_finite_training_set(member):
    x = member.training_set(seeded(0))
    if member.size is None:
        assert x is None
    else:
        assert x.shape == (member.size, member.dimension)
        assert len(x.unique(dim=0)) == member.size


def test_held_out_samples_are_told_as_all_others_are(member):
    withheld = {"held_out": 0.25} if "held_out" in type(member).model_fields else {}
    law = DATA.parse({**member.recipe(), **withheld})
    held, told = law.held_out_sample(20, seeded(5)), law.told_held_out_sample(20, seeded(5))
    if held is None or not (law.class_names or law.captions):
        assert told is None
    else:
        assert torch.equal(told[0], held)
        assert told[1].shape[1:] == law.draw_told(1, seeded(5))[1].shape[1:]
        assert len(told[1]) == len(held)


@pytest.mark.parametrize("key", [law.key for law in DATA if "n" in law.model_fields])
def test_a_finite_sample_of_n_has_n_distinct_rows_fixed_by_the_seed(key):
    law = DATA.parse({"key": key, "n": 500})
    x = law.training_set(seeded(7))
    assert law.size == 500
    assert x.shape == (500, law.dimension)
    assert len(x.unique(dim=0)) == 500
    assert torch.equal(x, law.training_set(seeded(7)))


def test_the_recipe_gives_the_member_back(member):
    member.draw(8, seeded(0)), member.bounds(), member.named_modes()
    again = DATA.parse(tomllib.loads(tomli_w.dumps(member.recipe())))
    again.draw(8, seeded(0)), again.bounds(), again.named_modes()
    assert again == member
    assert hash(again) == hash(member)


def ranged() -> list[tuple[str, str, float]]:
    cases = []
    for law in DATA:
        for name, field in law.model_fields.items():
            low, high = range_of(field)
            cases += [(law.key, name, low - 1)] if low is not None else []
            cases += [(law.key, name, high + 1)] if high is not None else []
    return cases


@pytest.mark.parametrize(("key", "name", "value"), ranged())
def test_options_out_of_range_are_refused_by_path(key, name, value):
    with pytest.raises(RecipeError, match=rf"^data\.{name}: .* is not allowed") as caught:
        DATA.parse({"key": key, name: value}, "data")
    assert caught.value.path == f"data.{name}"


def test_every_option_says_what_it_is(member):
    for name, field in type(member).model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert field.json_schema_extra["label"], name


def is_positive_everywhere(law: Data) -> bool:
    """Whether log p has a value and a gradient in the frame, at its rim, and far outside."""
    reach = torch.tensor([0.3, 3.0, 30.0]).repeat(500)[:, None]
    x = (torch.randn(1500, law.dimension, generator=seeded(8)) * reach).requires_grad_()
    log_p = law.log_prob(x)
    if not log_p.requires_grad or not log_p.isfinite().all():
        return False
    return bool(torch.autograd.grad(log_p.sum(), x)[0].isfinite().all())


def tells_captions(law: Data, x: torch.Tensor) -> bool:
    """Whether samples come with captions of the vocabulary, by the same chance."""
    if law.captions is None:
        return False
    told, tokens = law.draw_told(32, seeded(0))
    assert torch.equal(told, x)
    assert tokens.shape == (32, law.captions.length)
    assert tokens.dtype == law.captions.examples.dtype == torch.int64
    assert law.captions.examples.shape[1:] == tokens.shape[1:]
    for row in (*tokens, *law.captions.examples[:32]):
        assert torch.equal(law.captions.tokens(law.captions.text(row)), row)
    return bool(tokens.any())


def tells_classes(law: Data, x: torch.Tensor) -> bool:
    """Whether samples come with a class, by the same chance, and as often as the shares say."""
    if law.captions is not None:
        return False
    try:
        told, labels = law.draw_told(32, seeded(0))
    except NotImplementedError:
        assert not law.class_names
        return False
    assert torch.equal(told, x)
    assert labels.shape == (32,)
    assert labels.dtype == torch.int64
    count = len(law.class_names)
    assert len(set(law.class_names)) == count
    shares = law.draw_told(4000, seeded(1))[1].bincount(minlength=count) / 4000
    assert shares.shape == law.class_shares.shape == (count,)
    assert float((shares - law.class_shares).abs().max()) < 0.04
    return count > 0


def test_declared_capabilities_are_the_observed_ones(member):
    x = member.draw(32, seeded(0))
    observed = {"sample"}
    try:
        assert member.log_prob(x).shape == (32,)
        observed.add("log_prob")
        observed |= {"everywhere"} if is_positive_everywhere(member) else set()
    except NotImplementedError:
        pass
    try:
        assert member.noised(0.5, 0.5).log_prob(x).shape == (32,)
        observed.add("noised")
    except NotImplementedError:
        pass
    observed |= {"modes"} if member.named_modes() is not None else set()
    observed |= {"images"} if member.image_shape is not None else set()
    observed |= {"labels"} if member.labels() is not None else set()
    observed |= {"classes"} if tells_classes(member, x) else set()
    observed |= {"captions"} if tells_captions(member, x) else set()
    assert observed == member.capabilities


def test_pictures_hold_nearly_everything_and_are_square(member):
    left, bottom, right, top = member.bounds()
    assert member.bounds() == (left, bottom, right, top)
    x = member.draw(4000, seeded(9))
    if member.image_shape:
        assert (left, bottom, right, top) == (0, 0, 1, 1)
        return
    assert float(((x[:, 0] >= left) & (x[:, 0] <= right)).float().mean()) > 0.99
    if member.dimension == 2:
        assert right - left == pytest.approx(top - bottom)
        assert float(((x[:, 1] >= bottom) & (x[:, 1] <= top)).float().mean()) > 0.99


@pytest.mark.parametrize("key", offered("images"))
def test_images_have_as_many_pixels_as_numbers(key, law_of):
    member = law_of(key)
    low, high = member.image_range
    x = member.draw(100, seeded(0))
    assert member.image_shape.numbers == numbers(member.shape) == member.dimension
    assert (float(x.min()), float(x.max())) == (low, high)


@pytest.mark.parametrize("key", offered("log_prob"))
def test_a_density_integrates_to_one(key):
    grid = gridded(key)
    assert float(grid.p.sum() * grid.cell) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("key", offered("log_prob"))
def test_a_density_is_that_of_the_sampler(key):
    law, grid = DATA.parse(key), gridded(key)
    x = law.draw(DRAWS, seeded(11))
    log_p = law.log_prob(x).double()
    error = 4 * float(log_p.std()) / DRAWS**0.5
    assert float(-log_p.mean()) == pytest.approx(grid.entropy, abs=error + 0.01)

    counts, _ = np.histogramdd(x.double().numpy(), grid.edges)
    mass = grid.p * grid.cell
    for axis in range(law.dimension):
        mass = mass.unflatten(2 * axis, (CELLS, -1))
    mass = mass.sum(dim=tuple(range(1, 2 * law.dimension, 2))).numpy()
    spread = np.sqrt(DRAWS * mass * (1 - mass)) + 2
    # The grid's own error at sharp edges is allowed for: a cell's mass is known to one part in fifty.
    assert (np.abs(counts - DRAWS * mass) < 5 * spread + 0.02 * DRAWS * mass).all()


@pytest.mark.parametrize("key", offered("log_prob"))
def test_a_density_keeps_its_type_and_its_digits(key):
    law = DATA.parse(key)
    x = law.draw(200, seeded(5))
    single, double = law.log_prob(x), law.log_prob(x.double())
    assert (single.dtype, double.dtype) == (torch.float32, torch.float64)
    assert torch.allclose(single.double(), double, atol=2e-3)


@pytest.mark.parametrize("key", offered("everywhere"))
def test_the_gradient_of_a_log_density_is_its_slope(key):
    law, step = DATA.parse(key), 1e-5
    x = law.draw(100, seeded(6)).double().requires_grad_()
    (gradient,) = torch.autograd.grad(law.log_prob(x).sum(), x)
    for axis, ahead in enumerate(step * torch.eye(law.dimension, dtype=torch.float64)):
        slope = (law.log_prob(x.detach() + ahead) - law.log_prob(x.detach() - ahead)) / (2 * step)
        assert torch.allclose(gradient[:, axis], slope, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("key", offered("modes"))
def test_named_modes_have_the_weights_of_the_sampler(key, law_of):
    law = law_of(key)
    modes = law.named_modes()
    k = len(modes.names)
    assert modes.means.shape == (k, law.dimension)
    assert modes.weights.shape == modes.radii.shape == (k,)
    assert float(modes.weights.sum()) == pytest.approx(1, abs=1e-5)
    assert len(set(modes.names)) == k

    index, is_high_quality = modes.assign(law.draw(DRAWS, seeded(2)))
    assert (index.dtype, is_high_quality.dtype) == (torch.int64, torch.bool)
    share = torch.bincount(index, minlength=k) / DRAWS
    # Where modes overlap the nearest one need not be the one that was drawn from: eight parts in a hundred.
    chance = 5 * (modes.weights * (1 - modes.weights) / DRAWS).sqrt()
    assert ((share - modes.weights).abs() < 0.08 * modes.weights + chance).all()
    assert float(is_high_quality.float().mean()) > 0.97


@pytest.mark.parametrize("key", offered("modes"))
def test_far_points_are_of_low_quality(key, law_of):
    law = law_of(key)
    x = law.draw(10, seeded(0)) + 100
    assert not law.named_modes().assign(x)[1].any()


def test_without_classes_none_are_told(member):
    if not member.class_names and member.captions is None:
        assert len(member.class_shares) == 0
        with pytest.raises(NotImplementedError, match="have no class"):
            member.draw_told(4, seeded(0))


@pytest.mark.parametrize("key", offered("classes"))
def test_a_sample_lies_among_its_own_class(key, law_of):
    law = law_of(key)
    (x, labels), (others, told) = law.draw_told(500, seeded(5)), law.draw_told(4000, seeded(6))
    nearest = told[torch.cdist(x, others).argmin(1)]
    assert float((nearest == labels).float().mean()) > 0.9


@pytest.mark.parametrize("key", offered("classes"))
def test_the_told_training_set_is_the_training_set(key, law_of):
    options = {"n": 300, "held_out": 0.2}
    law = law_of(key, **{name: value for name, value in options.items() if name in DATA[key].model_fields})
    x, labels = law.told_training_set(seeded(7))
    assert torch.equal(x, law.training_set(seeded(7)))
    assert labels.shape == (law.size,)
    among, told = law.draw_told(4000, seeded(8))
    assert float((told[torch.cdist(x, among).argmin(1)] == labels).float().mean()) > 0.9
