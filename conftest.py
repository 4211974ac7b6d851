"""What `pytest tests` and `pytest --nbval notebooks` have in common."""

import os
import tempfile

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Let chapters that are executed only to be compared draw into a temporary folder.

    nbval starts its kernels itself, in ``notebooks/``: without this they would overwrite the
    committed ``figures/`` that they are compared with.
    """
    folder = tempfile.TemporaryDirectory(prefix="thesis-figures-")
    config.add_cleanup(folder.cleanup)
    os.environ["THESIS_FIGURES"] = folder.name
