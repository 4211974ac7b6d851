"""The queries of the ledger: which rows of a table a claim speaks of, and what is computed from them.

What stands in ``data/claims.csv`` is data, so it is read by the small grammar below and answered
with pandas operations; nothing of it is ever run as a program. A query is also one of pandas' own.

    query      = all { "or" all } ;
    all        = single { "and" single } ;
    single     = "not" single | "(" query ")" | condition ;
    condition  = column ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) literal
               | column [ "not" ] "in" "[" literal { "," literal } "]"
               | column "." ( "isna" | "notna" ) "(" ")"
               | column "." "str" "." "startswith" "(" text ")"
               | column "." "str" "." "contains" "(" pattern ")"
               | column ;                                    (* one of true and false *)
    sum        = [ "-" ] product { ( "+" | "-" ) product } ;
    product    = operand { ( "*" | "/" | "//" ) operand } ;
    operand    = column | number ;
    literal    = text | [ "-" ] number | "True" | "False" ;
    column     = letter { letter | digit | "_" } ;           (* an ASCII name *)
    number     = digit { digit } [ "." digit { digit } ] ;   (* ASCII, at most 15 digits *)
    text       = '"' { character } '"' | "'" { character } "'" ;
    pattern    = text ;  (* alternatives parted by "|", each of characters as they stand and
                            of sets such as [0-9] and [.]; "^" before one and "$" after it bind
                            it to the beginning and the end. Nothing is repeated, so that no
                            pattern can take long. *)

A text has no line break, no invisible character and no backslash. A date is compared with a text
``"2011-05-17"``. `rows` and `among` hold a query, `column` a sum, which is a column's name nearly
always; a sum takes at most six operands, a query 1,000 characters and 20 levels.

A missing value fulfils no condition but ``isna()``: it is neither equal nor unequal, neither in a
list nor out of it, and what is missing on one side of `and` or `or` is decided by the other
(Kleene's logic, as in pandas' nullable types). Only rows whose query is true are selected.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

MAX_LENGTH = 1000
MAX_DEPTH = 20
MAX_DIGITS = 15
MAX_OPERANDS = 6

Mask = np.ndarray[Any, np.dtype[np.bool_]]


class QueryError(ValueError):
    """A query or sum that cannot be read or answered.

    at: the character it is about, counted from 1; found: what stands there; expected: what may.
    """

    def __init__(self, at: int, found: str, expected: str) -> None:
        super().__init__(f"character {at}: found {found}; expected {expected}")
        self.at, self.found, self.expected = at, found, expected


@dataclass(frozen=True)
class Column:
    """A column by its name; as a query of its own, the rows where it is true."""

    name: str
    at: int


@dataclass(frozen=True)
class Literal:
    """A text, a number, True or False."""

    value: str | float | bool
    at: int


@dataclass(frozen=True)
class Comparison:
    """A column held against a literal."""

    column: Column
    operator: str
    literal: Literal


@dataclass(frozen=True)
class Membership:
    """A column's value in a list, or not in it."""

    column: Column
    literals: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class Method:
    """A column asked by one of the methods `isna`, `notna`, `startswith` and `contains`."""

    column: Column
    method: str
    text: str


@dataclass(frozen=True)
class Not:
    """A query turned round."""

    query: Query


@dataclass(frozen=True)
class Joined:
    """Queries joined by `and` or by `or`."""

    word: str
    queries: tuple[Query, ...]


@dataclass(frozen=True)
class Arithmetic:
    """Two values combined by one of + - * / //."""

    left: Value
    operator: str
    right: Value
    at: int


