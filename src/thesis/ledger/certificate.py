"""A record that a reviewer can attach: what was checked, on what, and with what result.

In the spirit of CODECHECK (https://codecheck.org.uk): an independent run, its inputs by
their hashes, its environment by its lock, and every claim that did not come out as
printed. It says nothing that depends on when or where it is written, so that the same
state gives the same bytes.
"""

from __future__ import annotations

import hashlib
import html
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pypandoc
import yaml

from thesis.data import locus
from thesis.execution.environment import locked_versions
from thesis.language import LANGUAGES, Text, number
from thesis.ledger.claims import VERDICTS, WEIGHTS, Judgement, as_record, ledger
from thesis.ledger.display import by_weight, plain
from thesis.tables import pipe_table
from thesis.words import VERDICT_NAMES, WEIGHT_NAMES

_INPUTS = ("data/**/*.csv", "data/**/*.yml", "references.bib")
_OUTPUTS = ("notebooks/*.ipynb", "figures/*")


def certificate(project: Path, reviewer: str | None = None, folder: Path | None = None) -> dict[str, Any]:
    """The record of the project's present state.

    reviewer: the name of the person who signs it; without one it is unsigned; folder: where
    the certificate itself stands, which is not part of the state. Times are the commit's,
    never the clock's. Outside git there is no commit to name.
    """
    judgements = ledger()
    counts = Counter(judgement.verdict for judgement in judgements)
    differing = by_weight(judgement for judgement in judgements if judgement.verdict == "differs")
    weights = Counter(judgement.weight for judgement in differing)
    return {
        "subject": _subject(project),
        "reviewer": reviewer,
        "state": _state(project, folder),
        "inputs": _hashes(project, _INPUTS),
        "outputs": _hashes(project, _OUTPUTS),
        "environment": {
            "lock": _digest(project / "requirements.lock"),
            "packages": locked_versions(project),
        },
        "claims": len(judgements),
        "verdicts": {verdict: counts[verdict] for verdict in VERDICTS},
        "weights": {weight: weights[weight] for weight in WEIGHTS},
        "differing": [as_record(judgement) for judgement in differing],
    }


def _subject(project: Path) -> Text:
    """The thesis's title, as the home page has it."""
    header = yaml.safe_load((project / "index.qmd").read_text(encoding="utf-8").split("---\n")[1])
    return {language: header[f"title-{language}"] for language in LANGUAGES}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hashes(project: Path, patterns: tuple[str, ...]) -> dict[str, str]:
    paths = {path for pattern in patterns for path in project.glob(pattern) if path.is_file()}
    return {path.relative_to(project).as_posix(): _digest(path) for path in sorted(paths)}


def _state(project: Path, folder: Path | None) -> dict[str, Any]:
    """The commit the checkout is at, its time, and the files that are not as committed."""

    def git(*arguments: str) -> str | None:
        run = subprocess.run(["git", "-C", str(project), *arguments], capture_output=True, text=True, check=False)
        return run.stdout.rstrip("\n") if run.returncode == 0 else None

    changed = [line[3:] for line in (git("status", "--porcelain", "--untracked-files=all") or "").splitlines()]
    own = folder.resolve() if folder else None
    return {
        "commit": git("rev-parse", "HEAD"),
        "committed": git("log", "-1", "--format=%cI"),
        "changed": sorted(name for name in changed if own not in (project / name).resolve().parents),
    }


