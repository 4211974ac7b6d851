"""What was measured, as tables and a picture: `bench/RESULTS.md` and `bench/ratios.svg`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import Run, median_run

MEGABYTE = 1_000_000


@dataclass
class Measure:
    """One thing that was measured.

    name: how `ONLY=` calls it; what: in words; memory: whether memory is what is compared,
    not time; skipped: why it was not measured, empty where it was; note: what a reader must
    know to understand the number.
    """

    name: str
    what: str
    memory: bool = False
    skipped: str = ""
    note: str = ""
    runs: list[Run] = field(default_factory=list)

    @property
    def value(self) -> float | None:
        """The median: seconds, or bytes for memory; None where nothing was measured."""
        return median_run(self.runs, self.of) if self.runs else None

    @property
    def fault(self) -> str:
        """Why a run did not end well; empty when all did."""
        return next((run.fault for run in self.runs if run.fault), "")

    def of(self, run: Run) -> float:
        """What is compared of a run."""
        return float(run.peak) if self.memory else run.seconds

    def told(self, value: float | None) -> str:
        """A value of this measure with its unit."""
        if value is None:
            return "–"
        if self.memory:
            return f"{value / MEGABYTE:,.0f} MB"
        return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


@dataclass(frozen=True)
class Comparison:
    """One line of the table.

    of, against: names of measures; limit: the ratio that is to be reached; times: what the
    second is multiplied by first; seconds: the time that must not be passed besides.
    """

    of: str
    against: str
    limit: float
    times: float = 1
    seconds: float | None = None

    def ratio(self, measures: Mapping[str, Measure]) -> float | None:
        """The one by the other; None where one of them is missing or ended with a fault."""
        one, other = measures[self.of], measures[self.against]
        if one.value is None or not other.value or one.fault or other.fault:
            return None
        return one.value / (other.value * self.times)

    def reached(self, measures: Mapping[str, Measure]) -> bool | None:
        """Whether what is to be reached is; None where there is no ratio."""
        ratio = self.ratio(measures)
        if ratio is None:
            return None
        seconds = measures[self.of].value or 0.0
        return ratio <= self.limit and (self.seconds is None or seconds < self.seconds)

    def row(self, measures: Mapping[str, Measure]) -> str:
        """The line in Markdown."""
        one, other = measures[self.of], measures[self.against]
        ratio, reached = self.ratio(measures), self.reached(measures)
        against = f"{other.what}, × {self.times:g}" if self.times != 1 else other.what
        limit = f"≤ {self.limit:g} ×" + (f" and under {self.seconds:g} s" if self.seconds else "")
        answer = "–" if reached is None else "yes" if reached else "**no**"
        ratios = "–" if ratio is None else f"{ratio:.3f} ×" if ratio < 0.1 else f"{ratio:.2f} ×"
        second = None if other.value is None else other.value * self.times
        cells = [one.what, against, one.told(one.value), other.told(second), ratios, limit, answer]
        return "| " + " | ".join(cells) + " |"


@dataclass(frozen=True)
class Grown:
    """One larger set of data and what it costs; None where it could not be measured.

    size: bytes of all CSV files; check, build: seconds; ledger, data, search: bytes sent
    for the first view of either page and for the first search; milliseconds: of one search.
    """

    what: str
    size: int
    check: float | None = None
    build: float | None = None
    ledger: int | None = None
    data: int | None = None
    search: int | None = None
    milliseconds: float | None = None
    fault: str = ""


def results(
    facts: Mapping[str, str],
    comparisons: Sequence[Comparison],
    measures: Mapping[str, Measure],
    growth: Sequence[Grown],
) -> str:
    """All of `bench/RESULTS.md`; facts: what was measured with, name → value."""
    parts = [
        "# How long it takes",
        "Written by `make bench`; do not edit. [README.md](README.md) says what each line measures and how.",
        *(["![Each ratio beside the one to be reached](ratios.svg)"] if drawn(comparisons, measures) else []),
        "## Against others, and against ourselves",
        "The first thing named is ours, the second what it is held against; both are medians of the runs listed "
        "below. A ratio under 1 means that ours takes less.",
        _table(
            ["What", "Against", "Ours", "The other", "Ratio", "To reach", "Reached"],
            "llrrrll",
            [one.row(measures) for one in comparisons],
        ),
        "## Every measurement",
        "Each is a whole process, or several one after another, seen from outside. *Processor* is the time all its "
        "processes together kept a processor busy: more than the time that passed when two work at once.",
        _table(
            ["Measurement", "Runs", "Median", "Least", "Most", "Processor", "Remarks"],
            "lrrrrrl",
            [_measured(one) for one in measures.values()],
        ),
    ]
    if growth:
        parts += ["## When the data grow", *_grown(growth)]
    parts += ["## Measured with", _table(["", ""], "ll", [f"| {name} | {value} |" for name, value in facts.items()])]
    return "\n\n".join(parts) + "\n"


def drawn(comparisons: Sequence[Comparison], measures: Mapping[str, Measure]) -> list[tuple[str, float, float]]:
    """What the picture shows: each comparison in words, its ratio, and the ratio to reach."""
    return [
        (f"{measures[one.of].what} / {measures[one.against].what}", ratio, one.limit)
        for one in comparisons
        if (ratio := one.ratio(measures)) is not None
    ]


def picture(path: Path, comparisons: Sequence[Comparison], measures: Mapping[str, Measure]) -> None:
    """Draw the ratios in the look of the site's charts, or take the old picture away where there is none."""
    path.unlink(missing_ok=True)
    lines = drawn(comparisons, measures)
    if not lines:
        return
    import altair as alt
    import pandas as pd

    from thesis.charts import palette, title, write_chart

    colours = palette()
    reached = [bool(one.reached(measures)) for one in comparisons if one.ratio(measures) is not None]
    rows = pd.DataFrame(lines, columns=["what", "ratio", "limit"]).assign(reached=reached)
    base = alt.Chart(rows).encode(
        alt.Y("what:N", sort=None, title=None, axis=alt.Axis(labelLimit=420)),
    )
    scale = alt.Scale(type="log")
    ticks = base.mark_tick(color=colours["ink"], thickness=2, height=16).encode(alt.X("limit:Q", scale=scale))
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        alt.X("ratio:Q", scale=scale, title="ours ÷ the other (each step to the right is dearer)"),
        alt.Color(
            "reached:N",
            scale=alt.Scale(domain=[True, False], range=[colours["kazakhstan"], colours["negative"]]),
            legend=None,
        ),
    )
    chart = (ticks + points).properties(
        title=title(
            f"{sum(reached)} of {len(reached)} ratios are reached",
            "A dot is what was measured, an upright line what is to be reached",
        ),
        height=26 * len(lines),
        background="white",
    )
    before = os.environ.get("THESIS_FIGURES")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["THESIS_FIGURES"] = folder
        try:
            write_chart(chart, "ratios", "en", "Each ratio beside the one to be reached.")
        finally:
            os.environ.pop("THESIS_FIGURES")
            if before is not None:
                os.environ["THESIS_FIGURES"] = before
        shutil.copyfile(Path(folder) / "ratios.en.svg", path)


