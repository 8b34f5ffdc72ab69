"""Pictures of a model: each view draws the observation of the same name. Imports no torch."""
