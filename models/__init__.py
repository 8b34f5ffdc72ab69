"""The mathematics: recipes, families, divergences, objectives, measures and training. Knows no window."""
