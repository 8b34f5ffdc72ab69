"""The card of the modes: four pages, one verdict, all of the step that is shown."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage

from explorer.session.messages import ModeEvent
from explorer.views._mode_bars import LEAST_PX
from explorer.views._mode_history import LIMIT, Life, ModeHistory, lives
from explorer.views._mode_signs import UNKNOWN
from explorer.views._mode_timeline import Timeline
from explorer.views.data_space import DataSpaceView
from explorer.views.mode_table import CHIPS, ModesView
from explorer.widgets.theme import DARK, LIGHT, PRESENTER_SCALE

from .handmade import ring_pictures, ring_scene, snapshot
from .mode_story import AGAIN, EVENTS, LIVE, found

pytestmark = pytest.mark.gui


@pytest.fixture
def show(make):
    def made(cls, *, theme=DARK, size=(322, 190), modes=8):
        return make(cls, size, theme, ring_scene(modes))

    return made


@pytest.fixture
def card(show):
    view = show(ModesView)
    view.show_snapshot(snapshot(ring_pictures()))
    view.add_diagnosed(found())
    return view


def column(view, place):
    rows = view.table.rows
    return [rows.data(rows.index(row, place)) for row in range(rows.rowCount())]


def pixels(view):
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits()).reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)


# ---- births and deaths


def test_births_and_deaths_make_lives():
    told_twice = (*EVENTS[:8], *EVENTS[:8], *EVENTS[8:])
    assert lives(told_twice) == lives(EVENTS)
    of_four = [life for life in lives(EVENTS) if life.mode == 3]
    assert of_four == [Life(3, 1_200, 2_300), Life(3, 3_000, 5_400)]
    assert [life.mode for life in lives(EVENTS) if life.died is None] == [0, 1, 2, 4, 5, 6]


def test_what_belongs_to_a_step_is_what_was_found_before_it():
    history = ModeHistory()
    for step in (1_000, 4_000, 12_400):
        history.add(found(step))
    assert history.at(999) is None
    assert [history.at(step).step for step in (1_000, 3_999, 4_000, 99_999)] == [1_000, 1_000, 4_000, 12_400]
    assert history.lost(4_000) == {}
    assert history.lost(6_000) == {3: 5_400}
    assert history.lost(12_400) == {3: 5_400, 7: 7_100}


def test_a_fork_keeps_the_past_and_learns_what_died_at_it():
    history = ModeHistory()
    history.add(found(12_400))
    history.cut_after(5_000)
    assert history.newest is None
    # Another observer: it knows of no past; after two looks it knows that all modes but the fourth are alive.
    nobody, born_anew = np.full(8, -1), tuple(ModeEvent(5_010, mode, born=True) for mode in range(8) if mode != 3)
    ages = np.array([-1 if mode == 3 else 90 for mode in range(8)])
    history.add(found(5_010, events=(), age=nobody))
    assert history.newest.age.tolist()[:2] == [5_010 - 200, 5_010 - 300]
    history.add(found(5_100, events=born_anew, age=ages))
    assert history.lost(5_100) == {}
    history.add(found(5_200, events=born_anew, age=ages))
    assert history.lost(5_200) == {3: 5_010}
    assert history.newest.age[3] == -1
    history.add(found(6_000, events=(*born_anew, ModeEvent(5_500, 0, born=False)), age=ages))
    told = {(life.mode, life.born, life.died) for life in history.lives(6_000)}
    assert {(3, 1_200, 2_300), (3, 3_000, 5_010), (0, 200, 5_500), (7, 900, None)} <= told
    assert len(told) == 9


def test_many_findings_are_thinned_evenly():
    history = ModeHistory()
    for step in range(0, 20 * 2 * LIMIT, 20):
        history.add(found(step, events=()))
    steps = [one.step for one in history._found]
    assert len(steps) == LIMIT
    assert (steps[0], steps[-1]) == (0, 20 * (2 * LIMIT - 1))
    assert max(np.diff(steps)) <= 4 * 20


# ---- the pages


@pytest.mark.parametrize("key", CHIPS)
def test_each_chip_shows_its_page_and_no_other(card, qtbot, key):
    qtbot.mouseClick(card.chips[key], Qt.MouseButton.LeftButton)
    assert [name for name, page in card.pages.items() if page.isVisible()] == [key]
    assert [name for name, chip in card.chips.items() if chip.isChecked()] == [key]


@pytest.mark.parametrize("scale", [1.0, PRESENTER_SCALE])
@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_chips_and_pages_lie_within_the_card(show, theme, scale):
    view = show(ModesView, theme=theme)
    view.set_theme(theme, scale)
    view.add_diagnosed(found())
    for key, page in view.pages.items():
        view.show_page(key)
        view.layout().activate()
        assert view.rect().contains(page.geometry())
        assert page.height() > 80
    assert all(view.rect().contains(chip.geometry()) for chip in view.chips.values() if chip.isVisible())


def test_the_verdict_stands_in_the_header(card):
    title, meaning = card.header.mark
    assert title == "Collapse"
    assert meaning.startswith("2 of 8 modes lost")
    assert meaning in card.header.toolTip()
    collapsed = pixels(card)[:34]
    card.add_diagnosed(found(12_600, "healthy"))
    assert card.header.mark[0] == "Healthy"
    healthy = pixels(card)[:34]

    def reddish(image):
        return int(((image[..., 0] > 200) & (image[..., 1] < 130)).sum())

    assert reddish(collapsed) > 20 > reddish(healthy)


def test_nothing_is_known_at_first_and_the_card_says_so_calmly(show):
    view = show(ModesView)
    assert view.header.mark == ("", "")
    view.show_page("why")
    assert view.signs.text.text() == UNKNOWN
    assert not view.signs.rows
    for key in ("table", "timeline"):
        view.show_page(key)
        assert pixels(view).size


def test_the_table_holds_the_numbers_with_points_above_one_another(card):
    card.show_page("table")
    assert column(card, 0) == [str(mode) for mode in range(1, 9)]
    assert column(card, 1) == ["24.0 %", "13.0 %", "12.0 %", "0.2 %", "12.5 %", "27.0 %", "9.0 %", "0.0 %"]
    assert column(card, 2) == ["12.5 %"] * 8
    assert column(card, 3)[0] == "93.0 %"
    assert column(card, 3)[7] == "–"
    assert column(card, 4)[:2] == ["0.012", "0.012"]
    assert column(card, 5) == ["12,200", "12,100", "12,000", "–", "11,800", "11,700", "11,600", "–"]
    assert card.table.rows.say(3).startswith("mode 4 is missing: mass 0.2 %")


def test_a_click_on_a_column_sorts_and_again_turns_round(card, qtbot):
    card.show_page("table")
    head = card.table.horizontalHeader()

    def click(place):
        x = head.sectionViewportPosition(place) + head.sectionSize(place) // 2
        qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, head.height() // 2))

    click(1)
    assert column(card, 0) == ["6", "1", "2", "5", "3", "7", "4", "8"]
    click(1)
    assert column(card, 0) == ["8", "4", "7", "3", "5", "2", "1", "6"]
    click(5)
    assert column(card, 0)[-2:] == ["4", "8"]  # without an age: last, whichever way
    click(5)
    assert column(card, 0)[-2:] == ["4", "8"]


def test_the_table_by_keys_keeps_the_chosen_mode_while_numbers_change(card, qtbot):
    card.show_page("table")
    table, told = card.table, []
    card.pointed.connect(told.append)
    table.setFocus()
    table.setCurrentIndex(table.rows.index(0, 0))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(table, key)
    assert column(card, 0)[0] == "6"  # sorted by mass
    assert table.chosen == 1
    assert told[-1] == 1
    mass = np.array([0.1, 0.6, 0.1, 0.0, 0.1, 0.1, 0.0, 0.0])
    card.add_diagnosed(found(12_600, mass=mass))
    assert column(card, 0)[0] == "2"
    assert table.chosen == 1
    assert table.currentIndex().row() == 0
    qtbot.keyClick(table, Qt.Key.Key_Escape)
    assert table.chosen is None
    assert told[-1] is None


@pytest.mark.parametrize("scale", [1.0, PRESENTER_SCALE])
def test_no_number_is_cut_off_in_the_table(card, scale):
    card.set_theme(DARK, scale)
    card.show_page("table")
    card.grab()
    table = card.table
    seen = [place for place in range(6) if not table.isColumnHidden(place)]
    assert {0, 1, 3, 5} <= set(seen)
    assert (len(seen) == 6) is (scale == 1.0)
    for place in seen:
        widest = max(table.fontMetrics().horizontalAdvance(text) for text in column(card, place))
        assert table.columnWidth(place) >= widest + 6
    assert sum(table.columnWidth(place) for place in seen) <= table.viewport().width()


def test_a_missing_mode_has_a_dashed_frame_in_the_table(card):
    card.show_page("table")
    table = card.table

    def alarmed(row):
        image = table.viewport().grab().toImage()
        y, x = table.rowViewportPosition(row), range(0, table.viewport().width())
        inks = [image.pixelColor(at, y + 1) for at in x]
        return sum(ink.red() > 150 and ink.green() < 130 for ink in inks)

    assert alarmed(3) > 60
    assert alarmed(2) == 0


@pytest.mark.parametrize("modes", [1, 25, 1_000])
def test_any_number_of_modes_has_rows_that_scroll_and_lanes(show, modes):
    view = show(ModesView, modes=modes)
    mass = np.full(modes, 1 / modes)
    events = tuple(ModeEvent(100, mode, born=True) for mode in range(modes))
    view.add_diagnosed(found(1_000, mass=mass, events=events, age=np.full(modes, 900)))
    view.show_page("table")
    assert view.table.rows.rowCount() == modes
    view.grab()  # lays it out
    assert (view.table.verticalScrollBar().maximum() > 0) is (modes > 5)
    view.show_page("timeline")
    image = pixels(view)
    left, right = (round(view.timeline.place(step)) for step in (50, 500))
    body = image[view.timeline.y() + 8 : view.timeline.y() + round(view.timeline.frame().height())]
    ink = np.array([0xF0, 0xA3, 0x3A])
    assert (np.abs(body[:, right] - ink).sum(-1) < 40).mean() > 0.05
    assert not (np.abs(body[:, left] - ink).sum(-1) < 40).any()


def test_the_density_of_many_lanes_is_the_share_that_is_alive():
    timeline = Timeline.__new__(Timeline)  # nothing of a widget is needed
    timeline.names, timeline.now = tuple(map(str, range(100))), 1_000
    timeline.lives = [Life(mode, 0, 500 if mode % 2 else None) for mode in range(50)]
    share = timeline.alive(10, 100)
    assert share.shape == (10, 100)
    assert np.array_equal(share[:5, :50], np.ones((5, 50)))
    assert np.array_equal(share[:5, 50:], np.full((5, 50), 0.5))
    assert not share[5:].any()


def test_the_timeline_says_when_a_mode_lived(card):
    card.show_page("timeline")
    timeline = card.timeline
    assert timeline.now == 12_400
    assert timeline.say(2, 9_000) == "mode 3: born 400, alive"
    assert timeline.say(3, 1_500) == "mode 4: born 1,200, died 2,300"
    assert timeline.say(3, 9_000) == "mode 4: born 3,000, died 5,400"
    assert timeline.place(0) == timeline.frame().left()
    assert timeline.place(12_400) == timeline.frame().right()


def test_the_reasons_are_the_whole_text_and_a_row_for_each_sign(card, qtbot):
    card.show_page("why")
    assert card.signs.text.text() == found().text
    told = [(title.text(), value.text()) for _, title, value in card.signs.rows]
    assert told == [(title, value) for title, (value, _) in found().signs.items()]
    assert [dot.colour for dot, _, _ in card.signs.rows] == [DARK.alarm] * 2 + [DARK.floor] * 3
    chosen = []
    card.chosen.connect(chosen.append)
    assert [button.text() for button in card.signs.buttons][:2] == [f"Try: {LIVE.title}", f"Try: {AGAIN.title}"]
    card.signs.buttons[1].click()
    assert chosen == [AGAIN]
    card.add_diagnosed(found(12_600, "healthy", signs={"modes alive": ("8 of 8", False)}))
    assert len(card.signs.rows) == 1
    assert not card.signs.buttons


@pytest.mark.parametrize("scale", [1.0, PRESENTER_SCALE])
def test_the_reasons_are_no_wider_than_the_card(card, qtbot, scale):
    long = replace(LIVE, title="Wasserstein-1 with gradient penalty, and more")
    card.set_theme(DARK, scale)
    card.add_diagnosed(found(12_600, remedies=(long,)))
    card.show_page("why")
    qtbot.waitUntil(lambda: card.signs.buttons[0].isVisible())
    qtbot.waitUntil(lambda: card.signs.widget().width() <= card.signs.viewport().width())


# ---- looking back


def test_while_an_earlier_step_is_looked_at_all_pages_tell_of_it(card):
    card.clear()
    for step, verdict in ((1_500, "learning"), (6_000, "oscillation"), (12_400, "collapse")):
        card.add_diagnosed(found(step, verdict))
    card.show_page("timeline")
    card.show_snapshot(snapshot(ring_pictures(), step=7_000, live=False))
    assert card.header.mark[0] == "Oscillation"
    assert card.timeline.looked_at == 7_000
    assert card.timeline.now == 12_400
    card.show_page("table")
    assert column(card, 5)[3] == "–"
    card.add_diagnosed(found(12_800))  # training goes on
    assert card.header.mark[0] == "Oscillation"
    card.show_snapshot(snapshot(ring_pictures(), step=1_000, live=False))
    assert card.header.mark[0] == ""
    card.show_snapshot(snapshot(ring_pictures(), step=12_800))
    assert card.header.mark[0] == "Collapse"
    assert card.found.step == 12_800


def test_a_fork_and_a_new_run_forget(card):
    card.cut_after(5_000)
    assert card.header.mark[0] == ""
    assert card.history.lives(99_999)[-1].died is None
    card.clear()
    assert not card.history.events


def test_cells_are_called_cells(show):
    view = show(ModesView)
    view.set_scene(replace(ring_scene(), named=False))
    view.show_snapshot(snapshot(ring_pictures()))
    view.add_diagnosed(found(named=False))
    assert view.bars.say(0).startswith("cell 1: 24.00 %")
    view.show_page("table")
    assert view.table.rows.headerData(0, Qt.Orientation.Horizontal).startswith("cell")
    view.show_page("timeline")
    assert view.timeline.say(0, 0).startswith("cell 1:")


# ---- rings in the data space


def test_rings_say_when_a_mode_was_lost_and_one_is_pointed_out(show):
    view = show(DataSpaceView, size=(620, 560))
    (rings,) = next(layer.items for layer in view.layers if layer.key == "modes")
    history = ModeHistory()
    view.show_snapshot(snapshot(ring_pictures()))
    history.add(found(events=tuple(event for event in EVENTS if event.mode != 7)))
    view.remember_modes(history.lost)
    assert [text for _, _, text in rings.circles] == ["mode 4 lost\nat step 5,400", "mode 8 missing"]
    view.show_snapshot(snapshot(ring_pictures(), step=2_500, live=False))
    assert next(text for _, _, text in rings.circles) == "mode 4 lost\nat step 2,300"
    view.grab()
    before = pixels(view)
    view.point_out(0)
    assert rings.chosen[0] == QPointF(1.0, 0.0)
    assert not np.array_equal(before, pixels(view))
    view.point_out(None)
    assert np.array_equal(before, pixels(view))


def test_in_a_low_card_with_large_text_bars_stand_on_their_line(card):
    card.set_theme(DARK, PRESENTER_SCALE)
    bars = card.bars
    bars.resize(*LEAST_PX)
    frame = bars.frame()
    assert frame.height() > 14
    assert frame.top() <= bars._y(float(bars.target.max())) < bars._y(0.0) == frame.bottom() < bars.height()