_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem; overflow-wrap: break-word; }}
body {{ font: 1rem/1.55 Georgia, "Noto Serif", serif; color: #1f2629; background: #fdfcfa; }}
h1 {{ font-size: 1.7rem; line-height: 1.2; }} h2 {{ margin-top: 2.2em; font-size: 1.2rem; }}
table {{ width: 100%; border-collapse: collapse; font-size: .9rem; }}
th, td {{ padding: .4rem .6rem .4rem 0; border-bottom: 1px solid #e5e1d8; text-align: left; vertical-align: top; }}
code {{ font-size: .8em; overflow-wrap: anywhere; }}
</style>
</head>
<body>
{body}
</body>
</html>
"""

_WORDS: dict[str, Text] = {
    "title": {"kk": "Қайта есептеу куәлігі", "en": "Certificate of recomputation"},
    "subject": {"kk": "Диссертация", "en": "Thesis"},
    "reviewer": {"kk": "Тексерген адам", "en": "Signed off by"},
    "unsigned": {"kk": "қол қойылмаған", "en": "not signed"},
    "commit": {"kk": "Нұсқа", "en": "Commit"},
    "no-commit": {"kk": "нұсқасы белгісіз", "en": "not under version control"},
    "changed": {"kk": "Осы нұсқадан өзгеше файлдар", "en": "Files not as committed"},
    "none": {"kk": "жоқ", "en": "none"},
    "result": {"kk": "Нәтиже", "en": "Result"},
    "claims": {"kk": "Тексерілген тұжырым", "en": "Claims examined"},
    "differing": {"kk": "Айырмасы бар тұжырымдар", "en": "Claims that differ"},
    "statement": {"kk": "Тұжырым", "en": "Statement"},
    "printed": {"kk": "Басылғаны", "en": "Printed"},
    "found": {"kk": "Қайта есептелгені", "en": "Recomputed"},
    "weight": {"kk": "Салмағы", "en": "Weight"},
    "environment": {"kk": "Есептеу ортасы", "en": "Environment"},
    "inputs": {"kk": "Кіріс файлдары (SHA-256)", "en": "Inputs (SHA-256)"},
    "outputs": {"kk": "Шығыс файлдары (SHA-256)", "en": "Outputs (SHA-256)"},
}


def as_page(record: dict[str, Any], language: str) -> str:
    """The certificate as a page of its own that needs nothing beside it."""

    def say(name: str) -> str:
        return _WORDS[name][language]

    state = record["state"]
    commit = f"`{state['commit']}`, {state['committed']}" if state["commit"] else say("no-commit")
    changed = ", ".join(f"`{name}`" for name in state["changed"]) or say("none")
    lines = [
        f"# {say('title')}",
        f"{say('subject')}: {plain(record['subject'][language])}\n",
        f"{say('reviewer')}: {plain(record['reviewer'] or say('unsigned'))}\n",
        f"{say('commit')}: {commit}\n",
        f"{say('changed')}: {changed}\n",
        f"## {say('result')}\n",
        f"- {say('claims')}: {number(record['claims'], language)}",
        *(
            f"- {VERDICT_NAMES[name][language]}: {number(times, language)}"
            for name, times in record["verdicts"].items()
        ),
        f"\n## {say('differing')}\n",
        pipe_table(
            [say(name) for name in ("statement", "printed", "found", "weight")],
            [_row(judgement, language) for judgement in by_weight(it for it in ledger() if it.verdict == "differs")],
        ),
        f"\n## {say('environment')}\n",
        ", ".join(f"{name} {version}" for name, version in record["environment"]["packages"].items()) + "\n",
    ]
    for name in ("inputs", "outputs"):
        lines += [f"## {say(name)}\n", *(f"- {plain(path)} `{digest}`" for path, digest in record[name].items()), ""]
    body = pypandoc.convert_text("\n".join(lines), "html5", format="markdown-smart", extra_args=["--wrap=none"])
    return _PAGE.format(language=language, title=html.escape(say("title")), body=body.rstrip("\n"))


def _row(judgement: Judgement, language: str) -> list[str]:
    claim = judgement.claim
    statement = (
        f"{plain(claim.statement[language])} ({plain(locus(claim.locus)[language])}) {plain(judgement.note[language])}"
    )
    found = judgement.shown[language] if judgement.shown else "—"
    return [statement, plain(claim.value_printed), found, WEIGHT_NAMES[judgement.weight][language]]


def write_certificate(project: Path, folder: Path, reviewer: str | None = None) -> list[Path]:
    """Write ``certificate.json`` and a page a language into `folder`; returns what was written."""
    record = certificate(project, reviewer, folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / "certificate.json": json.dumps(record, ensure_ascii=False, indent=1) + "\n"}
    files |= {folder / f"certificate.{language}.html": as_page(record, language) for language in LANGUAGES}
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    return list(files)
