"""What a name means in a chapter: the rules of a page that neither Ruff nor mypy knows.

A page is one long program, in which a name means whatever was said last. So

- ``defined-once``: a name has one definition at the top level of a page. Only a loop's
  variable may be that of other loops too, and within a cell a value may be made in steps.
- ``loop-variable``: the variable of a top-level loop is used in such a loop alone.
- ``import-shadowed``: nothing else has the name of an import, not even inside a function.
- ``changed-later``: a cell changes no frame, list or dictionary that an earlier cell made.
  A second name for the same object, and a function that changes what it is given, are not seen.

The name ``_`` is nobody's.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

_CHANGING = {
    *("add", "append", "clear", "discard", "drop", "extend", "insert", "pop", "popitem", "remove", "reverse"),
    *("setdefault", "sort", "update"),
}
"""Methods that change what they are called on, when nothing takes what they return."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_KINDS = {"for": "a loop's variable", "import": "an import", "def": "a function or class", "assign": "a value"}


@dataclass(frozen=True)
class _Binding:
    """A place where a name gets its meaning; kind: a key of `_KINDS`."""

    name: str
    kind: str
    line: int
    top_level: bool


@dataclass
class _Page:
    """All that the rules ask of a page's code."""

    bindings: list[_Binding] = field(default_factory=list)
    uses: list[tuple[str, int]] = field(default_factory=list)
    """Where a name of the top level is read, from wherever: name and line."""
    changes: list[tuple[str, int]] = field(default_factory=list)
    """Where what such a name stands for is changed in place."""
    loops: list[tuple[set[str], int, int]] = field(default_factory=list)
    """The loops of the top level: their variables, first and last line."""


def name_problems(code: str, cells: dict[int, str]) -> Iterator[tuple[int, str, str]]:
    """What is wrong with the names of a page: line, rule and message.

    code: the page's Python; cells: the name of the cell that holds a line. Code that Python
    cannot parse has no problem here; Ruff says what is wrong with it.
    """
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return
    page = _Page()
    for statement in tree.body:
        _read(statement, [], page)
    defined: dict[str, list[_Binding]] = defaultdict(list)
    for binding in page.bindings:
        if binding.top_level and binding.name != "_":
            defined[binding.name].append(binding)
    imports = {name: found[0].line for name, found in defined.items() if found[0].kind == "import"}
    for name, found in defined.items():
        yield from _defined_again(name, found, cells)
    for binding in page.bindings:
        if not binding.top_level and binding.name in imports:
            message = (
                f"“{binding.name}” is imported on line {imports[binding.name]}; give {_KINDS[binding.kind]} another"
            )
            yield binding.line, "import-shadowed", f"{message} name"
    for name, line in page.uses:
        counted = [(first, last) for names, first, last in page.loops if name in names]
        if counted and not any(first <= line <= last for first, last in counted):
            message = f"“{name}” is the variable of the loop on line {counted[0][0]} and means its last value here"
            yield line, "loop-variable", f"{message}; pass it, or give this another name"
    for name, line in page.changes:
        first = min((binding.line for binding in defined.get(name, [])), default=line)
        if cells.get(first) != cells.get(line):
            message = f"“{name}” was made in the cell “{cells.get(first)}”, line {first}"
            yield line, "changed-later", f"{message}; change a copy with a name of its own, or make it so there"


def _defined_again(name: str, found: list[_Binding], cells: dict[int, str]) -> Iterator[tuple[int, str, str]]:
    """A second definition of a name at the top level of a page."""
    first, *later = found
    in_steps = {binding.kind for binding in found} == {"assign"} and len({cells.get(b.line) for b in found}) == 1
    if in_steps or {binding.kind for binding in found} == {"for"}:
        return
    for binding in later:
        if binding.kind == first.kind == "assign" and cells.get(binding.line) == cells.get(first.line):
            continue
        if first.kind == "import":
            rule, remedy = "import-shadowed", "give this another name"
        else:
            rule, remedy = "defined-once", "give each a name of its own, or write a function with what they share"
        where = f"line {first.line} (cell “{cells.get(first.line)}”)"
        yield binding.line, rule, f"“{name}” is {_KINDS[first.kind]} since {where}; {remedy}"


