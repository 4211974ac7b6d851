"""The environments that other services make: from the lock, with commands that work."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

from thesis.project import root

DEVCONTAINER = root() / ".devcontainer" / "devcontainer.json"
BINDER = root() / ".binder"
COPIED = (
    "_quarto.yml",
    "chapters",
    "data",
    "references.bib",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "src",
    ".binder",
)


def python_of_the_lock() -> str:
    with (root() / "pyproject.toml").open("rb") as file:
        oldest: str = tomllib.load(file)["project"]["requires-python"]
    return oldest.removeprefix(">=")


def test_the_dev_container_is_made_by_the_makefile_with_the_lock_s_python() -> None:
    settings = json.loads(DEVCONTAINER.read_text(encoding="utf-8"))
    assert f":{python_of_the_lock()}-" in settings["image"]
    target = settings["postCreateCommand"].removeprefix("make ")
    assert re.search(rf"^{target}:.*## ", (root() / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    vscode = settings["customizations"]["vscode"]
    # The environment that `make setup` makes, and what opens notebooks and chapters in it.
    assert vscode["settings"]["python.defaultInterpreterPath"] == "${containerWorkspaceFolder}/.venv/bin/python"
    assert {"ms-toolsai.jupyter", "quarto.quarto"} <= set(vscode["extensions"])
    assert "PORT ?= 8000" in (root() / "Makefile").read_text(encoding="utf-8")
    assert settings["forwardPorts"] == [8000]


def test_binder_installs_the_lock_with_its_hashes_for_its_python() -> None:
    assert (BINDER / "runtime.txt").read_text(encoding="utf-8") == f"python-{python_of_the_lock()}\n"
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert lines == ["--require-hashes", "-r ../requirements.lock"]
    assert (BINDER / lines[1].split()[1]).resolve() == root() / "requirements.lock"


def test_what_binder_runs_last_makes_the_command_work_in_a_clean_folder(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in COPIED:
        if (root() / name).is_dir():
            shutil.copytree(root() / name, project / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(root() / name, project / name)
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    # What Binder installed before; the package itself is what the script has to add.
    packages = next((environment / "lib").iterdir()) / "site-packages"
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    settings = {**os.environ, "PATH": f"{environment / 'bin'}:{os.environ['PATH']}"}
    settings.pop("PYTHONPATH", None)
    run = subprocess.run([project / ".binder" / "postBuild"], cwd=project, env=settings, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "data/ is as described" in run.stderr
    where = "import thesis; print(thesis.__file__)"
    answer = subprocess.run(
        [environment / "bin" / "python", "-c", where],
        cwd=tmp_path,
        env=settings,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == str(project / "src" / "thesis" / "__init__.py")
