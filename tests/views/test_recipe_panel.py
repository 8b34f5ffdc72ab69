"""The recipe panel offers everything that the catalogue declares, and sends exactly what it shows."""

from __future__ import annotations

import copy
import html
import itertools
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from explorer.panels.editors import ListEditor, NumberEditor, TextEditor, read_list
from explorer.panels.fitting import Fitting
from explorer.panels.look import Look, sheet
from explorer.panels.member_form import MemberRow
from explorer.panels.recipe_panel import RecipePanel
from explorer.panels.rows import OptionRow
from explorer.panels.scale import nearest, read_number, show_number, stops
from explorer.panels.tips import member_tip
from explorer.session.settings import with_settings
from explorer.session.snapshot import Scene
from explorer.widgets.style import stylesheet
from explorer.widgets.theme import DARK, LIGHT, PRESENTER_SCALE

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints")]


def number(**changes):
    plain = {
        "name": "a", "label": "a", "symbol": "", "type": "float", "kind": "", "default": 1.0, "low": 0.0, "high": 10.0,
        "log": False, "unit": "", "help": "Help.", "live": False, "group": "", "choices": [],
    }  # fmt: skip
    return plain | changes


def member(key, options=(), capabilities=(), requires=None):
    return {
        "key": key, "title": key.upper(), "summary": f"{key}.", "source": "here", "formula": "x",
        "capabilities": list(capabilities), "requires": requires or {}, "options": list(options),
        "group": "", "swaps": "",
    }  # fmt: skip


@pytest.fixture(scope="module")
def real():
    from models.catalogue import catalogue

    return catalogue()


@pytest.fixture(scope="module")
def ring():
    from models.experiment import Experiment

    return Experiment.from_dict({"data": "ring", "divergence": "jensen_shannon"}).to_dict()


@pytest.fixture
def panel(qtbot, real, ring):
    made = RecipePanel()
    qtbot.addWidget(made)
    made.set_catalogue(real)
    made.set_recipe(ring)
    made.resize(300, 900)
    return made


@pytest.fixture
def sent(panel):
    received = []
    panel.recipe_changed.connect(received.append)
    return received


def row(panel, path):
    return next(target for target in panel._targets() if target.path == path)


def all_members(catalogue):
    return [(s["field"], m["key"]) for s in catalogue["sections"] for m in catalogue[s["kind"]]]


def test_every_option_of_every_member_has_a_control_that_keeps_its_value(panel, sent, real):
    for section in real["sections"]:
        for described in real[section["kind"]]:
            recipe = panel.recipe()
            recipe[section["field"]] = {
                "key": described["key"],
                **{option["name"]: option["default"] for option in described["options"]},
            }
            panel.set_recipe(copy.deepcopy(recipe))
            assert panel.recipe() == recipe
            paths = {target.path for target in panel._targets()}
            for option in described["options"]:
                path = f"{section['field']}.{option['name']}"
                assert path in paths
                if option["type"] == "member":
                    inner = next(m for m in real[option["kind"]] if m["key"] == option["default"]["key"])
                    assert {f"{path}.{o['name']}" for o in inner["options"]} <= paths
    assert {option["name"] for option in real["recipe"]} <= {target.path for target in panel._targets()}
    assert sent == []


def test_members_inside_a_family_have_forms_of_their_own(panel, sent, real):
    """Schedule, prediction and sampler: title, formula and options of each, kept as they are set."""
    menu = panel._forms["family"].menu
    menu.picked.emit("diffusion")
    for name, kind in (("schedule", "schedules"), ("prediction", "predictions"), ("sampler", "samplers")):
        target = row(panel, f"family.{name}")
        for described in real[kind]:
            target.form.menu.picked.emit(described["key"])
            assert panel.recipe()["family"][name] == {
                "key": described["key"], **{option["name"]: option["default"] for option in described["options"]},
            }  # fmt: skip
            assert target.fold.text().startswith(described["title"])
            assert target.form.formula.latex == described["formula"] != ""
            assert {f"family.{name}.{option['name']}" for option in described["options"]} <= {
                r.path for r in target.rows()
            }
    assert "taken up by the run in progress" in row(panel, "family.sampler").form.menu.toolTip()
    assert "starts a new run" in row(panel, "family.schedule").form.menu.toolTip()
    panel._forms["family"].menu.picked.emit("pushforward")
    assert row(panel, "objective.critic").form.formula.latex == ""  # it stands on the network's own form


