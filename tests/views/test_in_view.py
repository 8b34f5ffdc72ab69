"""Items that fill what is seen follow the range that is seen."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from explorer.views._curve_plot import Line
from explorer.views._items import Field, Mark
from explorer.views.modes import Rings
from explorer.widgets.plot import Plot


@pytest.mark.parametrize("item", [Field, Line, Mark, Rings])
def test_what_fills_the_view_knows_another_range(qtbot, item):
    plot = Plot()
    qtbot.addWidget(plot)
    plot.resize(200, 200)
    filling = item()
    plot.box.addItem(filling, ignoreBounds=True)
    plot.show()
    filling.boundingRect()
    plot.set_home((-5.0, -5.0, 5.0, 5.0))
    plot.grab()  # pyqtgraph moves its items with the next picture
    assert filling.boundingRect() == QRectF(-5, -5, 10, 10)


def test_a_map_that_was_there_before_its_range_is_seen_whole(qtbot):
    plot, field = Plot(), Field()
    qtbot.addWidget(plot)
    plot.resize(200, 200)
    plot.put_axes_inside()
    plot.box.addItem(field, ignoreBounds=True)
    plot.show()
    plot.grab()
    plot.set_home((-5.0, -5.0, 5.0, 5.0))
    field.set_picture(np.full((8, 8), 0xFFFF0000, np.uint32), (-4.0, -4.0, 4.0, 4.0))
    picture = plot.grab().toImage()
    corner = plot.mapFromScene(plot.box.mapViewToScene(QRectF(-3, -3, 0, 0).topLeft()))
    assert picture.pixelColor(corner).red() > 250
