"""The main window's parts: where header, recipe, views and transport are joined to a session. No torch."""
