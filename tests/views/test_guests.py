"""Cards that come and go: docked beside their host while they fit, asked and answered, closed and remembered."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.session import commands, messages
from explorer.views._card import Card, all_cards, card
from explorer.widgets.theme import PRESENTER_SCALE
from explorer.window.main_window import MainWindow
from explorer.window.parts import Parts, make_parts
from explorer.window.preferences import Preferences

from .fake_session import CATALOGUE, RECIPE, FakeSession
from .handmade import line_scene, ring_pictures, ring_scene, snapshot

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints", "raise()")]


class Depth(Card):
    """Fits data in the plane; follows the mouse."""

    title = "Depth"
    key = "depth"
    beside = "modes"
    follows = True

    def __init__(self, parent=None):
        super().__init__(parent)
        self.told, self.drawn, self.places, self.rows, self.cut = [], [], [], [], []

    @classmethod
    def fits(cls, scene):
        return scene.dimension == 2

    def needs(self):
        return frozenset({"depth_picture"})

    def draw(self, snapshot):
        self.drawn.append(snapshot.step)

    def point(self, x, y):
        self.places.append((x, y))
        self.asked.emit("depth", {"x": np.array([[x, y]], np.float32)})

    def show_answer(self, question, arrays):
        self.told.append((question, arrays))

    def add_rows(self, rows):
        self.rows.append(rows)

    def cut_after(self, step):
        self.cut.append(step)


class Second(Depth):
    """Beside the first, and only told of clicks."""

    title = "KL terms"
    tab = "KL"
    key = "second"
    follows = False
    order = 1


class Alone(Depth):
    """Takes the place of the modes on a line."""

    title = "Alone"
    key = "alone"
    beside = "latent"
    replaces = ("modes",)

    @classmethod
    def fits(cls, scene):
        return scene.dimension == 1


def with_guests():
    plain = make_parts()
    return Parts(plain.panel, plain.data, plain.latent, plain.modes, plain.curves, (Depth(), Second(), Alone()))


def opened(qtbot, preferences, scene):
    session = FakeSession()
    window = MainWindow(session, preferences, theme="dark", make=with_guests)
    qtbot.addWidget(window)
    window.show()
    window.begin(RECIPE)
    window.assemble()
    session.coming += [messages.Ready(CATALOGUE), messages.Started(1, RECIPE, "Ring", 0, "w"), scene]
    window.conductor.poll()
    return window, session


@pytest.fixture
def opening(qtbot, preferences):
    return opened(qtbot, preferences, ring_scene())


@pytest.fixture
def window(opening):
    return opening[0]


@pytest.fixture
def session(opening):
    return opening[1]


def guest(window, key):
    return dict(window.parts.cards())[key]


def show(window, session, scene):
    session.coming.append(scene)
    window.conductor.poll()


def entry(window, title):
    return next(action for action in window.menus.cards.actions() if action.text() == title)


def test_a_card_is_there_and_can_be_chosen_only_while_it_fits(window, session, qtbot):
    docks = window.docks
    assert [docks[key].isHidden() for key in ("depth", "second", "alone")] == [False, False, True]
    assert [entry(window, title).isEnabled() for title in ("Depth", "KL terms", "Alone")] == [True, True, False]
    pictures = {action.text(): action.isEnabled() for action in window.menus.pictures.actions()}
    assert pictures["Picture of the depth…"]
    assert pictures["Picture of the KL terms…"]
    assert not pictures["Picture of the alone…"]
    show(window, session, line_scene())
    assert [docks[key].isHidden() for key in ("depth", "second", "alone")] == [True, True, False]
    assert not entry(window, "Depth").isEnabled()
    assert [docks[key].windowTitle() for key in ("depth", "second")] == ["Depth", "KL"]
    assert guest(window, "depth").scene is None


def test_the_first_card_that_comes_is_in_front_once(window, session, qtbot):
    docks = window.docks
    qtbot.waitUntil(lambda: docks["depth"].is_front and not docks["modes"].is_front)
    docks["modes"].raise_()
    qtbot.waitUntil(lambda: docks["modes"].is_front)
    show(window, session, ring_scene())  # a run of the same kind takes nobody's tab away
    qtbot.wait(1)
    assert docks["modes"].is_front
    assert not docks["depth"].isHidden()


def test_only_the_card_in_front_asks_for_pictures_and_draws(window, session, qtbot):
    depth, modes = guest(window, "depth"), window.parts.modes
    qtbot.waitUntil(lambda: depth.is_seen and not modes.is_seen)
    qtbot.waitUntil(lambda: "depth_picture" in session.of(commands.Watch)[-1].pictures)
    assert modes.wanted() == frozenset()
    session.snapshot = snapshot(ring_pictures(), step=7)
    window.conductor.poll()
    qtbot.waitUntil(lambda: depth.drawn == [7])
    window.docks["modes"].raise_()
    qtbot.waitUntil(lambda: modes.wanted() == modes.needs())
    window.conductor.watching.now()
    assert "depth_picture" not in session.of(commands.Watch)[-1].pictures
    session.snapshot = snapshot(ring_pictures(), step=8)
    window.conductor.poll()
    qtbot.waitUntil(lambda: depth.snapshot.step == 8)
    assert depth.drawn == [7]
    window.docks["depth"].raise_()
    qtbot.waitUntil(lambda: depth.drawn == [7, 8])


def test_a_card_that_was_closed_stays_closed_for_the_next_run(window, session):
    dock = window.docks["depth"]
    dock.handle.closing.click()
    show(window, session, ring_scene())
    assert dock.isHidden()
    show(window, session, line_scene())
    show(window, session, ring_scene())
    assert dock.isHidden()
    entry(window, "Depth").trigger()
    assert not dock.isHidden()
    window.layout_.reset()
    assert not dock.isHidden()


def test_what_a_card_replaces_comes_back_after_it(window, session):
    modes = window.docks["modes"]
    show(window, session, line_scene())
    assert modes.isHidden()
    show(window, session, ring_scene())
    assert not modes.isHidden()
    modes.close()  # by hand: then it is not for the cards to bring it back
    show(window, session, line_scene())
    show(window, session, ring_scene())
    assert modes.isHidden()


def test_a_model_whose_samples_are_no_function_of_z_has_no_latent_card(window, session, qtbot):
    latent, curves = window.docks["latent"], window.docks["curves"]
    window.layout_.reset()
    qtbot.wait(1)
    height = curves.height()
    show(window, session, replace(ring_scene(), offers=frozenset({"sample", "log_prob", "density"})))
    assert latent.isHidden()
    assert "latent_map" not in window.parts.latent.wanted()
    show(window, session, ring_scene())
    assert not latent.isHidden()
    qtbot.waitUntil(lambda: abs(curves.height() - height) < 20)


def test_places_of_cards_are_remembered(window, session, qtbot, preferences, tmp_path):
    window.docks["second"].close()
    window.docks["modes"].raise_()
    qtbot.waitUntil(lambda: window.docks["modes"].is_front)
    window.close()
    again, _ = opened(qtbot, Preferences(tmp_path / "settings.ini"), ring_scene())
    assert not again.docks["depth"].isHidden()
    assert again.docks["second"].isHidden()
    qtbot.waitUntil(lambda: again.docks["modes"].is_front)
    assert not again.docks["depth"].is_front
    again.close()


def test_a_run_that_put_the_modes_away_gives_them_back_the_next_day(window, session, qtbot, tmp_path):
    show(window, session, line_scene())
    window.close()
    again, heard = opened(qtbot, Preferences(tmp_path / "settings.ini"), line_scene())
    assert again.docks["modes"].isHidden()
    show(again, heard, ring_scene())
    assert not again.docks["modes"].isHidden()
    again.close()


def test_where_the_mouse_points_is_told_to_cards_that_are_seen_and_their_answers_come_back(window, session, qtbot):
    depth, second = guest(window, "depth"), guest(window, "second")
    qtbot.waitUntil(lambda: depth.is_seen and not second.is_seen)
    window.parts.data.plot.clicked.emit(0.5, -1.0)
    assert depth.places == [(0.5, -1.0)]
    assert second.places == []
    (question,) = session.of(commands.Ask)
    assert question.question == "depth"
    session.coming.append(messages.Answer(1, question.number, {"depth": np.array([3.0])}))
    window.conductor.poll()
    ((asked, arrays),) = depth.told
    assert asked == "depth"
    assert arrays["depth"].tolist() == [3.0]
    assert arrays["x"].tolist() == [[0.5, -1.0]]
    assert second.told == []


def test_a_moving_mouse_is_told_now_and_then_and_to_those_who_follow_only(window, qtbot):
    depth, second, plot = guest(window, "depth"), guest(window, "second"), window.parts.data.plot
    window.docks["second"].setFloating(True)
    qtbot.waitUntil(lambda: depth.is_seen and second.is_seen)
    for x in range(20):
        plot.hovered.emit((float(x), 0.0))
    assert depth.places == [(0.0, 0.0)]
    qtbot.waitUntil(lambda: depth.places == [(0.0, 0.0), (19.0, 0.0)])
    plot.hovered.emit((7.0, 7.0))
    plot.hovered.emit(None)
    qtbot.wait(100)
    assert len(depth.places) == 2
    assert second.places == []


def test_cards_get_rows_cuts_theme_and_scale(window, session):
    depth = guest(window, "depth")
    rows = messages.Rows(1, ("loss",), np.arange(1, 6), np.ones((5, 1)))
    session.coming += [rows, messages.Rows(1, ("loss",), np.arange(3, 5), np.ones((2, 1)))]
    window.conductor.poll()
    assert depth.rows[0].steps.tolist() == [1, 2, 3, 4, 5]
    assert depth.cut == [2]
    window.actions_["theme"].trigger()
    assert depth.theme.name == "light"
    window.actions_["presenter"].trigger()
    assert depth.scale == PRESENTER_SCALE
    window.actions_["presenter"].trigger()


def test_a_picture_of_a_card_is_written(window, tmp_path, monkeypatch):
    target = tmp_path / "depth.png"
    monkeypatch.setattr(window.documents, "_ask_target", lambda *args: args[-1](str(target)))
    action = next(a for a in window.menus.pictures.actions() if a.text() == "Picture of the depth…")
    action.trigger()
    assert target.stat().st_size > 0


def test_the_declared_cards_are_found_with_keys_of_their_own():
    found = all_cards()
    assert {"phase"} <= {cls.key for cls in found}
    assert len({cls.key for cls in found}) == len(found)
    assert {cls.beside for cls in found} <= {"data", "latent", "modes", "curves"}
    assert all(cls.title for cls in found)


def test_a_decorated_card_is_known(monkeypatch):
    monkeypatch.setattr("explorer.views._card.CARDS", [])
    assert card(Depth) is Depth
    from explorer.views import _card

    assert [Depth] == _card.CARDS