def test_a_folded_group_opens_by_its_name(panel):
    panel._forms["family"].menu.picked.emit("diffusion")
    page = panel._forms["family"].page()
    folds = {fold.title: fold for fold in page.folds}
    assert {"Embedding", "Classes and captions"} <= set(folds)
    assert row(panel, "family.guidance").isHidden()
    folds["Classes and captions"].button.click()
    assert not row(panel, "family.guidance").isHidden()
    assert row(panel, "family.time_features").isHidden()


@pytest.mark.parametrize("key", ["diffusion", "flow_matching", "score_based"])
def test_a_denoising_family_brings_its_divergence_and_objective(panel, sent, real, key):
    panel._forms["family"].menu.picked.emit(key)
    natural = next(m["natural"] for m in real["families"] if m["key"] == key)
    for field, part in natural.items():
        assert {**sent[-1][field], **part} == sent[-1][field], field
    assert accepted(sent[-1]).label().startswith("Ring of 8 · ")


def test_nets_of_pictures_come_and_go_with_data_that_are_images(panel, sent, real):
    architecture, critic = panel._forms["architecture"].value(), panel._forms["objective"].value()
    panel._forms["family"].menu.picked.emit("diffusion")
    optimizer = panel._forms["optimizer"].value()
    panel._forms["data"].menu.picked.emit("digits")
    assert sent[-1]["architecture"]["key"] == "unet"
    assert sent[-1]["optimizer"] == optimizer
    panel._forms["family"].menu.picked.emit("pushforward")
    assert sent[-1]["architecture"]["key"] == sent[-1]["objective"]["critic"]["key"] == "convolutional"
    assert accepted(sent[-1]).nets()[0].architecture.key == "convolutional"
    assert accepted(sent[-1]).architecture.bounded
    panel._forms["data"].menu.picked.emit("ring")
    assert (sent[-1]["architecture"], sent[-1]["objective"]) == (architecture, critic)


def test_architectures_explain_their_bias_where_they_are_chosen(real):
    told = {each["key"]: html.unescape(member_tip(each)) for each in real["architectures"]}
    assert "No notion of neighbourhood" in told["mlp"]
    assert "a shifted picture gives shifted planes" in told["convolutional"]
    assert all("Source:" not in tip and "\n" not in tip for tip in told.values())


def test_every_control_says_its_name_range_and_effect(panel, real):
    for field, key in all_members(real):
        panel._forms[field].choose(key)
    for target in panel._targets():
        if isinstance(target, OptionRow):
            tip = target.editor.toolTip()
            assert target.option["label"].split()[0] in html.unescape(tip)
            assert target.path in tip
            assert ("run in progress" in tip) == target.option["live"]
            assert target.name.restarts != target.option["live"]
            assert all(hand.accessibleName() for hand in target.hands())


def test_a_recipe_comes_back_complete_with_what_the_panel_does_not_show(panel, sent):
    from models.experiment import Experiment

    recipe = Experiment.from_dict({"data": {"key": "ring", "modes": 5, "std": 0.0123456789}}).to_dict()
    recipe["about"]["title"] = "Five"
    panel.set_recipe(recipe)
    assert panel.recipe() == recipe
    assert sent == []
    editor = row(panel, "data.modes").editor
    editor.field.setText("7")
    editor.field.returnPressed.emit()
    recipe["data"]["modes"] = 7
    assert sent == [recipe]
    sent[0]["data"]["modes"] = 99
    assert panel.recipe() == recipe


def test_a_network_that_makes_no_difference_is_not_shown(panel, ring):
    """One point has no function to choose."""
    form = panel._forms["architecture"]
    assert not form.isHidden()
    menu = panel._forms["family"].menu
    menu.activated.emit(menu.findData("dirac"))
    assert form.isHidden()
    assert panel.recipe()["architecture"] == ring["architecture"]
    panel.set_recipe(ring | {"family": {"key": "pushforward"}, "seed": 3})
    assert not form.isHidden()


