"""Counts of the dead, as a table of events prints them."""

from __future__ import annotations

import pandas as pd

KILLED = ["security_forces_killed", "civilians_killed", "perpetrators_killed", "unspecified_killed"]
"""The groups of the dead that a row may count, each a column of its own."""


def killed(rows: pd.DataFrame) -> pd.Series[int]:
    """The dead of each row: its own total, else its groups together; missing when it has no number.

    A group that the table has no column for is not counted; a group without a number is not
    taken for none where no other has one either.
    """
    groups = rows[[group for group in KILLED if group in rows]]
    return rows["killed_total"].fillna(groups.sum(axis="columns", min_count=1))