def _read(node: ast.AST, scopes: list[set[str]], page: _Page) -> None:
    """Note what a node and all inside it say about names; scopes: the local names around it, outermost first."""
    top_level = not scopes
    page.bindings += [_Binding(name, kind, line, top_level) for name, kind, line in _own_bindings(node)]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not any(node.id in scope for scope in scopes):
        page.uses.append((node.id, node.lineno))
    if isinstance(node, ast.For) and top_level:
        names = {name for name, _, _ in _targets(node.target, "for")}
        page.loops.append((names, node.lineno, node.end_lineno or node.lineno))
    changed = _changed(node)
    if changed is not None and not any(changed.id in scope for scope in scopes):
        page.changes.append((changed.id, changed.lineno))
    if isinstance(node, _Function | ast.ClassDef | _Comprehension):
        local = set(_local_names(node))
        for child, inside in _children(node):
            _read(child, [*scopes, local] if inside else scopes, page)
    else:
        for child in ast.iter_child_nodes(node):
            _read(child, scopes, page)


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """What a function, class or comprehension holds, and whether its own names are known there."""
    if isinstance(node, _Function):
        defaults = [*node.args.defaults, *(value for value in node.args.kw_defaults if value)]
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        yield from ((value, False) for value in defaults)
        yield from ((argument, True) for argument in arguments if argument)
        if isinstance(node, ast.Lambda):
            yield node.body, True
        else:
            yield from ((decorator, False) for decorator in node.decorator_list)
            yield from ((statement, True) for statement in node.body)
    elif isinstance(node, ast.ClassDef):
        yield from ((value, False) for value in [*node.bases, *node.decorator_list])
        yield from ((statement, True) for statement in node.body)
    else:
        yield from ((child, True) for child in ast.iter_child_nodes(node))


def _local_names(scope: ast.AST) -> Iterator[str]:
    """The names that a function, class or comprehension binds for itself."""
    waiting = [child for child, inside in _children(scope) if inside]
    while waiting:
        node = waiting.pop()
        yield from (name for name, _, _ in _own_bindings(node))
        if not isinstance(node, _Function | ast.ClassDef | _Comprehension):
            waiting += ast.iter_child_nodes(node)


def _own_bindings(node: ast.AST) -> Iterator[tuple[str, str, int]]:
    """The names that this very node gives a meaning: name, kind and line."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name, "def", node.lineno
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name.partition(".")[0], "import", alias.lineno) for alias in node.names)
    elif isinstance(node, ast.arg):
        yield node.arg, "assign", node.lineno
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        yield from _targets(node.target, "for")
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _targets(target, "assign")
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        yield from _targets(node.target, "assign")
    elif isinstance(node, ast.withitem) and node.optional_vars:
        yield from _targets(node.optional_vars, "assign")
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name, "assign", node.lineno


def _targets(target: ast.expr, kind: str) -> Iterator[tuple[str, str, int]]:
    if isinstance(target, ast.Name):
        yield target.id, kind, target.lineno
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _targets(part, kind)
    elif isinstance(target, ast.Starred):
        yield from _targets(target.value, kind)


def _changed(node: ast.AST) -> ast.Name | None:
    """The name whose object this node changes in place, if it does."""
    if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
        return _root(node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        return _root(node.value.func) if node.value.func.attr in _CHANGING else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        in_place = any(given.arg == "inplace" for given in node.keywords)
        return _root(node.func) if in_place else None
    return None


def _root(node: ast.expr) -> ast.Name | None:
    """The name at the left end of ``name["a"].loc[b]``; None where a call stands between."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node if isinstance(node, ast.Name) else None