def test_a_card_that_is_not_used_says_by_whom(panel):
    cards = {card.plan.title: card for card in panel._cards}
    assert all(card.idle.isHidden() for card in cards.values())
    panel._forms["family"].menu.picked.emit("mixture")
    assert panel._forms["latent"].isHidden()
    assert cards["Latent"].idle.text() == "Not used by Mixture of Gaussians."
    assert not cards["Latent"].idle.isHidden()
    assert cards["Generator"].idle.isHidden()
    panel._forms["objective"].menu.picked.emit("em")
    assert cards["Optimiser"].idle.text() == "Not used by expectation maximisation."
    panel._forms["family"].menu.picked.emit("pushforward")
    assert all(card.idle.isHidden() for card in cards.values())


def test_the_same_recipe_again_changes_nothing(panel, sent):
    recipe = panel.recipe()
    slider = row(panel, "data.modes").editor.slider
    slider.setValue(3)
    panel.set_recipe(recipe)  # what was sent last, come back while the hand is still on the slider
    assert panel.recipe()["data"]["modes"] == 4
    assert sent == []


def test_dragging_sends_after_a_rest_and_releasing_at_once(panel, sent, qtbot):
    slider = row(panel, "optimizer.lr").editor.slider
    slider.setSliderDown(True)
    for position in range(0, slider.maximum() + 1, 7):
        slider.setValue(position)
    assert sent == []
    qtbot.waitUntil(lambda: len(sent) == 1)
    slider.setValue(3)
    slider.setSliderDown(False)
    slider.sliderReleased.emit()
    assert len(sent) == 2
    assert sent[-1]["optimizer"]["lr"] == panel.recipe()["optimizer"]["lr"]


def test_every_stop_of_every_slider_is_in_range_and_both_ends_are_reached(panel, real):
    tried = set()
    for field, key in all_members(real):
        panel._forms[field].choose(key)
        for target in panel._targets():
            editor = getattr(target, "editor", None)
            option = (target.path, key if target.path.split(".")[0] == field else "")
            if not isinstance(editor, NumberEditor) or editor.slider is None or option in tried:
                continue
            tried.add(option)
            values = [(editor.slider.setValue(at), editor.value())[1] for at in range(editor.slider.maximum() + 1)]
            assert values == sorted(set(values)), target.path
            low, high = target.option["low"], target.option["high"]
            assert low is None or values[0] >= low
            assert high is None or values[-1] <= high
            assert all(isinstance(value, int) == (target.option["type"] == "int") for value in values)
    assert len(tried) > 100


def test_stops_are_numbers_that_people_would_type():
    rate = stops(number(low=1e-7, high=1e6, default=1e-3, log=True))
    assert {1e-4, 2e-4, 1e-3, 3e-3, 0.01} <= set(rate)
    assert rate[0] == 1e-6
    assert rate[-1] == 1.0
    width = stops(number(type="int", low=1, high=1024, default=128, log=True))
    assert {1, 64, 96, 128, 256, 1024} <= set(width)
    fresh = stops(number(type="int", low=0, high=1_000_000, default=0, log=True))
    assert fresh[:3] == (0, 1, 2)
    assert fresh[-1] == 1_000_000
    decay = stops(number(low=0.0, high=0.9999, default=0.0))
    assert {0.0, 0.5, 0.9, 0.99, 0.999, 0.9999} <= set(decay)
    assert stops(number(type="int", low=0, high=2**31 - 1, default=0)) == ()
    assert {0.0, 0.5, 1.0} <= set(stops(number(low=0.0, high=1.0, default=0.5)))
    assert nearest((1.0, 2.0, 4.0), 3.5) == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-3, "1e-3"), (0.05, "0.05"), (10_000, "10,000"), (128, "128"), (2.0, "2"), (0.0, "0"), (1e-8, "1e-8")],
)
def test_numbers_are_written_short(value, text):
    assert show_number(value) == text
    assert read_number(text, number(low=None, high=None, type="float")) == value


@pytest.mark.parametrize("text", ["", "many", "nan", "1e999", "11", "-1"])
def test_a_number_that_is_not_allowed_is_refused_at_its_field(panel, sent, text, qtbot):
    target = row(panel, "data.radius")
    before = panel.recipe()
    target.editor.field.setText(text)
    target.editor.field.returnPressed.emit()
    assert "from 0.1 to 10" in target.problem.text()
    assert sent == []
    assert panel.recipe() == before
    qtbot.keyClick(target.editor.field, Qt.Key.Key_Escape)
    assert target.problem.isHidden()
    assert target.editor.field.text() == "1"


