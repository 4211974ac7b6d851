"""The data package is one that any Frictionless tool reads, not only this project's."""

import json
import subprocess
import sys

from .conftest import REPOSITORY


def test_frictionless_validates_the_package_with_its_foreign_keys() -> None:
    command = [sys.executable, "-m", "frictionless", "validate", "data/datapackage.json", "--json"]
    answer = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    report = json.loads(answer.stdout)
    assert report["errors"] == []
    assert [task["name"] for task in report["tasks"] if not task["valid"]] == []
    assert answer.returncode == 0
