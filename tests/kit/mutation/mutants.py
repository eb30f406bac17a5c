"""Makes mutants of a module: each differs from it in one place where a mistake would matter."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}


@dataclass(frozen=True)
class Mutant:
    """One mutant: where, what was changed, and the whole module's source with it."""

    line: int
    change: str
    source: str
    is_text: bool = False
    """Whether only words for people differ: a constant that holds letters and a space."""


def mutants(source: str) -> Iterator[Mutant]:
    """Return all mutants of a module's source, in order."""
    tree = ast.parse(source)
    count = len(list(_places(tree)))
    for number in range(count):
        changed = copy.deepcopy(tree)
        node, how = list(_places(changed))[number]
        before = _short(node)
        replacement = _mutate(node, how)
        if replacement is not node:
            _replace(changed, node, replacement)
        ast.fix_missing_locations(changed)
        mutated = ast.unparse(changed)
        if mutated != ast.unparse(tree):
            change = f"{how}: {before}  ->  {_short(replacement)}"
            yield Mutant(getattr(node, "lineno", 0), change, mutated, how == "constant" and _is_text(before))


def _is_text(constant: str) -> bool:
    return " " in constant and any(letter.isalpha() for letter in constant)


def _places(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    left_alone = _annotations_and_docstrings(tree)
    for node in ast.walk(tree):
        if id(node) in left_alone:
            continue
        if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
            yield node, "comparison"
        elif isinstance(node, ast.BoolOp):
            yield node, "and/or"
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node, "not"
        elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            yield node, "arithmetic"
        elif isinstance(node, ast.If | ast.While | ast.IfExp):
            yield node, "condition"
        elif isinstance(node, ast.Return) and node.value is not None:
            yield node, "return"
        elif isinstance(node, ast.Constant) and type(node.value) in (bool, int, float, str):
            yield node, "constant"
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield node, "call left out"
        elif isinstance(node, ast.Raise) and node.exc is not None:
            yield node, "raise left out"


def _annotations_and_docstrings(tree: ast.AST) -> set[int]:
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation:
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef) and node.returns:
            found.append(node.returns)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.append(node)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            found.append(node)
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id in ("__all__", "log", "_T", "_Handler", "__slots__")
            for target in node.targets
        ):
            found.append(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("passed", "_refusal"):
            found += node.args  # names of steps and words for the log
    return {id(inner) for node in found for inner in ast.walk(node)}


def _mutate(node: ast.AST, how: str) -> ast.AST:
    if isinstance(node, ast.Compare):
        node.ops[0] = _COMPARISONS[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):
        return node.operand
    elif isinstance(node, ast.BinOp):
        node.op = _ARITHMETIC[type(node.op)]()
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Return):
        node.value = ast.Constant(None)
    elif isinstance(node, ast.Constant):
        node.value = _other(node.value)
    elif how in ("call left out", "raise left out"):
        return ast.Pass()
    return node


def _other(value: object) -> bool | int | float | str:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value * 2 + 1
    return f"{value}?" if value else "?"


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list):
                setattr(parent, name, [new if item is old else item for item in value])


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:90]
