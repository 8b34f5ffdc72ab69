"""What the server of ``nursery`` imports, by this module's name, before any process is forked from it."""

from __future__ import annotations

import gc

import models.catalogue
import models.presets
import models.training.run_folder
import models.training.trainer
import models.training.witness  # noqa: F401
from explorer.session import observer_loop, trainer_loop  # noqa: F401

gc.freeze()  # no collection in a forked process goes through all this again, which would copy its pages
