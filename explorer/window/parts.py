"""The recipe panel and the views, imported only after the window is on the screen: plotting takes a while to load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.session.snapshot import Scene
from explorer.widgets.theme import Theme

if TYPE_CHECKING:
    from explorer.panels.recipe_panel import RecipePanel
    from explorer.views._base import View
    from explorer.views._card import Card
    from explorer.views._layered import LayeredView
    from explorer.views.curves import CurvesView
    from explorer.views.data_space import DataSpaceView
    from explorer.views.latent_space import LatentSpaceView
    from explorer.views.mode_table import ModesView


@dataclass(frozen=True, eq=False)
class Parts:
    """What stands on the window's cards; the guests come and go with what fits the scene."""

    panel: RecipePanel
    data: DataSpaceView
    latent: LatentSpaceView
    modes: ModesView
    curves: CurvesView
    guests: tuple[Card, ...] = ()

    @property
    def views(self) -> tuple[View, ...]:
        """Everything that draws."""
        return (self.data, self.latent, self.modes, self.curves, *self.guests)

    @property
    def present(self) -> tuple[View, ...]:
        """The views that have something to show of the present scene, the data space first."""
        return (self.data, self.latent, self.modes, self.curves, *self.present_guests)

    @property
    def present_guests(self) -> tuple[Card, ...]:
        """The guests that fit the present scene."""
        return tuple(guest for guest in self.guests if guest.scene is not None)

    @property
    def layered(self) -> tuple[LayeredView, ...]:
        """Those of them that are one plot of layers."""
        from explorer.views._layered import LayeredView

        return tuple(view for view in self.present if isinstance(view, LayeredView))

    def absent(self, scene: Scene) -> frozenset[str]:
        """Names of the cards, other than guests, that have nothing to show of a scene."""
        return frozenset(key for key, view in self.cards() if view not in self.guests and not view.fits(scene))

    def cards(self) -> Iterator[tuple[str, View]]:
        """Each view with the name of its card."""
        names = ("data", "latent", "modes", "curves", *(guest.key for guest in self.guests))
        yield from zip(names, self.views, strict=True)

    def set_scene(self, scene: Scene) -> None:
        """Another run: each view takes up its scene, if that is one of its own."""
        for view in (self.data, self.latent, self.modes, self.curves):
            view.set_scene(scene)
        for guest in self.guests:
            if guest.fits(scene):
                guest.set_scene(scene)
            else:
                guest.leave()

    def amend_scene(self, scene: Scene) -> None:
        """The same run offers something else: views keep what they have, guests come and go."""
        for view in (self.data, self.latent, self.modes, self.curves):
            view.amend_scene(scene)
        for guest in self.guests:
            if not guest.fits(scene):
                guest.leave()
            elif guest.scene is None:
                guest.set_scene(scene)
            else:
                guest.amend_scene(scene)

    def clear(self, *, same_data: bool) -> None:
        """A new run: nothing of the old one stays on the screen, and whoever tells of the past forgets it."""
        for plane in (self.data, self.latent):
            plane.clear(same_data=same_data)
        for view in (self.curves, self.modes, *self.guests):
            view.clear()

    def cut_after(self, step: int) -> None:
        """The run goes on from this step: whoever tells of the past forgets what came after it."""
        for view in (self.curves, self.modes, *self.guests):
            view.cut_after(step)

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Give all of them colours and sizes."""
        self.panel.set_theme(theme, scale)
        for view in self.views:
            view.set_theme(theme, scale)


def make_parts() -> Parts:
    """Import and make them, empty."""
    from explorer.panels.recipe_panel import RecipePanel
    from explorer.views._card import all_cards
    from explorer.views.curves import CurvesView
    from explorer.views.data_space import DataSpaceView
    from explorer.views.latent_space import LatentSpaceView
    from explorer.views.mode_table import ModesView

    guests = tuple(cls() for cls in all_cards())
    return Parts(RecipePanel(), DataSpaceView(), LatentSpaceView(), ModesView(), CurvesView(), guests)
