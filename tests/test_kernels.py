"""A warm kernel is a kernel like any other: the same results, and nothing of anybody else's in it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from thesis.execution import kernels

ALL_OPTIONS = """
import json, sys
import altair, pandas
from pandas._config import config
print(json.dumps({
    "options": {name: str(pandas.get_option(name)) for name in config._registered_options},
    "renderer": altair.renderers.active,
    "own": sorted(name for name in sys.modules if name.split(".")[0] == "thesis" and "kernels" not in name),
    "hash": hash("the same everywhere"),
    "path": [path for path in sys.path if "zip" not in path],
}))
"""


def answer(code: str, folder: Path, warm: bool) -> str:
    """What a cell prints in a new kernel."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    program = (
        "import sys, json, nbformat\n"
        "from nbclient import NotebookClient\n"
        "notebook = nbformat.reads(sys.stdin.read(), as_version=4)\n"
        "client = NotebookClient(notebook, kernel_name='python3', resources={'metadata': {'path': sys.argv[1]}})\n"
        "client.execute()\n"
        "print(notebook.cells[0].outputs[0]['text'], end='')\n"
    )
    environment = {**os.environ, **kernels.ENVIRONMENT, **(kernels.SELECT if warm else {})}
    run = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        input=nbformat.writes(notebook),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return str(run.stdout)


def test_a_warm_kernel_has_the_settings_of_a_cold_one(tmp_path: Path) -> None:
    warm, cold = (json.loads(answer(ALL_OPTIONS, tmp_path, warm)) for warm in (True, False))
    assert warm["options"] == cold["options"]
    assert warm["renderer"] == cold["renderer"]
    assert warm["hash"] == cold["hash"]


def test_a_warm_kernel_has_loaded_nothing_of_ours(tmp_path: Path) -> None:
    own = json.loads(answer(ALL_OPTIONS, tmp_path, True))["own"]
    assert own == ["thesis", "thesis.execution"]


def test_one_kernel_knows_nothing_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in kernels.SELECT.items():
        monkeypatch.setenv(name, value)
    code = "import pandas\nprint(hasattr(pandas, 'left_here'))\npandas.left_here = True"
    printed = []
    for _ in range(2):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
        printed.append(notebook.cells[0].outputs[0]["text"])
    assert printed == ["False\n", "False\n"]
