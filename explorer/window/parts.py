"""The recipe panel and the views, imported only after the window is on the screen: plotting takes a while to load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.widgets.theme import Theme

if TYPE_CHECKING:
    from explorer.panels.recipe_panel import RecipePanel
    from explorer.views._base import View
    from explorer.views.curves import CurvesView
    from explorer.views.data_space import DataSpaceView
    from explorer.views.latent_space import LatentSpaceView
    from explorer.views.mode_table import ModesView
    from explorer.views.phase_portrait import PhasePortraitView


@dataclass(frozen=True, eq=False)
class Parts:
    """What stands on the window's cards."""

    panel: RecipePanel
    data: DataSpaceView
    latent: LatentSpaceView
    modes: ModesView
    curves: CurvesView
    phase: PhasePortraitView

    @property
    def views(self) -> tuple[View, ...]:
        """Everything that draws."""
        return (self.data, self.latent, self.modes, self.curves, self.phase)

    def cards(self) -> Iterator[tuple[str, View]]:
        """Each view with the name of its card."""
        yield from zip(("data", "latent", "modes", "curves", "phase"), self.views, strict=True)

    def clear(self, *, same_data: bool) -> None:
        """A new run: nothing of the old one stays on the screen, and whoever tells of the past forgets it."""
        for plane in (self.data, self.latent):
            plane.clear(same_data=same_data)
        for view in (self.curves, self.modes, self.phase):
            view.clear()

    def cut_after(self, step: int) -> None:
        """The run goes on from this step: whoever tells of the past forgets what came after it."""
        for view in (self.curves, self.modes, self.phase):
            view.cut_after(step)

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Give all of them colours and sizes."""
        self.panel.set_theme(theme, scale)
        for view in self.views:
            view.set_theme(theme, scale)


def make_parts() -> Parts:
    """Import and make them, empty."""
    from explorer.panels.recipe_panel import RecipePanel
    from explorer.views.curves import CurvesView
    from explorer.views.data_space import DataSpaceView
    from explorer.views.latent_space import LatentSpaceView
    from explorer.views.mode_table import ModesView
    from explorer.views.phase_portrait import PhasePortraitView

    return Parts(RecipePanel(), DataSpaceView(), LatentSpaceView(), ModesView(), CurvesView(), PhasePortraitView())
