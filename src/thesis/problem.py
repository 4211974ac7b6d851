"""How a mistake in the data is told to whoever mends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


def counted(number: int, noun: str) -> str:
    """A number with its noun, for a message: ``1 table``, ``2 tables``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


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


def not_utf_8(file: str, error: UnicodeDecodeError, fields: Sequence[str] = ()) -> Problem:
    """Where a file is not UTF-8; fields: the columns, where it is a table."""
    before = error.object[: error.start]
    line, cells = before.count(b"\n") + 1, before[before.rfind(b"\n") + 1 :].count(b",")
    column = fields[cells] if cells < len(fields) else None
    found = f"the byte 0x{error.object[error.start]:02X}, which is not UTF-8 (Windows-1251, perhaps)"
    return Problem(file, line, column, found, "text in UTF-8", "Save the file again with the encoding UTF-8.")