def test_lists_are_read_as_toml_and_refused_with_a_reason(panel, sent):
    target = row(panel, "data.weights")
    assert isinstance(target.editor, ListEditor)
    target.editor.field.setText("1, 2, three")
    target.editor.field.returnPressed.emit()
    assert "list of numbers" in target.problem.text()
    assert sent == []
    target.editor.field.setText("1, 2, 3")
    target.editor.field.returnPressed.emit()
    assert target.problem.isHidden()
    assert sent[-1]["data"]["weights"] == [1, 2, 3]
    assert read_list("[[1, 0], [0, 1]]") == [[1, 0], [0, 1]]
    assert read_list("") == []


def test_a_path_has_a_button_to_look_for_it_and_other_text_has_none(qtbot):
    for name, has_button in (("path", True), ("folder", True), ("column", False)):
        editor = TextEditor(number(name=name, label=name, type="str", default="", low=None, high=None))
        qtbot.addWidget(editor)
        assert (editor.button is not None) == has_button
        editor.describe("<b>What for</b>")
        editor.set_value("/pictures/a&b.npz")
        told = "/pictures/a&amp;b.npz<br><b>What for</b>" if has_button else "<b>What for</b>"
        assert editor.field.toolTip() == told


def test_of_a_long_path_the_end_is_seen(qtbot):
    pictures = []
    for path in ("/home/a/long/way/to/some/folder/of/b.npz", "/home/a/long/way/to/some/folder/of/c.npz"):
        editor = TextEditor(number(name="path", label="file", type="str", default=path, low=None, high=None))
        qtbot.addWidget(editor)
        editor.resize(180, 24)
        editor.show()
        editor.field.clearFocus()
        pictures.append(editor.field.grab().toImage())
    assert pictures[0] != pictures[1]


def test_going_back_to_a_member_finds_its_last_options(panel, sent):
    form = panel._forms["data"]
    row(panel, "data.modes").editor.set_value(11)
    form.menu.picked.emit("grid")
    assert sent[-1]["data"]["key"] == "grid"
    assert sent[-1]["data"]["std"] == 0.05
    form.menu.picked.emit("ring")
    assert sent[-1]["data"]["modes"] == 11


def test_a_divergence_brings_an_objective_that_can_estimate_it(panel, sent, real):
    form = panel._forms["divergence"]
    form.menu.picked.emit("mmd")
    assert (sent[-1]["divergence"]["key"], sent[-1]["objective"]["key"]) == ("mmd", "kernel")
    objective = panel._forms["objective"].menu
    index = objective.findData("adversarial")
    assert not objective.model().item(index).isEnabled()
    assert "MMD² has no bound that a critic can raise: choose " in objective.itemData(
        index, Qt.ItemDataRole.ToolTipRole
    )
    assert objective.model().item(objective.findData("kernel")).isEnabled()
    form.menu.picked.emit("jensen_shannon")
    assert sent[-1]["objective"]["key"] == "adversarial"
    assert len(sent) == 2


def accepted(recipe):
    """The recipe as the mathematics takes it, with what it proposes itself where it objects at first."""
    from models.experiment import Experiment
    from models.registry import RecipeError

    try:
        return Experiment.from_dict(recipe)
    except RecipeError as refused:
        return Experiment.from_dict(with_settings(recipe, refused.settings))


def test_every_recipe_that_the_menus_offer_is_accepted(panel, sent, real):
    for field, key in all_members(real):
        menu = panel._forms[field].menu
        if menu.model().item(menu.findData(key)).isEnabled() and field not in ("data",):
            panel._forms[field].menu.picked.emit(key)
            taken = accepted(panel.recipe()).to_dict()
            panel.set_recipe(taken)
            assert panel.recipe() == taken


def parts_of(recipe):
    return {field: recipe[field]["key"] for field in ("family", "divergence", "objective")}


