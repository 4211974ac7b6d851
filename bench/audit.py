"""Measure every page of the built site and write the figures into docs/audit.md: `make audit`.

Needs the site (`make site`), Chromium, and Node.js with npm, from whose registry Lighthouse
comes as bench/package-lock.json has it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.page_measures import DESK, FLAGS, PHONE, Measures, chromium, launched, measure, served

HERE = Path(__file__).parent
SITE = HERE.parent / "_site"
REPORT = HERE.parent / "docs" / "audit.md"
WAYS = ((PHONE, "light"), (DESK, "dark"))
"""Every page is seen narrow and light, and wide and dark: what either may break shows in one of them."""
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
RUNS = int(os.environ.get("RUNS", "3"))
"""Lighthouse's runs of a page: its performance score differs from one to the next."""
LIMITS = {"weight": 200_000, "shift": 0.02, "score": 98}


def main() -> int:
    """Measure, write the report, and say what is over a limit; returns the exit status."""
    pages = sorted(path.relative_to(SITE).as_posix() for name in ("kk", "en") for path in (SITE / name).rglob("*.html"))
    if not pages:
        print("there is no site yet: `make site` publishes one", file=sys.stderr)
        return 2
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    rows, faults = [], []
    with served(SITE) as address, sync_playwright() as playwright:
        browser = launched(playwright)
        for page in pages:
            seen = [measure(browser, address + page, width, theme) for width, theme in WAYS]
            scores = lighthouse(address + page)
            rows.append(row(page, seen, scores))
            faults += over(page, seen, scores)
            print(rows[-1], flush=True)
        engine = browser.version
        browser.close()
    REPORT.write_text(report(rows, faults, engine), encoding="utf-8")
    print("\n".join(faults) or "nothing is over its limit")
    return 1 if faults else 0


def lighthouse(address: str) -> dict[str, int]:
    """Lighthouse's scores in its mobile preset, of 100; the middle of its runs."""
    runs = []
    for _ in range(RUNS):
        command = [
            "npx",
            "lighthouse",
            address,
            "--quiet",
            "--output=json",
            f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
        ]
        environment = {**os.environ, "CHROME_PATH": chromium() or ""}
        answer = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=True)
        categories = json.loads(answer.stdout)["categories"]
        runs.append({name: round(categories[name]["score"] * 100) for name in CATEGORIES})
    return {name: sorted(run[name] for run in runs)[len(runs) // 2] for name in CATEGORIES}


def row(page: str, seen: list[Measures], scores: dict[str, int]) -> str:
    """One page's line of the report."""
    facts = [
        f"{max(one.weight for one in seen) / 1000:.0f}",
        f"{max(one.shift for one in seen):.3f}",
        str(sum(len(one.violations) for one in seen)),
        str(sum(len(one.complaints) for one in seen)),
        *(str(scores[name]) for name in CATEGORIES),
    ]
    return f"| {page} | " + " | ".join(facts) + " |"


def over(page: str, seen: list[Measures], scores: dict[str, int]) -> list[str]:
    """What is over a limit on a page, one line each."""
    faults = []
    for one in seen:
        if one.weight > LIMITS["weight"]:
            faults.append(f"{page}: {one.weight} bytes before a chart is touched")
        if one.library:
            faults.append(f"{page}: the charts' library is loaded at once")
        if one.shift >= LIMITS["shift"]:
            faults.append(f"{page}: layout shift {one.shift:.3f}")
        faults += [f"{page}: {line}" for line in (*one.violations, *one.complaints)]
    return faults + [f"{page}: {name} {score}" for name, score in scores.items() if score < LIMITS["score"]]


def report(rows: list[str], faults: list[str], engine: str) -> str:
    """The report as Markdown."""
    lighthouse_version = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"][
        "node_modules/lighthouse"
    ]["version"]
    found = "\n".join(f"- {line}" for line in faults) if faults else "Nothing."
    return f"""# Audit of the built site

Written by `make audit`; do not edit. Chromium {engine}, Lighthouse {lighthouse_version} (mobile
preset, {f"middle of {RUNS} runs" if RUNS > 1 else "one run"}), axe-core of axe-playwright-python
{version("axe-playwright-python")} (WCAG 2.2, A and AA).

Every page was loaded twice from a server that compresses as a host does: 360 px wide and
light, 1440 px wide and dark. *Weight* is what is sent before a chart is touched, in kB, the
larger of the two; *shift* is the cumulative layout shift while the page is read to its end;
*axe* counts violations; *console* counts console messages, script errors and requests that
failed or went elsewhere.

Limits: {LIMITS["weight"] // 1000} kB; {LIMITS["shift"]}; none; none; {LIMITS["score"]} of 100 in each of the
four scores of Lighthouse.

| Page | Weight | Shift | axe | Console | Performance | Accessibility | Best practices | SEO |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
{chr(10).join(rows)}

## Over a limit

{found}
"""


if __name__ == "__main__":
    sys.exit(main())
