"""What `make bench` computes of its own: ratios, the choice of what is edited, larger data; nothing is timed here."""

import shutil
import sys
from pathlib import Path

import pytest

from bench import edits, growth, plain
from bench.measure import COMPARISONS, GROWTH
from bench.processes import Run, median_run, run
from bench.report import Comparison, Grown, Measure, drawn, picture, results
from thesis.check import check_data
from thesis.project import root


def measures(**seconds: float) -> dict[str, Measure]:
    return {name: Measure(name, f"the {name}", runs=[Run(value)]) for name, value in seconds.items()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the checkout as far as `thesis check` looks at it."""
    unneeded = shutil.ignore_patterns(".*", "_site", "tests", "bench", "figures", "notebooks", "assets", "node_modules")
    return Path(shutil.copytree(root(), tmp_path / "project", ignore=unneeded))


@pytest.mark.parametrize(("ours", "ratio", "answer"), [(1.0, "0.50 ×", "yes"), (1.3, "0.65 ×", "**no**")])
def test_a_line_says_whether_the_ratio_is_reached(ours: float, ratio: str, answer: str) -> None:
    row = Comparison("ours", "other", 0.5).row(measures(ours=ours, other=2.0))
    assert row == f"| the ours | the other | {ours:.2f} s | 2.00 s | {ratio} | ≤ 0.5 × | {answer} |"


def test_a_small_ratio_that_takes_too_many_seconds_is_not_reached() -> None:
    comparison = Comparison("ours", "other", 0.03, seconds=2)
    assert comparison.reached(measures(ours=1.9, other=100)) is True
    assert comparison.reached(measures(ours=2.1, other=100)) is False


def test_memory_is_held_against_so_many_times_the_other() -> None:
    both = {name: Measure(name, name, memory=True, runs=[Run(1, 1, peak)]) for name, peak in (("a", 300), ("b", 100))}
    assert Comparison("a", "b", 1.5, times=2).ratio(both) == 1.5
    assert Comparison("a", "b", 1.5, times=2).reached(both) is True


def test_nothing_is_claimed_of_what_was_skipped_or_failed() -> None:
    for other in (
        Measure("other", "the other", skipped="not here"),
        Measure("other", "", runs=[Run(9, fault="ended")]),
    ):
        both = measures(ours=1.0) | {"other": other}
        assert Comparison("ours", "other", 0.5).reached(both) is None
        assert "yes" not in Comparison("ours", "other", 0.5).row(both)
        assert drawn([Comparison("ours", "other", 0.5)], both) == []


@pytest.mark.parametrize(("seconds", "middle"), [([3, 1, 2], 2), ([4, 1, 2, 3], 2.5)])
def test_the_median_is_the_middle(seconds: list[float], middle: float) -> None:
    assert median_run([Run(one) for one in seconds], lambda one: one.seconds) == middle


def test_the_results_say_what_was_skipped_and_how_far_the_runs_lie_apart() -> None:
    known = measures(ours=1.0, other=4.0)
    known["ours"].runs += [Run(3.0), Run(2.0)]
    known["absent"] = Measure("absent", "the absent", skipped="skipped: Quarto is not on the PATH")
    grown = [Grown("as they are", 1000, 1.0, 2.0), Grown("more", 2000, 3.0, fault="build stopped after 30 minutes")]
    text = results({"Date": "2026-01-01"}, [Comparison("ours", "other", 0.5)], known, grown)
    assert "| the ours | the other | 2.00 s | 4.00 s | 0.50 × | ≤ 0.5 × | yes |" in text
    assert "| the ours (`ours`) | 3 | 2.00 s | 1.00 s | 3.00 s |" in text
    assert "skipped: Quarto is not on the PATH" in text
    assert "(3.0 ×)" in text and "build stopped after 30 minutes" in text


def test_the_picture_is_drawn_from_what_was_measured(tmp_path: Path) -> None:
    known = measures(ours=1.0, other=4.0, dear=9.0)
    picture(tmp_path / "ratios.svg", [Comparison("ours", "other", 0.5), Comparison("dear", "other", 1)], known)
    drawing = (tmp_path / "ratios.svg").read_text(encoding="utf-8")
    assert "1 of 2 ratios are reached" in drawing and "the dear / the other" in drawing
    picture(tmp_path / "ratios.svg", [Comparison("ours", "other", 0.5)], {**known, "other": Measure("other", "")})
    assert not (tmp_path / "ratios.svg").exists()  # a picture of another run would be taken for this one's


def test_a_process_is_measured_with_all_it_starts(tmp_path: Path) -> None:
    child = "import time; held = b'x' * 90_000_000; time.sleep(2)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    taken = run([sys.executable, "-c", code], tmp_path, {}, limit=60, with_memory=True)
    assert taken.fault == "" and taken.seconds > 2 and taken.peak > 90_000_000


def test_a_process_that_fails_or_takes_too_long_is_told_and_ended(tmp_path: Path) -> None:
    failed = run([sys.executable, "-c", "raise SystemExit('no such page')"], tmp_path, {}, limit=60)
    assert failed.fault == "ended with status 1: no such page"
    late = run([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, {}, limit=0.5)
    assert late.fault.startswith("stopped after") and late.seconds < 30


def test_the_table_that_is_changed_is_one_that_two_pages_read() -> None:
    read_by = {"data/a.csv": ["x", "y", "z"], "data/b.csv": ["x", "y"], "data/c.csv": ["x", "z"], "data/d.csv": ["x"]}
    assert edits.table_of_two(read_by, read_by) == "data/b.csv"
    assert edits.table_of_two(read_by, ["data/a.csv", "data/d.csv"]) == "data/a.csv"
    with pytest.raises(LookupError):
        edits.table_of_two(read_by, ["data/d.csv"])


def test_the_edits_change_each_time(project: Path) -> None:
    read_by = edits.readers(root())
    table = edits.table_of_two(read_by, edits.tables_with_prose(project))
    assert len(read_by[table]) == 2
    chapter = edits.longest_chapter(project)
    seen = set()
    for _ in range(2):
        seen.add((project / table).read_bytes() + (project / chapter).read_bytes())
        edits.change_table(project / table)
        edits.change_sentence(project / chapter)
    seen.add((project / table).read_bytes() + (project / chapter).read_bytes())
    assert len(seen) == 3


def test_larger_data_are_as_described(project: Path) -> None:
    """All kinds at once, and the edits; less than `make bench` takes of events and claims: rows are made alike."""
    edits.change_table(project / edits.table_of_two(edits.readers(root()), edits.tables_with_prose(project)))
    edits.change_sentence(project / edits.longest_chapter(project))
    sizes = {path: len(growth.read(project / path)) for path in (growth.EVENTS, growth.CLAIMS, *growth.EVENT_PARTS)}
    growth.more_events(project, 3)
    growth.more_claims(project, 2)
    growth.more_editions(project, 163, 13)
    assert check_data(project) == []
    for path, before in sizes.items():
        assert len(growth.read(project / path)) == before * (2 if path == growth.CLAIMS else 3)
    editions = {(row["edition"], row["country"]) for row in growth.read(project / growth.EDITIONS)}
    assert len(editions) >= 163 * 13


def test_larger_data_are_always_the_same(project: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(project, tmp_path / "other"))
    for folder in (project, other):
        growth.more_events(folder, 2)
        growth.more_editions(folder, 163, 13)
    for path in (growth.EVENTS, growth.EDITIONS, growth.COUNTRIES):
        assert (project / path).read_bytes() == (other / path).read_bytes()


PAGE = """# Page

```{python}
#| label: setup
total = 3
total + 1
```

::: {.content-visible when-profile="kk"}
Барлығы `{python} total`.

::: {.note}
Ескерту
:::
:::

::: {.content-visible when-profile="en"}
All: `{python} total`.
:::

The end.
"""


def test_plain_execution_shows_what_a_notebook_shows() -> None:
    text = plain.executed(PAGE, "page")
    assert "\n4\n" in text and "All: 3." in text and "python" not in text


def test_a_page_is_rendered_in_one_language() -> None:
    text = plain.executed(PAGE, "page")
    english, kazakh = (plain.in_language(text, language) for language in ("en", "kk"))
    assert "All: 3." in english and "Барлығы" not in english and "Ескерту" not in english
    assert "Барлығы 3." in kazakh and "Ескерту" in kazakh and "All" not in kazakh
    assert "The end." in english and "The end." in kazakh


def test_every_line_of_the_table_names_what_is_measured() -> None:
    readme = (root() / "bench" / "README.md").read_text(encoding="utf-8")
    for name in {name for one in COMPARISONS for name in (one.of, one.against)}:
        assert f"`{name}`" in readme, name
    for what in GROWTH:
        assert what.split(" ×")[0].split(" ")[0] in readme, what