Query = Comparison | Membership | Method | Column | Not | Joined
Value = Column | Literal | Arithmetic


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a table. Tables are wide and a check wants a column or two, so each is taken when asked for.

    places: where the rows stand in the table, each once and in its order.
    """

    table: pd.DataFrame
    places: np.ndarray[Any, np.dtype[np.intp]]

    def __len__(self) -> int:
        return len(self.places)

    def __contains__(self, column: object) -> bool:
        return column in self.table.columns

    def __getitem__(self, column: str) -> pd.Series[Any]:
        values = self.table[column]
        return values if len(self) == len(values) else values.take(self.places)

    def where(self, mask: Mask) -> Rows:
        """Those of the rows for which the mask, one truth a row, is true."""
        return Rows(self.table, self.places[mask])


# ---- reading ----

_TOKEN = re.compile(
    r"""(?P<space>\ +)|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<text>"[^"]*"|'[^']*')"""
    r"""|(?P<sign>[=!<>]=|//|[<>()\[\],.*/+-])"""
)
_RESERVED = {"and", "or", "not", "in", "True", "False"}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COMBINE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
}
_INSTEAD = {"=": "“==”", "&": "“and”", "|": "“or”", "~": "“not”", "!": "“!=” or “not”"}
_SIMPLE = re.compile(r"\^?(?:[^\\.^$*+?{}()\[\]|]|\[(?:[\w .,:;/_]|[0-9]-[0-9]|[A-Za-z]-[A-Za-z])+\])+\$?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> Iterator[_Token]:
    """The words and signs of a text, and an end; raises QueryError for what is none."""
    if len(text) > MAX_LENGTH:
        raise QueryError(MAX_LENGTH + 1, f"{len(text)} characters", f"at most {MAX_LENGTH}")
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise QueryError(place + 1, _character(text[place]), _INSTEAD.get(text[place], _unread(text[place])))
        if found.lastgroup != "space":
            yield _Token(found.lastgroup, found[0], place + 1)
        place = found.end()
    yield _Token("end", "", len(text) + 1)


def _character(character: str) -> str:
    if " " <= character <= "~":
        return f"“{character}”"
    name = unicodedata.name(character, "a character without a name")
    shown = f"“{character}”, " if character.isprintable() else ""
    return f"{shown}U+{ord(character):04X} {name}"


def _unread(character: str) -> str:
    if character in "\"'":
        return f"a text that ends with {character} too"
    return "columns, texts in quotation marks, numbers, comparisons, and, or, not, in"


class _Reader:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.place = 0
        self.depth = 0
        self.operands = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def take(self) -> _Token:
        token = self.next
        self.place += token.kind != "end"
        return token

    def comes(self, *texts: str) -> bool:
        return self.next.kind in {"name", "sign"} and self.next.text in texts

    def want(self, text: str) -> None:
        if not self.comes(text):
            self.refuse(f"“{text}”")
        self.take()

    def refuse(self, expected: str) -> NoReturn:
        found = f"“{self.next.text}”" if self.next.text else "the end"
        raise QueryError(self.next.at, found, expected)

    def end(self, expected: str) -> None:
        if self.next.kind != "end":
            self.refuse(expected)

    def query(self) -> Query:
        return self.joined("or", lambda: self.joined("and", self.single))

    def joined(self, word: str, part: Callable[[], Query]) -> Query:
        parts = [part()]
        while self.comes(word):
            self.take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def single(self) -> Query:
        if not self.comes("not", "("):
            return self.condition()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.refuse(f"at most {MAX_DEPTH} levels of brackets and “not”")
        inner: Query
        if self.take().text == "not":
            inner = Not(self.single())
        else:
            inner = self.query()
            self.want(")")
        self.depth -= 1
        return inner

    def condition(self) -> Query:
        column = self.column()
        if self.comes(*_COMPARE):
            return Comparison(column, self.take().text, self.literal())
        if self.comes("not", "in"):
            negated = self.comes("not")
            if negated:
                self.take()
            self.want("in")
            return Membership(column, self.listed(), negated)
        if self.comes("."):
            self.take()
            return self.test(column)
        return column

    def test(self, column: Column) -> Method:
        in_text = self.comes("str")
        if in_text:
            self.take()
            self.want(".")
        methods = ("startswith", "contains") if in_text else ("isna", "notna")
        if not self.comes(*methods):
            self.refuse(" or ".join(methods) if in_text else "isna(), notna(), str.startswith(…) or str.contains(…)")
        method = self.take().text
        self.want("(")
        text = ""
        if in_text:
            if self.next.kind != "text":
                self.refuse("a text in quotation marks")
            text = self.pattern() if method == "contains" else str(self.literal().value)
        self.want(")")
        return Method(column, method, text)

    def pattern(self) -> str:
        at = self.next.at + 1
        pattern = str(self.literal().value)
        for part in pattern.split("|"):
            if not _SIMPLE.fullmatch(part):
                expected = "alternatives of plain characters and of sets such as [0-9]; a full stop is written [.]"
                raise QueryError(at, f"the pattern “{part}”", expected)
            at += len(part) + 1
        try:
            re.compile(pattern)
        except re.error as error:  # a set such as [9-0]
            raise QueryError(at - len(pattern) - 1, f"the pattern “{pattern}”", f"a sound one ({error})") from error
        return pattern

    def listed(self) -> tuple[Literal, ...]:
        self.want("[")
        literals = [self.literal()]
        while self.comes(","):
            self.take()
            literals.append(self.literal())
        self.want("]")
        return tuple(literals)

    def column(self) -> Column:
        if self.next.kind != "name" or self.next.text in _RESERVED:
            self.refuse("a column’s name")
        token = self.take()
        return Column(token.text, token.at)

    def literal(self) -> Literal:
        at = self.next.at
        if self.comes("True", "False"):
            return Literal(self.take().text == "True", at)
        if self.next.kind == "text":
            return Literal(_checked(self.take()), at)
        sign = -1 if self.comes("-") else 1
        if sign < 0:
            self.take()
        if self.next.kind != "number":
            self.refuse("a number" if sign < 0 else "a text in quotation marks, a number, True or False")
        return Literal(sign * self.number(), at)

    def number(self) -> float:
        if len(self.next.text) > MAX_DIGITS:
            raise QueryError(self.next.at, f"{len(self.next.text)} digits", f"a number of at most {MAX_DIGITS}")
        text = self.take().text
        return float(text) if "." in text else int(text)

    def sum(self) -> Value:
        at = self.next.at
        if self.comes("-"):
            self.take()
            value: Value = Arithmetic(Literal(0, at), "-", self.product(), at)
        else:
            value = self.product()
        while self.comes("+", "-"):
            sign = self.take()
            value = Arithmetic(value, sign.text, self.product(), sign.at)
        return value

    def product(self) -> Value:
        value = self.operand()
        while self.comes("*", "/", "//"):
            sign = self.take()
            value = Arithmetic(value, sign.text, self.operand(), sign.at)
        return value

    def operand(self) -> Value:
        self.operands += 1
        if self.operands > MAX_OPERANDS:
            self.refuse(f"at most {MAX_OPERANDS} columns and numbers")
        if self.next.kind == "number":
            at = self.next.at
            return Literal(self.number(), at)
        if self.next.kind != "name" or self.next.text in _RESERVED:
            self.refuse("a column’s name or a number")
        return self.column()


def _checked(token: _Token) -> str:
    """The text between quotation marks."""
    for place, character in enumerate(token.text):
        if character == "\\" or not character.isprintable():
            raise QueryError(token.at + place, _character(character), "no backslash, no hidden character")
    return token.text[1:-1]


@cache
def read_query(text: str) -> Query:
    """Read a query; raises QueryError."""
    reader = _Reader(text)
    query = reader.query()
    reader.end("“and”, “or” or the end")
    return query


@cache
def read_sum(text: str) -> Value:
    """Read a column's name or a sum; raises QueryError."""
    reader = _Reader(text)
    value = reader.sum()
    reader.end("+ - * / // or the end")
    return value


def named_texts(query: Query) -> Iterator[tuple[str, str]]:
    """Each text that a column is said to equal, with the column's name; a list may name what is not there."""
    match query:
        case Comparison(column, "==", literal) if isinstance(literal.value, str):
            yield column.name, literal.value
        case Not(inner):
            yield from named_texts(inner)
        case Joined(_, parts):
            for part in parts:
                yield from named_texts(part)


# ---- answering ----


def select(table: pd.DataFrame, text: str) -> Rows:
    """The rows that a query names, all of them for an empty one; raises QueryError."""
    rows = Rows(table, np.arange(len(table)))
    return rows.where(_answer(read_query(text), rows)[0]) if text else rows


def compute(rows: Rows, text: str) -> pd.Series[Any]:
    """A value a row, missing where what it is computed from is; raises QueryError.

    A column alone is given as it stands, of any kind; what is computed is Float64.
    """
    value = read_sum(text)
    if isinstance(value, Column):
        return _column(value, rows)
    computed = _computed(value, rows)
    if not isinstance(computed, pd.Series):
        raise QueryError(1, f"“{text}”", "a column’s name among the numbers")
    return computed


Answer = tuple[Mask, Mask]
"""Where a query is true and where it is false; where neither, what it needs is missing."""


def _answer(query: Query, rows: Rows) -> Answer:
    match query:
        case Not(inner):
            true, false = _answer(inner, rows)
            return false, true
        case Joined(word, parts):
            answers = [_answer(part, rows) for part in parts]
            every, some = (np.logical_and, np.logical_or) if word == "and" else (np.logical_or, np.logical_and)
            return every.reduce([true for true, _ in answers]), some.reduce([false for _, false in answers])
        case Column():
            values = _column(query, rows)
            if _kind(values) != "boolean":
                raise QueryError(query.at, f"“{query.name}” alone, which holds {_kind(values)}s", "a comparison")
            return _decided(values, values)
        case Comparison(column, sign, literal):
            values = _column(column, rows)
            if _kind(values) == "boolean" and sign not in {"==", "!="}:
                raise QueryError(literal.at, f"“{sign}” with true or false", "“==” or “!=”")
            return _decided(_COMPARE[sign](values, _fitting(literal, values, column)), values)
        case Membership(column, literals, negated):
            values = _column(column, rows)
            true, false = _decided(values.isin([_fitting(literal, values, column) for literal in literals]), values)
            return (false, true) if negated else (true, false)
        case Method(column, method, text):
            values = _column(column, rows)
            missing = values.isna().to_numpy(dtype=bool)
            if method in {"isna", "notna"}:
                return (missing, ~missing) if method == "isna" else (~missing, missing)
            if _kind(values) != "text":
                raise QueryError(column.at, f"“{column.name}”, which holds {_kind(values)}s", "a column of texts")
            asked = values.str.startswith(text) if method == "startswith" else values.str.contains(text)
            return _decided(asked, values)


def _decided(truth: pd.Series[Any], values: pd.Series[Any]) -> Answer:
    """True and false where the values are known."""
    true = truth.to_numpy(dtype=bool, na_value=False)
    known = values.notna().to_numpy(dtype=bool)
    return true & known, ~true & known


def _column(column: Column, rows: Rows) -> pd.Series[Any]:
    if column.name not in rows:
        expected = f"a column of the table: {', '.join(map(str, rows.table.columns))}"
        raise QueryError(column.at, f"“{column.name}”, which is no column", expected)
    return rows[column.name]


def _kind(values: pd.Series[Any]) -> str:
    if is_bool_dtype(values.dtype):
        return "boolean"
    if is_numeric_dtype(values.dtype):
        return "number"
    return "date" if is_datetime64_any_dtype(values.dtype) else "text"


def _fitting(literal: Literal, values: pd.Series[Any], column: Column) -> Any:
    """The literal as the column's values are compared with it; raises QueryError for one of another kind."""
    kind, value = _kind(values), literal.value
    if kind == "date" and isinstance(value, str):
        if _DAY.fullmatch(value):
            try:
                return pd.Timestamp(date.fromisoformat(value))
            except ValueError:
                pass
    elif kind == ("boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"):
        return value
    wanted = {"date": 'a day as "2011-05-17"', "boolean": "True or False", "text": "a text in quotation marks"}
    shown = f"“{value}”" if isinstance(value, str) else str(value)
    expected = f"{wanted.get(kind, 'a number')}, as “{column.name}” holds"
    raise QueryError(literal.at, shown, expected)


def _computed(value: Value, rows: Rows) -> Any:
    """A number or a Float64 series, which no whole number can overflow."""
    if isinstance(value, Literal):
        return float(value.value)
    if isinstance(value, Column):
        values = _column(value, rows)
        if _kind(values) != "number":
            raise QueryError(value.at, f"“{value.name}”, which holds {_kind(values)}s", "a column of numbers")
        return values.astype("Float64")
    left, right = _computed(value.left, rows), _computed(value.right, rows)
    if value.operator in {"/", "//"}:
        zero = right == 0
        if zero if isinstance(zero, bool) else zero.any():
            raise QueryError(value.at, "a division by zero", "a number other than zero to divide by")
    return _COMBINE[value.operator](left, right)
