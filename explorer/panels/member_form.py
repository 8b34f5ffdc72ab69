"""The form of one member: a menu to choose it from its kind, its formula, and a row for every option it declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.panels.controls import Fold, Menu, Name, set_alarmed
from explorer.panels.fitting import Description
from explorer.panels.look import Look
from explorer.panels.rows import NAME_GAP, NAME_WIDTH, OptionRow, Problem, Row
from explorer.panels.scale import Option
from explorer.panels.tips import member_tip, option_tip, show_value
from explorer.widgets.formula import FormulaLabel

AT_ONCE: Final = 3
"""How many options of a member are shown where it has more than ``FEW``; the others are a click away."""

FEW: Final = 4
"""A member with no more options than this shows them all."""

Catalogue = Mapping[str, Any]

Described = TypeVar("Described", bound=Mapping[str, Any])


class Folded:
    """Options under a line that opens and closes them: those of a group, or the rare ones of a member."""

    def __init__(self, title: str, rows: list[Row]) -> None:
        self.title = title
        self.rows = rows
        self.button = Fold()
        self.button.toggled.connect(self._show)
        self._show(shown=False)

    def count_changes(self) -> None:
        """A folded option that differs from its default must not be overlooked."""
        changed = sum(row.value() != row.option["default"] for row in self.rows)
        opened = self.button.isChecked()
        closed = self.title or "more options"
        more = f"{closed} · {changed} set" if changed else closed
        self.button.setText(self.title or "fewer options" if opened else more)
        self.button.setToolTip("" if opened else ", ".join(str(row.option["label"]) for row in self.rows))

    def hands(self) -> list[QWidget]:
        """The widgets that take the keyboard, in order."""
        return [self.button, *(hand for row in self.rows for hand in row.hands())]

    def _show(self, shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        for row in self.rows:
            row.setVisible(shown)
        self.count_changes()


class Page(QWidget):
    """The options of one member: the first few, and the others under folds."""

    dragged = Signal()
    edited = Signal()
    rebuilt = Signal()

    def __init__(self, path: str, member: Description, catalogue: Catalogue) -> None:
        super().__init__()
        self.setProperty("role", "plain")
        self.member = member
        self._rows = {
            option["name"]: make_row(f"{path}.{option['name']}", option, catalogue) for option in member["options"]
        }
        groups = grouped(member["options"])
        common, rare = divide(groups.pop("", []))
        self.folds = [self._under(title, options) for title, options in {"": rare, **groups}.items() if options]
        self._build([self._rows[option["name"]] for option in common])
        for row in self._rows.values():
            row.dragged.connect(self.dragged)
            row.edited.connect(self.edited)
            row.rebuilt.connect(self.rebuilt)

    def value(self) -> dict[str, Any]:
        """Option's name to its value."""
        return {name: row.value() for name, row in self._rows.items()}

    def set_value(self, options: Mapping[str, Any]) -> None:
        """Show options; those left out take their defaults."""
        for name, row in self._rows.items():
            row.set_value(options.get(name, row.option["default"]))
        for fold in self.folds:
            fold.count_changes()

    def rows(self) -> Iterator[Row]:
        """All rows, nested ones too, in their order on the screen."""
        for index in range(self._column.count()):
            row = self._column.itemAt(index).widget()  # type: ignore[union-attr]
            if isinstance(row, Row):
                yield from row.rows()

    def hands(self) -> list[QWidget]:
        """The widgets that take the keyboard, in order."""
        under = {row for fold in self.folds for row in fold.rows}
        top = [hand for row in self._rows.values() if row not in under for hand in row.hands()]
        return top + [hand for fold in self.folds for hand in fold.hands()]

    def unfold(self, inner: QWidget) -> None:
        """Show the folded options too, if this is one of them."""
        for fold in self.folds:
            if inner in fold.rows:
                fold.button.setChecked(True)

    def _under(self, title: str, options: Sequence[Option]) -> Folded:
        return Folded(title, [self._rows[option["name"]] for option in options])

    def _build(self, common: list[Row]) -> None:
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)
        for widget in (*common, *(part for fold in self.folds for part in (fold.button, *fold.rows))):
            self._column.addWidget(widget)


