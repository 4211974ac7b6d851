"""A plugin for pytest that hands on what nbval found, cell by cell.

nbval executes the cells and judges them; its own report is made for programmers. This
writes, for each cell, nbval's verdict and the outputs it got, to the file that
``--verdicts`` names; :mod:`thesis.execution.verify` tells them in a reader's words.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the file of verdicts."""
    parser.addoption("--verdicts", type=Path, help="the file for nbval's verdict on each cell, as JSON")


class _Verdicts:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.figures = Path(os.environ["THESIS_FIGURES"])
        self.found: list[dict[str, Any]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: Any) -> None:
        # Before nbval starts the notebook's kernel: each notebook draws into a folder of its own.
        os.environ["THESIS_FIGURES"] = str(self.figures / item.parent.path.stem)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: pytest.CallInfo[None]) -> Any:
        report = yield
        # Starting the kernel is the set-up of the first cell: it may fail as well.
        if call.when == "call" or report.failed:
            error = call.excinfo.value if call.excinfo else None
            self.found.append(
                {
                    "notebook": item.parent.path.name,
                    "cell": item.cell["id"],
                    "matches": report.passed,
                    "outputs": item.test_outputs or [],
                    "error": str(error) if error else "",
                }
            )
        return report

    def pytest_sessionfinish(self) -> None:
        self.path.write_text(json.dumps(self.found, ensure_ascii=False), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Collect verdicts where they are asked for."""
    if config.getoption("verdicts"):
        config.pluginmanager.register(_Verdicts(config.getoption("verdicts")))
