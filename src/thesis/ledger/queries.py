"""The queries of the ledger: a small grammar of our own, answered by pandas and never run as code.

A query names columns and has literals, comparisons, ``and``, ``or``, ``not``, ``in``, sums and
products, and a few methods; :data:`ALLOWED` says which. Anything else is refused before a table
is looked at, so that nothing a cell of ``data/`` holds can do more than choose rows.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from functools import lru_cache, reduce
from typing import Any

import pandas as pd

from thesis.patterns import pattern_fault

ALLOWED = (
    "names of columns, texts, numbers, True and False, lists of these; == != < <= > >= in; and, or, not; + - * / //; "
    ".isin() .isna() .notna() .fillna() .duplicated() .max() .min() .astype('int') .dt.day .dt.month .dt.year "
    ".str.contains() .str.match() .str.startswith() .str.slice()"
)
LONGEST = 1_000
"""How many characters a query may have."""

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda column, values: column.isin(values),
}
_SUMS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_METHODS = {"isin", "isna", "notna", "fillna", "duplicated", "max", "min", "astype"}
_TEXT_METHODS = {"contains", "match", "startswith", "slice"}
_DATE_PARTS = {"day", "month", "year"}
_OPTIONS = {"na", "regex", "keep"}


class QueryError(ValueError):
    """A query that the grammar does not have; the message says what is allowed."""


def matching(rows: pd.DataFrame, query: str) -> pd.DataFrame:
    """The rows for which a query holds; where a cell is missing, it does not.

    Raises QueryError for a query that is none, and whatever pandas raises for one that these
    rows cannot answer.
    """
    answer = _value(_parsed(query), rows)
    if not isinstance(answer, pd.Series) or not pd.api.types.is_bool_dtype(answer.dtype):
        raise QueryError(f"“{query}” is not true or false for each row")
    return chosen(rows, answer)


def chosen(rows: pd.DataFrame, answer: pd.Series[Any]) -> pd.DataFrame:
    """The rows for which the answer is yes; a missing answer is no."""
    return at(rows, _certain(answer).to_numpy().nonzero()[0])


def at(rows: pd.DataFrame, places: Any) -> pd.DataFrame:
    """The rows at these places, which are in order."""
    if len(places) and places[-1] - places[0] == len(places) - 1:
        # Most questions ask for one row, and a slice copies no column.
        return rows.iloc[int(places[0]) : int(places[-1]) + 1]
    return rows.take(places)


def computed(rows: pd.DataFrame, expression: str) -> Any:
    """What an expression over columns gives, a value for each row; raises as :func:`matching` does."""
    return _value(_parsed(expression), rows)


def _certain(answer: pd.Series[Any]) -> pd.Series[Any]:
    """A missing answer is no."""
    return answer.fillna(False).astype(bool)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ast.expr:
    """The query as a tree that holds nothing but the grammar."""
    if len(text) > LONGEST:
        raise QueryError(f"{len(text)} characters, where {LONGEST} are allowed")
    try:
        tree = ast.parse(text, mode="eval").body
        _check(tree)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        if isinstance(error, QueryError):
            raise
        raise QueryError(f"it is no query; allowed are {ALLOWED}") from error
    return tree


def _refuse(node: ast.AST) -> QueryError:
    return QueryError(f"“{ast.unparse(node)}” is not allowed; allowed are {ALLOWED}")


def _check(node: ast.expr) -> None:
    """Refuse what the grammar does not have; every part is looked at, asked for or not."""
    parts: list[ast.expr]
    match node:
        case ast.Name():
            return
        case ast.Constant(value=str() | int() | float()):
            return
        case ast.List(elts=items):
            parts = items
            if not all(isinstance(item, ast.Constant) for item in items):
                raise _refuse(node)
        case ast.BoolOp(values=parts):
            pass
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub(), operand=inner):
            parts = [inner]
        case ast.BinOp(op=sign) if type(sign) in _SUMS:
            parts = [node.left, node.right]
        case ast.Compare(ops=signs) if all(type(sign) in _COMPARISONS for sign in signs):
            parts = [node.left, *node.comparators]
        case ast.Subscript(value=ast.Name(), slice=ast.expr() as inner):
            parts = [inner]
        case ast.Attribute(value=ast.Attribute(value=inner, attr="dt"), attr=name) if name in _DATE_PARTS:
            parts = [inner]
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=given, keywords=options):
            if isinstance(inner, ast.Attribute) and inner.attr == "str" and name in _TEXT_METHODS:
                inner = inner.value
            elif name not in _METHODS or (name == "astype" and [ast.unparse(it) for it in given] != ["'int'"]):
                raise _refuse(node)
            if not all(isinstance(it, ast.Constant | ast.List) for it in given):
                raise _refuse(node)
            if not all(it.arg in _OPTIONS and isinstance(it.value, ast.Constant) for it in options):
                raise _refuse(node)
            literal = any(it.arg == "regex" and it.value.value is False for it in options)  # type: ignore[attr-defined]
            if name in {"contains", "match"} and not literal:
                for it in given:
                    fault = pattern_fault(str(getattr(it, "value", "")))
                    if fault:
                        raise QueryError(f"“{ast.unparse(node)}” has a pattern {fault}")
            parts = [inner, *given, *(it.value for it in options)]
        case _:
            raise _refuse(node)
    for part in parts:
        _check(part)


def _value(node: ast.expr, rows: pd.DataFrame) -> Any:
    """What a checked part of a query gives: a column, a value, or a list of values."""
    match node:
        case ast.Name(id=name):
            if name not in rows:
                raise QueryError(f"there is no column “{name}”")
            return rows[name]
        case ast.Constant(value=value):
            return value
        case ast.List(elts=items):
            return [_value(item, rows) for item in items]
        case ast.BoolOp(op=sign, values=parts):
            join = operator.and_ if isinstance(sign, ast.And) else operator.or_
            return reduce(join, (_value(part, rows) for part in parts))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, rows)
        case ast.UnaryOp(operand=inner):
            return ~_value(inner, rows)
        case ast.BinOp(left=left, op=sign, right=right):
            return _SUMS[type(sign)](_value(left, rows), _value(right, rows))
        case ast.Compare(left=left, ops=signs, comparators=others):
            sides = [_value(side, rows) for side in (left, *others)]
            pairs = zip(signs, sides, sides[1:], strict=False)
            return reduce(operator.and_, (_COMPARISONS[type(sign)](one, other) for sign, one, other in pairs))
        case ast.Subscript(value=column, slice=inner):
            return _value(column, rows)[_certain(_value(inner, rows))]
        case ast.Attribute(value=ast.Attribute(value=inner), attr=name):
            return getattr(_value(inner, rows).dt, name)
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=given, keywords=options):
            if name in _TEXT_METHODS:
                assert isinstance(inner, ast.Attribute)
                owner = _value(inner.value, rows).str
            else:
                owner = _value(inner, rows)
            named = {str(it.arg): _value(it.value, rows) for it in options}
            return getattr(owner, name)(*(_value(it, rows) for it in given), **named)
        case _:
            raise _refuse(node)