class MemberForm(QWidget):
    """Chooses a member of one kind and sets its options.

    Signals: as an editor; ``chosen`` with the path when another member was picked, before ``edited``; ``rebuilt`` when
    rows were made that have not been given their look yet.
    """

    dragged = Signal()
    edited = Signal()
    chosen = Signal(str)
    rebuilt = Signal()

    def __init__(self, path: str, members: Sequence[Description], catalogue: Catalogue, *, label: str = "") -> None:
        super().__init__()
        self.setProperty("role", "plain")
        self.path = path
        self.members = {member["key"]: member for member in members}
        self.menu = Menu()
        self.name = Name(label, restarts=True)
        self.formula = FormulaLabel()
        self.problem = Problem()
        self._catalogue = catalogue
        self._pages: dict[str, Page] = {}
        self._build()
        self.menu.setAccessibleName(label or path.rpartition(".")[2])
        self.menu.picked.connect(self._pick)
        self.name_members()
        self.choose(members[0]["key"])

    def name_members(self, prefix: str = "") -> None:
        """Fill the menu; titles may be led by what they all have in common."""
        key = self.menu.currentData()
        self.menu.clear()
        for group, members in grouped(self.members.values()).items():
            if group:
                self.menu.add_heading(group)
            self.menu.fill([(m["key"], prefix + m["title"], member_tip(m)) for m in members])
        self.menu.show_value(key)

    def member(self) -> Description:
        """The chosen member as the catalogue describes it."""
        return self.members[self.menu.currentData()]

    def page(self) -> Page:
        """The options that are shown."""
        return self._pages[self.menu.currentData()]

    def choose(self, key: str) -> None:
        """Choose a member, with the options it had last, or its defaults; emits nothing but ``rebuilt``.

        Raises:
            KeyError: there is no such member.
        """
        member = self.members[key]
        self.menu.show_value(key)
        swaps = any(
            other.get("swaps") == member.get("swaps", "") != ""
            for other in self.members.values()
            if other is not member
        )
        effect = "is taken up by the run in progress where its networks allow it" if swaps else "starts a new run"
        self.menu.setToolTip(member_tip(member, f"Another choice {effect}."))
        self.formula.set_formula(member["formula"] if self._shows_formula else "")
        fresh = key not in self._pages
        if fresh:
            self._add_page(key)
        for other, page in self._pages.items():
            page.setVisible(other == key and bool(member["options"]))
        self.show_problem("")
        if fresh:
            self.rebuilt.emit()

    def value(self) -> dict[str, Any]:
        """The member as it stands in a recipe."""
        return {"key": self.menu.currentData(), **self.page().value()}

    def set_value(self, value: Mapping[str, Any] | str) -> None:
        """Show a member with its options, or by its key alone, as recipes may; emits nothing but ``rebuilt``."""
        table = {"key": value} if isinstance(value, str) else value
        self.choose(table["key"])
        self.page().set_value(table)

    def set_reasons(self, reasons: Mapping[str, str]) -> None:
        """Say of each member why it cannot be chosen now; those not mentioned can."""
        for key, member in self.members.items():
            reason = reasons.get(key, "")
            self.menu.set_state(key, member_tip(member, reason), not reason)

    def hide_formula(self) -> None:
        """Do without the formula: for forms inside others."""
        self._shows_formula = False
        self.formula.set_formula("")
        self.formula.hide()

    def stand_beside(self, picture: QWidget) -> None:
        """Put a picture to the left of the menu."""
        self._line.insertWidget(0, picture)
        self._line.insertSpacing(1, NAME_GAP)

    def rows(self) -> Iterator[Row]:
        """The rows that are shown, nested ones too."""
        yield from self.page().rows()

    def hands(self) -> list[QWidget]:
        """The widgets that take the keyboard, in order."""
        return [self.menu, *self.page().hands()]

    def show_problem(self, text: str) -> None:
        """Mark the menu and say what is wrong; an empty text clears the mark."""
        self.problem.say(text)
        self.name.set_alarmed(text)
        set_alarmed(self.menu, text)

    def set_look(self, look: Look) -> None:
        """Ink of the formula, width of the name."""
        self.formula.set_ink(look.theme.text, look.px(15))
        self.name.setFixedWidth(look.px(NAME_WIDTH))

    def _build(self) -> None:
        self._shows_formula = True
        self._line = QHBoxLayout()
        self._line.setSpacing(NAME_GAP)
        self._line.addWidget(self.name)
        self._line.addWidget(self.menu, 1)
        self.name.setVisible(bool(self.name.label))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addLayout(self._line)
        self._column.addWidget(self.problem)
        self._column.addWidget(self.formula)

    def _add_page(self, key: str) -> None:
        page = self._pages[key] = Page(self.path, self.members[key], self._catalogue)
        page.dragged.connect(self.dragged)
        page.edited.connect(self.edited)
        page.rebuilt.connect(self.rebuilt)
        self._column.addWidget(page)

    def _pick(self, key: str) -> None:
        self.choose(key)
        self.chosen.emit(self.path)
        self.edited.emit()


