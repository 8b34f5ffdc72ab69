"""The desktop explorer: the session that trains, the panels that choose, the views that draw."""