def test_a_family_brings_what_it_is_trained_by_and_the_way_back_brings_what_was_there(panel, sent):
    menu = panel._forms["family"].menu
    panel._forms["divergence"].menu.picked.emit("hinge")
    before = panel.recipe()
    menu.picked.emit("spline_flow")
    assert parts_of(sent[-1]) == {
        "family": "spline_flow", "divergence": "kl_forward", "objective": "maximum_likelihood",
    }  # fmt: skip
    assert (sent[-1]["optimizer"]["schedule"], sent[-1]["optimizer"]["ema"]) == ("linear", 0.99)
    assert before["optimizer"]["beta1"] == 0.0
    assert sent[-1]["optimizer"]["beta1"] > 0  # a likelihood is no game: momentum helps it
    menu.picked.emit("pushforward")
    assert panel.recipe() == before


def test_noise_that_no_flow_can_invert_leads_back_to_the_plain_pushforward(panel, sent):
    panel._forms["family"].menu.picked.emit("spline_flow")
    panel._forms["latent"].menu.picked.emit("uniform")
    assert (sent[-1]["latent"]["key"], sent[-1]["family"]["key"]) == ("uniform", "pushforward")


def test_between_families_of_one_nature_a_choice_stays(panel, sent):
    menu = panel._forms["family"].menu
    menu.picked.emit("spline_flow")
    panel._forms["divergence"].menu.picked.emit("kl_reverse")
    menu.picked.emit("coupling_flow")
    assert parts_of(sent[-1])["divergence"] == "kl_reverse"


def test_who_began_with_a_flow_returns_to_the_game_that_a_recipe_has_by_default(panel, sent):
    from models.experiment import Experiment

    panel.set_recipe(Experiment.from_dict({"family": "mixture"}).to_dict())
    panel._forms["family"].menu.picked.emit("pushforward")
    default = Experiment.from_dict({}).to_dict()
    assert {name: sent[-1][name] for name in ("divergence", "objective", "optimizer")} == {
        name: default[name] for name in ("divergence", "objective", "optimizer")
    }


def test_for_every_family_the_menus_offer_what_trains_it_and_say_in_words_why_not_the_rest(real):
    from models.experiment import SECTIONS

    offered = {section["field"]: real[section["kind"]] for section in real["sections"]}
    fitting = Fitting(offered, real["words"])
    keyed = {field: {m["key"]: m for m in members} for field, members in offered.items()}
    base = {field: keyed[field][real["defaults"][field]["key"]] for field in SECTIONS}
    for family, divergence in itertools.product(offered["family"], offered["divergence"]):
        chosen = {**base, "family": family, "divergence": divergence}
        able = {o["key"] for o in offered["objective"] if goes_together({**chosen, "objective": o})}
        reasons = fitting.reasons("objective", chosen)
        assert set(reasons) == set(keyed["objective"]) - able
        dead_end = fitting.reason("divergence", divergence, chosen)
        assert bool(dead_end) == (not able)
        for sentence in (*reasons.values(), *([dead_end] if dead_end else ())):
            assert sentence.endswith(".")
            assert "_" not in sentence
            assert "Nothing" not in sentence
            assert len(sentence) < 260


def goes_together(chosen):
    return all(
        set(needed) <= set(chosen[field]["capabilities"])
        for member in chosen.values()
        for field, needed in member["requires"].items()
    )


def test_every_capability_that_is_required_has_words(real):
    kinds = [members for members in real.values() if isinstance(members, list)]
    needed = {cap for m in itertools.chain(*kinds) for caps in m.get("requires", {}).values() for cap in caps}
    assert needed <= set(real["words"])
    assert {"push", "log_prob", "em"} <= needed


def test_what_comes_later_adapts_and_what_fits_nothing_earlier_is_not_offered():
    offered = {
        "family": [member("gan", capabilities=["push"]), member("flow", capabilities=["log_prob"])],
        "divergence": [member("js", capabilities=["critic"]), member("kl", capabilities=["density"])],
        "objective": [
            member("game", requires={"family": ["push"], "divergence": ["critic"]}),
            member("likelihood", requires={"family": ["log_prob"], "divergence": ["density"]}),
        ],
    }
    fitting = Fitting(offered, {"log_prob": "exact density"})
    chosen = {field: members[0] for field, members in offered.items()}
    assert fitting.reasons("family", chosen) == {}
    flow = {**chosen, "family": offered["family"][1]}
    assert fitting.adapt("family", flow) == {"divergence": "kl", "objective": "likelihood"}
    assert fitting.reasons("objective", chosen) == {"likelihood": "GAN has no exact density: choose FLOW."}
    assert list(fitting.reasons("divergence", chosen)) == ["kl"]


