"""The recipe as a panel: θ* = argmin D(P_X ‖ P_θ), a card for every symbol, made entirely from what members declare."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from explorer.panels.card import Card, Plan, plans_for
from explorer.panels.fitting import Chosen, Fitting
from explorer.panels.look import Look, spread
from explorer.panels.member_form import MemberForm, MemberRow, Page, make_row
from explorer.panels.natural import Natural
from explorer.panels.rows import Problem, Row
from explorer.panels.thumbnail import Thumbnail
from explorer.session.control import changes
from explorer.session.snapshot import Scene
from explorer.widgets.theme import DARK, GAP, Theme, palette

WIDTH: Final = 300
LEAST_WIDTH: Final = 264
DRAG_MS: Final = 150
"""How long a slider must rest under the hand before the recipe is sent."""
HINT_MS: Final = 4000

Recipe = dict[str, Any]


class RecipePanel(QWidget):
    """Shows a recipe and changes it.

    Signals:
        recipe_changed: the complete recipe as plain values, its own copy: at once for a choice, a typed value or a
            released slider, and ``DRAG_MS`` after the last movement while a slider is dragged. Never when the recipe
            was set from outside, and never twice with the same one.
        restarts: dotted paths of the options whose change starts a new run; sent just before ``recipe_changed``.
    """

    recipe_changed = Signal(object)
    restarts = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recipePanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("recipe")
        self._look = Look(DARK)
        self._catalogue: Mapping[str, Any] = {}
        self._forms: dict[str, MemberForm] = {}
        self._own: list[Row] = []
        self._rest: Recipe = {}
        self._sent: Recipe = {}
        self._scene: Scene | None = None
        self._thumbnail: Thumbnail | None = None
        self._drag = _timer(self, DRAG_MS, self._send)
        self._hint_time = _timer(self, HINT_MS, self._hide_hint)
        self._build()
        self.set_theme(DARK, 1.0)

    def set_catalogue(self, catalogue: Mapping[str, Any]) -> None:
        """Make the cards from a catalogue (``models.catalogue``); the first member of every kind is chosen."""
        self._drag.stop()
        self._catalogue = catalogue
        kinds = {section["field"]: section["kind"] for section in catalogue["sections"]}
        self._clear()
        for number, plan in enumerate(plans_for(list(kinds)), start=1):
            self._add_card(Card(number, plan), kinds)
        self._column.addStretch(1)
        offered = {field: list(form.members.values()) for field, form in self._forms.items()}
        defaults = catalogue.get("defaults", {})
        self._fitting = Fitting(offered, catalogue.get("words"), defaults)
        self._natural = Natural(self._fitting, defaults)
        first = next(iter(self._forms))
        for field, key in self._fitting.adapt(first, self._chosen()).items():
            self._forms[field].choose(key)
        self._rest = {}
        self._settle()
        spread(self._look, self)

    def set_recipe(self, recipe: Mapping[str, Any]) -> None:
        """Show a recipe; emits nothing. Options left out take their defaults. The same recipe again changes nothing.

        Raises:
            KeyError: a member is not in the catalogue.
        """
        if recipe == self._sent:
            return
        self._drag.stop()
        self.clear_problem()
        given = copy.deepcopy(dict(recipe))
        for field, form in self._forms.items():
            if field in given:
                form.set_value(given.pop(field))
        for row in self._own:
            row.set_value(given.pop(row.path, row.option["default"]))
        self._rest = given
        if self._scene:  # what was refused leaves the picture of what trains
            self.set_scene(self._scene)
        self._settle()

    def recipe(self) -> Recipe:
        """What the panel shows, complete, as plain values."""
        made = copy.deepcopy(self._rest)
        made |= {field: form.value() for field, form in self._forms.items()}
        return made | {row.path: row.value() for row in self._own}

    def recipe_with(self, field: str, part: Mapping[str, Any]) -> Recipe:
        """The recipe with another member at a field and what follows from it, as if it had been picked; emits nothing.

        Before there are cards, and of a member that they do not have, the rest stays as it is.
        """
        form = self._forms.get(field)
        if form is None or part["key"] not in form.members:
            return {**self.recipe(), field: dict(part)}
        form.set_value(part)
        self._adapt(field)
        self._settle()
        return self.recipe()

    def set_scene(self, scene: Scene) -> None:
        """Draw the data's thumbnail from the samples of a run."""
        self._scene = scene
        if self._thumbnail:
            self._thumbnail.set_scene(scene)

    def set_cost(self, cost: Mapping[str, float]) -> None:
        """Say in the generator's card what the networks of the present run cost."""
        for card in self._cards:
            if "architecture" in card.plan.fields:
                card.set_cost(cost)

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take colours, and sizes times ``scale``."""
        self._look = Look(theme, scale)
        self.setMinimumWidth(self._look.px(LEAST_WIDTH))
        self.setPalette(palette(theme))
        spread(self._look, self)

    def sizeHint(self) -> QSize:
        """As wide as the design has it."""
        return QSize(self._look.px(WIDTH), self._look.px(760))

    def show_problem(self, path: str, text: str) -> None:
        """Mark what stands at a dotted path, say what is wrong with it, and bring it into view.

        A path that leads further than any control (``data.means.0``) marks the nearest one; a path that leads nowhere
        puts the sentence at the foot of the panel.
        """
        self.clear_problem()
        target = self._find(path)
        if target is None:
            self._problem.say(f"{path}: {text}" if path else text)
            return
        target.show_problem(text)
        self._unfold(target)
        self._column.activate()
        self._area.ensureWidgetVisible(target, 0, self._look.px(24))

    def clear_problem(self) -> None:
        """Take every mark away."""
        self._problem.say("")
        for target in self._targets():
            target.show_problem("")

    def _build(self) -> None:
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there, as wide as the gap: the cards keep their width whether they fit or not.
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._problem = Problem()
        self._hint = QLabel()
        self._hint.setProperty("role", "muted")
        self._hint.hide()
        self._problem.setContentsMargins(GAP, GAP // 2, GAP, GAP // 2)
        self._hint.setContentsMargins(GAP, GAP // 2, GAP, GAP // 2)
        self._hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._area, 1)
        column.addWidget(self._problem)
        column.addWidget(self._hint)
        self._clear()

    def _clear(self) -> None:
        """An empty column for the cards; the old one goes with all that it held."""
        self._forms, self._own, self._thumbnail = {}, [], None
        self._cards: list[Card] = []
        cards = QWidget()
        cards.setObjectName("recipeCards")
        self._column = QVBoxLayout(cards)
        self._column.setContentsMargins(GAP, GAP, 0, GAP)
        self._column.setSpacing(GAP)
        self._area.setWidget(cards)

    def _add_card(self, card: Card, kinds: Mapping[str, str]) -> None:
        forms = self._make_forms(card.plan, kinds)
        self._forms |= forms
        self._cards.append(card)
        self._column.addWidget(card)
        for form in forms.values():
            card.add(form)
            form.dragged.connect(self._drag.start)
            form.edited.connect(self._send)
            form.chosen.connect(self._adapt)
            form.rebuilt.connect(self._take_in)
        if "data" in forms:
            self._thumbnail = Thumbnail()
            forms["data"].stand_beside(self._thumbnail)
            if self._scene:
                self._thumbnail.set_scene(self._scene)
        if card.plan.own:
            self._add_own(card)

    def _make_forms(self, plan: Plan, kinds: Mapping[str, str]) -> dict[str, MemberForm]:
        """The forms of a card; a first part that leaves no choice only lends its title to the next one's menu."""
        shown = {field: label for field, label in plan.fields.items() if self._catalogue.get(kinds.get(field, ""))}
        fields = list(shown)
        only = len(fields) > 1 and _is_settled(self._catalogue[kinds[fields[0]]])
        made = {}
        for field, label in shown.items():
            members = self._catalogue[kinds[field]]
            made[field] = MemberForm(field, members, self._catalogue, label="" if only else label)
        if only:
            made[fields[0]].setVisible(False)
            made[fields[1]].name_members(f"{made[fields[0]].member()['title']} · ")
        return made

    def _add_own(self, card: Card) -> None:
        rule = QFrame()
        rule.setProperty("role", "rule")
        rule.setFixedHeight(1)
        card.add(rule)
        held = QWidget()
        held.setProperty("role", "plain")
        column = QVBoxLayout(held)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        card.add(held)
        for option in self._catalogue["recipe"]:
            row = make_row(option["name"], option, self._catalogue)
            row.dragged.connect(self._drag.start)
            row.edited.connect(self._send)
            self._own.append(row)
            column.addWidget(row)

    def _chosen(self) -> Chosen:
        return {field: form.member() for field, form in self._forms.items()}

    def _adapt(self, field: str) -> None:
        """After a choice, let those that depend on it follow."""
        known = {name: self._sent[name] for name in self._forms if name in self._sent}
        before = {name: self._forms[name].members.get(part["key"], {}) for name, part in known.items()}
        for other, part in self._natural.parts(field, before, self._chosen(), known).items():
            self._forms[other].set_value(part)
        for other, key in self._fitting.adapt(field, self._chosen()).items():
            self._forms[other].choose(key)

    def _settle(self) -> None:
        """What is shown is what is known outside: nothing to send, menus up to date."""
        self._sent = self.recipe()
        self._refresh_menus()
        self._chain_focus()

    def _refresh_menus(self) -> None:
        chosen = self._chosen()
        idle = {field: member["title"] for member in chosen.values() for field in member.get("idle", ())}
        for card in self._cards:
            users = [idle.get(field, "") for field in card.plan.fields if field in self._forms]
            card.set_idle(users[0] if users and all(users) else "")
        for field, form in self._forms.items():
            form.setHidden(field in idle)
            form.set_reasons(self._fitting.reasons(field, chosen))
            for row in form.rows():
                if isinstance(row, MemberRow):
                    inner = {key: self._fitting.inner_reason(m, chosen) for key, m in row.form.members.items()}
                    row.form.set_reasons({key: reason for key, reason in inner.items() if reason})

    def _take_in(self) -> None:
        """Rows were made later than the panel: give them its look and their place in the order of the Tab key."""
        spread(self._look, self)
        self._chain_focus()

    def _chain_focus(self) -> None:
        hands = [hand for form in self._forms.values() for hand in form.hands()]
        hands += [hand for row in self._own for hand in row.hands()]
        for first, second in pairwise(hands):
            QWidget.setTabOrder(first, second)

    def _send(self) -> None:
        """Send the recipe if it differs from the last one that was sent or set."""
        self._drag.stop()
        recipe = self.recipe()
        if recipe == self._sent:
            return
        paths = [path for path, is_live in changes(self._sent, recipe, self._catalogue) if not is_live]
        if recipe.get("data") != self._sent.get("data") and self._thumbnail:
            self._thumbnail.set_stale()
        self._sent = recipe
        self._refresh_menus()
        self._show_hint(paths)
        self.restarts.emit(paths)
        self.recipe_changed.emit(copy.deepcopy(recipe))

    def _show_hint(self, paths: list[str]) -> None:
        changed = "".join(paths[:1]) + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")
        self._hint.setText(f"new run: {changed} changed")
        self._hint.setToolTip("\n".join(paths))
        self._hint.setVisible(bool(paths))
        if paths:
            self._hint_time.start()

    def _hide_hint(self) -> None:
        self._hint.hide()

    def _targets(self) -> Iterator[MemberForm | Row]:
        for form in self._forms.values():
            yield form
            yield from form.rows()
        yield from self._own

    def _find(self, path: str) -> MemberForm | Row | None:
        """The control whose path is the longest beginning of this one."""
        fitting = [target for target in self._targets() if f"{path}.".startswith(f"{target.path}.")]
        return max(fitting, key=lambda target: len(target.path), default=None)

    def _unfold(self, target: QWidget) -> None:
        inner, outer = target, target.parentWidget()
        while outer is not None and outer is not self:
            if isinstance(outer, (Page, Row)):
                outer.unfold(inner)
            inner, outer = outer, outer.parentWidget()


def _is_settled(members: list[Mapping[str, Any]]) -> bool:
    """Whether there is nothing to choose and nothing to set."""
    return len(members) == 1 and not members[0]["options"]


def _timer(parent: QWidget, milliseconds: int, then: Any) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(then)
    return timer
