"""The cards of the recipe, made from what the members declare."""
