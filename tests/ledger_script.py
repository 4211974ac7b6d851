"""The script that brings the ledger's checks to its page."""

import json


def checks_set_aside(script: str) -> dict[str, str]:
    """The HTML of each check by its row's id, as the script hands it to the page."""
    checks: dict[str, str] = json.loads(script.removeprefix("thesisLedger(").removesuffix(");\n"))
    return checks
