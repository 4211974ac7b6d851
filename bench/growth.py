"""Synthetic data of a size the thesis may grow to, made from its own rows; always the same.

Everything here changes a copy of the project, never the project itself. What it makes means
nothing, but `thesis check` finds it as described.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from string import ascii_uppercase

Row = dict[str, str]

EVENTS = Path("data/appendix-a/events.csv")
EVENT_PARTS = tuple(EVENTS.with_name(f"event_{part}.csv") for part in ("details", "places", "sources"))
CLAIMS = Path("data/claims.csv")
FACTS = Path("data/reference/facts.csv")
EDITIONS = Path("data/reference/gti_editions.csv")
COUNTRIES = Path("data/countries.csv")


def read(path: Path) -> list[Row]:
    """A table's rows as text."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def write(path: Path, rows: list[Row]) -> None:
    """Write a table anew; there must be a row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def more_events(project: Path, factor: int) -> None:
    """`factor` times the events of Appendix A, each copy with its details, places and sources.

    A copy hurts nobody: the chapters stop where their prose no longer holds, and some of it
    says which time cost more lives.
    """
    events = read(project / EVENTS)
    nobody = dict.fromkeys((name for name in events[0] if name.endswith(("_killed", "_wounded"))), "")
    nobody |= {"killed_total": "", "casualties_printed": ""}

    def event(row: Row, copy: int) -> Row:
        own = {"id": f"{row['id']}.copy-{copy}", "row": str(int(row["row"]) + copy * len(events))}
        return nobody | own

    write(project / EVENTS, repeated(events, factor, event))
    for path in EVENT_PARTS:
        rows = repeated(
            read(project / path),
            factor,
            lambda row, copy: {"id": f"{row['id']}.copy-{copy}", "event": f"{row['event']}.copy-{copy}"},
        )
        write(project / path, rows)


def more_claims(project: Path, factor: int) -> None:
    """`factor` times the claims, each copy with a statement of its own and with the facts found for it."""

    def claim(row: Row, copy: int) -> Row:
        statements = {name: f"{row[name]} ({copy + 1})" for name in ("statement_kk", "statement_en")}
        return {"id": f"{row['id']}.copy-{copy}", **statements}

    write(project / CLAIMS, repeated(read(project / CLAIMS), factor, claim))
    facts = read(project / FACTS)
    found = repeated(
        (row for row in facts if row["claim"]),
        factor,
        lambda row, copy: {"id": f"{row['id']}.copy-{copy}", "claim": f"{row['claim']}.copy-{copy}"},
    )
    write(project / FACTS, [row for row in facts if not row["claim"]] + found)


def more_editions(project: Path, countries: int, editions: int) -> None:
    """An index of so many countries in so many editions, with countries that do not exist where ours are too few."""
    known = read(project / COUNTRIES)
    write(project / COUNTRIES, known + synthetic_countries(known, countries))
    names = [row["id"] for row in read(project / COUNTRIES)][:countries]
    rows = read(project / EDITIONS)
    there = {(row["edition"], row["country"]) for row in rows}
    last = max(int(row["edition"]) for row in rows)
    source = rows[0]["source"]
    for year, (place, country) in product(range(last - editions + 1, last + 1), enumerate(names)):
        if (str(year), country) in there:
            continue
        rank = (place * 7 + year) % countries + 1
        score = f"{10 * (1 - rank / (countries + 1)):.3f}"
        values = {"edition": str(year), "country": country, "source": source, "rank": str(rank), "score": score}
        rows.append(dict.fromkeys(rows[0], "") | values | {"passage": f"{country} {rank} {score}"})
    write(project / EDITIONS, rows)


def synthetic_countries(known: list[Row], wanted: int) -> list[Row]:
    """As many countries that do not exist as are missing; X begins a code that no country has."""
    codes = [f"X{first}{second}" for first, second in product(ascii_uppercase, repeat=2)]
    names = {
        name: text
        for language, text in (("kk", "Ойдан шығарылған ел"), ("en", "Invented country"))
        for name in (f"name_{language}", f"short_{language}")
    }
    template = dict.fromkeys(known[0], "") | {"group": "other"}
    taken = {row["id"] for row in known}
    return [
        template | {name: f"{text} {number}" for name, text in names.items()} | {"id": code}
        for number, code in enumerate((code for code in codes if code not in taken), 1)
        if number <= wanted - len(known)
    ]


def repeated(rows: Iterable[Row], factor: int, changes: Callable[[Row, int], Row]) -> list[Row]:
    """The rows, and `factor` − 1 copies of each with what `changes` gives for the row and the copy's number."""
    given = list(rows)
    return given + [row | changes(row, copy) for copy in range(1, factor) for row in given]
