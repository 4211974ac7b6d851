"""The problems of the data, looked for once: the very same data is not checked again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
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
    program = made_by(*_RULES)

    def check() -> bytes:
        # The libraries that check take longer to load than what is kept takes to read.
        from thesis.check import check_data

        return _written(check_data(folder(), check_claims))

    def check_claims(project: Path, invalid: set[str]) -> list[Problem]:
        # Of the chapters, claims ask only for their names: a word in one is no reason to judge them again.
        asked = {name: "" if name.endswith(".qmd") else digest for name, digest in checked.items()}
        key = key_of("claims", program, json.dumps([asked, sorted(invalid)], sort_keys=True))

        def judge() -> bytes:
            from thesis.ledger import claims

            return _written(claims.check_claims(project, invalid))

        return _read(store.kept(key, judge))

    return _read(store.kept(key_of("checked", program, json.dumps(checked, sort_keys=True)), check))


def _written(problems: Iterable[Problem]) -> bytes:
    return json.dumps([problem.as_dict() for problem in problems]).encode()


def _read(problems: bytes) -> list[Problem]:
    return [Problem(**problem) for problem in json.loads(problems)]
