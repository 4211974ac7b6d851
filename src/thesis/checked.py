"""The problems of the data, looked for once: the very same data is not checked again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from thesis.problem import Problem
from thesis.store import Store, key_of, made_by

_RULES = (
    "check.py",
    "data.py",
    "descriptions.py",
    "house_rules.py",
    "language.py",
    "ledger/checks.py",
    "ledger/claims.py",
    "ledger/queries.py",
    "patterns.py",
    "problem.py",
    "yaml_lines.py",
)
_NOT_CHECKED = ("assets/", "figures/", "filters/", "notebooks/", "src/")


def problems_of(files: Mapping[str, str], store: Store, folder: Callable[[], Path]) -> list[Problem]:
    """Every problem of the data, sorted; none: chapters may run.

    files: the inputs by name, with their digests; folder: makes the copy of exactly these
    inputs that is checked, and says where it stands. It is not asked where the same was
    checked before.
    """
    checked = {name: digest for name, digest in files.items() if not name.startswith(_NOT_CHECKED)}
    key = key_of("checked", made_by(*_RULES), json.dumps(checked, sort_keys=True))

    def check() -> bytes:
        # The libraries that check take longer to load than what is kept takes to read.
        from thesis.check import check_data

        return json.dumps([problem.as_dict() for problem in check_data(folder())]).encode()

    return [Problem(**problem) for problem in json.loads(store.kept(key, check))]
