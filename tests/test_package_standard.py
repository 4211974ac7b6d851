"""The data package is one that any Frictionless tool reads, not only this project's."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from thesis.descriptions import build_package

from .conftest import REPOSITORY


def test_frictionless_validates_the_package_with_its_foreign_keys(tmp_path: Path) -> None:
    folder = shutil.copytree(REPOSITORY / "data", tmp_path / "data")
    package = build_package(REPOSITORY, "https://example.org/thesis/")
    (folder / "datapackage.json").write_text(json.dumps(package, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    report = json.loads(answer.stdout)
    assert report["errors"] == []
    assert [task["name"] for task in report["tasks"] if not task["valid"]] == []
    assert len(report["tasks"]) == len(package["resources"])
    assert answer.returncode == 0


def test_the_package_says_what_it_is_of_whom_and_where() -> None:
    package = build_package(REPOSITORY, "https://example.org/thesis/")
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert package["homepage"] == "https://example.org/thesis/"
    assert [licence["name"] for licence in package["licenses"]] == ["CC-BY-4.0"]
    assert package["contributors"] == [{"title": "The maintainers of this project", "roles": ["maintainer"]}]
    assert "homepage" not in build_package(REPOSITORY), "of an address nobody knows"