def test_a_member_may_be_named_by_its_key_alone(panel, ring, sent):
    """As presets and recipes written by hand do; members inside members, too."""
    objective = {**ring["objective"], "key": "adversarial", "critic": "affine"}
    panel.set_recipe({**ring, "data": "moons", "objective": objective})
    assert panel.recipe()["data"]["key"] == "moons"
    assert panel.recipe()["objective"]["critic"]["key"] == "affine"
    assert not sent


def test_an_inner_member_is_collapsed_sums_itself_up_and_is_edited(panel, sent):
    target = row(panel, "objective.critic")
    assert isinstance(target, MemberRow)
    assert target.form.isHidden() or not target._inner.isVisibleTo(panel)
    width = row(panel, "objective.critic.width")
    width.editor.field.setText("64")
    width.editor.field.returnPressed.emit()
    assert sent[-1]["objective"]["critic"]["width"] == 64
    assert "width 64" in target.fold.text()


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("data.modes", "data.modes"),
        ("data.weights.2", "data.weights"),
        ("objective.critic.width", "objective.critic.width"),
        ("data.key", "data"),
        ("batch_size", "batch_size"),
    ],
)
def test_a_problem_is_shown_at_its_field_and_brought_into_view(panel, path, marked, qtbot):
    panel.resize(300, 300)
    panel.show()
    panel.show_problem(path, "900 is not allowed")
    target = row(panel, marked)
    assert target.problem.text() == "900 is not allowed"
    assert target.problem.isVisible()
    viewport = panel._area.viewport()
    qtbot.waitUntil(lambda: viewport.rect().intersects(target.rect().translated(target.mapTo(viewport, QPoint(0, 0)))))
    panel.clear_problem()
    assert target.problem.isHidden()


def test_a_problem_of_no_field_stands_at_the_foot(panel):
    panel.show_problem("nowhere.at.all", "is wrong")
    assert panel._problem.text().lower() == "nowhere.at.all: is wrong"
    panel.clear_problem()
    assert panel._problem.isHidden()


def test_a_restart_is_announced_and_a_live_change_is_not(panel, sent):
    announced = []
    panel.restarts.connect(announced.append)
    row(panel, "optimizer.lr").editor.set_value(0.5)
    row(panel, "optimizer.lr").edited.emit()
    assert announced == [[]]
    assert panel._hint.isHidden()
    row(panel, "data.modes").editor.set_value(3)
    row(panel, "data.modes").edited.emit()
    assert announced[-1] == ["data.modes"]
    assert panel._hint.text() == "new run: data.modes changed"
    assert not panel._hint.isHidden()


def test_keys_move_a_slider_to_both_ends(panel, sent, qtbot):
    slider = row(panel, "data.modes").editor.slider
    for key, value in ((Qt.Key.Key_Home, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_End, 64), (Qt.Key.Key_Left, 63)):
        qtbot.keyClick(slider, key)
        assert panel.recipe()["data"]["modes"] == value
    field = row(panel, "seed").editor.field
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert panel.recipe()["seed"] == 1
    qtbot.waitUntil(lambda: len(sent) > 0)


def test_the_wheel_scrolls_the_panel_and_leaves_the_controls_alone(panel):
    panel.show()
    before = panel.recipe()
    for target in (row(panel, "data.modes").editor.slider, panel._forms["data"].menu):
        target.clearFocus()
        event = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(target, event)
    assert panel.recipe() == before


def test_rare_options_are_folded_and_what_is_set_there_is_said(panel):
    page = panel._forms["data"].page()
    assert row(panel, "data.weights").isHidden()
    assert page.folds[0].button.text() == "more options"
    recipe = panel.recipe()
    recipe["data"]["n"] = 500
    panel.set_recipe(recipe)
    assert page.folds[0].button.text() == "more options · 1 set"
    page.folds[0].button.click()
    assert not row(panel, "data.weights").isHidden()


def described(kind, members):
    catalogue = {"sections": [{"field": kind, "kind": kind}], "recipe": [], kind: members}
    panel = RecipePanel()
    panel.set_catalogue(catalogue)
    return panel