class MemberRow(Row):
    """An option that is itself a member, such as the critic's network: a line that says what it is, and unfolds."""

    def __init__(self, path: str, option: Option, catalogue: Catalogue) -> None:
        super().__init__(path, option)
        self.name = Name(option["label"], option["symbol"], restarts=not option["live"])
        self.fold = Fold()
        self.form = MemberForm(path, catalogue[option["kind"]], catalogue)
        if option["kind"] in {section["kind"] for section in catalogue.get("sections", ())}:
            self.form.hide_formula()  # it stands on that kind's own card
        self.form.menu.setAccessibleName(option["label"])
        self._build()
        self.set_value(option["default"])
        self.name.setToolTip(option_tip(option, path))
        self.fold.setToolTip(option_tip(option, path))
        self.fold.setAccessibleName(f"{option['label']}: show options")
        self.fold.toggled.connect(self._inner.setVisible)
        self.form.rebuilt.connect(self.rebuilt)
        for signal, passed in ((self.form.dragged, self.dragged), (self.form.edited, self.edited)):
            signal.connect(self._sum_up)
            signal.connect(passed)

    def value(self) -> dict[str, Any]:
        """The member as it stands in a recipe."""
        return self.form.value()

    def set_value(self, value: Any) -> None:
        """Show a member with its options."""
        self.form.set_value(value)
        self._sum_up()

    def rows(self) -> Iterator[Row]:
        """This row and the member's."""
        yield self
        yield from self.form.rows()

    def hands(self) -> list[QWidget]:
        """The fold, then the form's."""
        return [self.fold, *self.form.hands()]

    def unfold(self, inner: QWidget) -> None:
        """Show the form."""
        self.fold.setChecked(True)

    def show_problem(self, text: str) -> None:
        """Mark the row; an empty text clears the mark."""
        super().show_problem(text)
        self.name.set_alarmed(text)

    def set_look(self, look: Look) -> None:
        """Width of the name, as in the other rows."""
        self.name.setFixedWidth(look.px(NAME_WIDTH))

    def _build(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(NAME_GAP)
        line.addWidget(self.name)
        line.addWidget(self.fold, 1)
        self._inner = QWidget()
        self._inner.setObjectName("inner")
        inside = QVBoxLayout(self._inner)
        inside.setContentsMargins(10, 2, 0, 4)
        inside.addWidget(self.form)
        self._inner.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for part in (self.problem, self._inner):
            column.addWidget(part)
        column.insertLayout(0, line)

    def _sum_up(self) -> None:
        """The member's title and its first sizes."""
        member, values = self.form.member(), self.form.value()
        sizes = [f"{o['label']} {show_value(values[o['name']])}" for o in member["options"] if o["type"] == "int"]
        self.fold.setText(", ".join([member["title"], *sizes[:2]]))


def divide(options: Sequence[Option]) -> tuple[list[Option], list[Option]]:
    """The options to show at once, and the rare ones: those that are switched off unless asked for, and the last.

    A member takes a line only, and always stands with the first.
    """
    if len(options) <= FEW:
        return list(options), []
    common = [option for option in options if not _is_off(option) and option["type"] != "member"][:AT_ONCE]
    common += [option for option in options if option["type"] == "member"]
    return common, [option for option in options if option not in common]


def grouped(described: Iterable[Described]) -> dict[str, list[Described]]:
    """What the catalogue describes, by the groups that it names, those of no group first."""
    groups: dict[str, list[Described]] = {"": []}
    for one in described:
        groups.setdefault(one.get("group", ""), []).append(one)
    return groups


def _is_off(option: Option) -> bool:
    """Whether an option does nothing unless it is set; a path has no default, for it is a person's own."""
    return option["name"] != "path" and option["default"] in (0, 0.0, False, "", "none", [], None)


def make_row(path: str, option: Option, catalogue: Catalogue) -> Row:
    """The row of any option."""
    if option["type"] in ROWS:
        return ROWS[option["type"]](path, option, catalogue)
    return OptionRow(path, option)


ROWS: Final[dict[str, Callable[[str, Option, Catalogue], Row]]] = {"member": MemberRow}
"""Types whose rows are more than a name beside an editor."""
