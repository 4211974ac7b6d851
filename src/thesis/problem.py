"""How a mistake in the data is told to whoever mends it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with one file: where it is, what stands there, what should.

    file: path from the project's folder; line: counted from 1, the header being line 1,
    or None when the whole file is meant; column: the field's name.
    """

    file: str
    line: int | None
    column: str | None
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f", line {self.line}"
        if self.column is not None:
            place += f", column “{self.column}”"
        return f"{place}: found {self.found}; expected {self.expected}. {self.remedy}"

    def as_dict(self) -> dict[str, Any]:
        """The same for machines, keys in the order above."""
        return asdict(self)