def test_options_of_a_group_stand_under_its_name(qtbot):
    options = [number(name="a"), number(name="b", group="remedies"), number(name="c", group="remedies")]
    panel = described("data", [member("one", options)])
    qtbot.addWidget(panel)
    (fold,) = panel._forms["data"].page().folds
    assert fold.button.text() == "remedies"
    assert [r.path for r in fold.rows] == ["data.b", "data.c"]
    assert row(panel, "data.b").isHidden()
    assert not row(panel, "data.a").isHidden()
    panel.set_recipe({"data": {"key": "one", "a": 1.0, "b": 2.0, "c": 1.0}})
    assert fold.button.text() == "remedies · 1 set"
    panel.show_problem("data.c", "is wrong")
    assert not row(panel, "data.c").isHidden()


def test_members_stand_under_the_headings_of_their_groups(qtbot):
    members = [member("b") | {"group": "late"}, member("a"), member("c") | {"group": "late"}]
    panel = described("data", members)
    qtbot.addWidget(panel)
    menu = panel._forms["data"].menu
    assert [menu.itemText(index) for index in range(menu.count())] == ["A", "late", "B", "C"]
    assert not menu.model().item(1).isEnabled()
    menu.setFocus()
    menu.show_value("a")
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    assert menu.currentData() == "b"  # the heading is passed over


def test_a_menu_says_whether_another_choice_starts_anew(panel):
    assert "taken up" in panel._forms["divergence"].menu.toolTip()
    assert "starts a new run" in panel._forms["data"].menu.toolTip()


def test_a_double_click_on_a_name_brings_the_default_back(panel, sent, qtbot):
    target = row(panel, "data.modes")
    target.editor.set_value(30)
    qtbot.mouseDClick(target.name, Qt.MouseButton.LeftButton)
    assert target.value() == 8


def scene(real, dimension, shape=None):
    none = np.zeros(0, np.float32)
    return Scene(
        run=1, title="t", dimension=dimension, latent_dimension=2, bounds=(-2.0, -2.0, 2.0, 2.0), latent_extent=3.0,
        image_shape=shape, image_range=(0.0, 1.0), real=real, density=none, exact=False, mode_means=none,
        mode_radii=none, mode_weights=none, mode_names=(), parameters=1, critic_parameters=0,
    )  # fmt: skip


@pytest.mark.parametrize(("dimension", "shape"), [(1, None), (2, None), (5, None), (64, (1, 8, 8))])
def test_the_thumbnail_is_drawn_from_the_samples(panel, dimension, shape):
    picture = panel._thumbnail
    empty = picture.grab().toImage()
    samples = np.abs(np.random.default_rng(0).normal(size=(50, dimension))).astype(np.float32)
    panel.set_scene(scene(samples, dimension, shape))
    drawn = picture.grab().toImage()
    assert drawn != empty
    panel._forms["data"].menu.picked.emit("grid")
    assert picture.grab().toImage() != drawn


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("scale", [1.0, PRESENTER_SCALE])
def test_nothing_is_wider_than_the_panel(panel, theme, scale):
    panel.set_theme(theme, scale)
    panel.setStyleSheet(stylesheet(theme, scale) + sheet(Look(theme, scale)))  # as its window does
    panel.resize(round(300 * scale), 900)
    panel.show()
    QApplication.processEvents()
    room = panel._area.viewport().width()
    for target in panel._targets():
        if target.isVisible():
            right = target.mapTo(panel._area.viewport(), QPoint(target.width(), 0)).x()
            assert right <= room, target.path
    image = panel.grab().toImage()
    assert image.pixelColor(2, 2).name() == theme.panel


def test_the_tab_key_goes_down_the_panel(panel, real):
    panel._forms["data"].menu.picked.emit("grid")
    panel.show()
    hands = [hand for form in panel._forms.values() for hand in form.hands()]
    for first, second in pairwise(hands):
        following = first.nextInFocusChain()
        while following not in hands:
            following = following.nextInFocusChain()
        assert following is second


def test_the_panel_imports_no_torch():
    import subprocess
    import sys

    code = "import sys, explorer.panels.recipe_panel; print(sorted({'torch', 'models', 'ziamath'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