def _table(heads: Sequence[str], sides: str, rows: Sequence[str]) -> str:
    rule = "|" + "|".join("---:" if side == "r" else "---" for side in sides) + "|"
    return "\n".join(["| " + " | ".join(heads) + " |", rule, *rows])


def _measured(measure: Measure) -> str:
    remarks = "; ".join(filter(None, (measure.skipped, measure.note, measure.fault))).replace("|", "\\|")
    if not measure.runs:
        return f"| {measure.what} (`{measure.name}`) | 0 | – | – | – | – | {remarks} |"
    values = [measure.of(run) for run in measure.runs]
    processor = f"{median_run(measure.runs, lambda run: run.processor):.1f} s"
    cells = [f"{measure.what} (`{measure.name}`)", str(len(values))]
    cells += [measure.told(value) for value in (measure.value, min(values), max(values))]
    return "| " + " | ".join([*cells, processor, remarks]) + " |"


def _grown(growth: Sequence[Grown]) -> list[str]:
    first = growth[0]

    def times(value: float | None, before: float | None) -> str:
        return f" ({value / before:.1f} ×)" if value is not None and before else ""

    def cell(value: float | None, before: float | None, unit: str, scale: float = 1) -> str:
        return "–" if value is None else f"{value / scale:,.1f} {unit}{times(value, before)}"

    rows = []
    for one in growth:
        cells = [
            one.what,
            cell(one.size, first.size, "MB", MEGABYTE),
            cell(one.check, first.check, "s"),
            cell(one.build, first.build, "s"),
            cell(one.ledger, first.ledger, "kB", 1000),
            cell(one.data, first.data, "kB", 1000),
            cell(one.search, first.search, "kB", 1000),
            cell(one.milliseconds, None, "ms"),
            one.fault.replace("|", "\\|"),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    heads = ["Data", "CSV files", "Check", "Full build", "Ledger", "Data page", "First search loads", "One search", ""]
    return [
        "One run each. In brackets: how many times as much as with the data as they are. Time should grow no faster "
        "than the data it reads; what a page loads first should stay; one search should stay under 50 ms.",
        _table(heads, "lrrrrrrrl", rows),
    ]
