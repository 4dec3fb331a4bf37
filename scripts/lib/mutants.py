"""Makes mutants: the same module with one small change that a test should notice."""

import ast
import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
"""The boundary, and the opposite."""
ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
NAMES: Final = {"min": "max", "max": "min", "ROUND_FLOOR": "ROUND_CEILING", "ROUND_CEILING": "ROUND_FLOOR"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small change. Function and texts tell it apart also when the lines around it have moved."""

    function: str  # "" for the module
    line: int
    before: str
    after: str
    tree: ast.Module
    lines: frozenset[int]
    """The lines of what is changed."""
    in_body: bool
    """Whether that is in the body of a function, which may be put into a module that is loaded."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in the page."""
        return self.function, self.before, self.after


def mutants(source: str) -> list[Mutant]:
    """Return all mutants of a module, in the order of its lines; the same change twice in a function counts once."""
    tree = ast.parse(source)
    found: dict[tuple[str, str, str], Mutant] = {}
    for node, where in _places(tree, _Where()):
        lines = frozenset(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        for changed in _changes(node):
            before, after = _line(node), _line(changed)
            if before != after and (where.function, before, after) not in found:
                mutated = _with(tree, node, changed)
                mutant = Mutant(where.function, node.lineno, before, after, mutated, lines, where.in_body)
                found[mutant.key] = mutant
    return sorted(found.values(), key=lambda mutant: (mutant.line, mutant.before, mutant.after))


def sample(all_of_them: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """Return at most this many mutants (0: all), always the same ones for a seed, in their order."""
    if not 0 < count < len(all_of_them):
        return all_of_them
    chosen = random.Random(seed).sample(range(len(all_of_them)), count)
    return [all_of_them[index] for index in sorted(chosen)]


@dataclass(frozen=True, slots=True)
class _Where:
    function: str = ""
    in_body: bool = False


def _places(node: ast.AST, where: _Where) -> Iterator[tuple[ast.expr | ast.stmt, _Where]]:
    """Yield what may be changed, with the function that it is in: no annotations, decorators or texts."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "type_params", "bases", "keywords"} and not isinstance(
            node, ast.Call
        ):
            continue
        if name == "body" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            where = replace(where, in_body=True)
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST):
                continue
            inside = where
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inside = replace(where, function=f"{where.function}.{child.name}".lstrip("."))
            elif isinstance(child, ast.expr | ast.stmt):
                yield child, where
            yield from _places(child, inside)


def _changes(node: ast.expr | ast.stmt) -> Iterator[ast.expr | ast.stmt]:
    """Yield what a node is changed into."""
    match node:
        case ast.Compare(ops=ops):
            for index, operator in enumerate(ops):
                for other in COMPARISONS[type(operator)]:
                    yield _copied(node, lambda new, i=index, o=other: new.ops.__setitem__(i, o()))
        case ast.BoolOp(op=operator):
            other = ast.Or if isinstance(operator, ast.And) else ast.And
            yield _copied(node, lambda new: setattr(new, "op", other()))
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield copy.deepcopy(node.operand)
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator) if type(operator) in ARITHMETIC:
            yield _copied(node, lambda new: setattr(new, "op", ARITHMETIC[type(operator)]()))
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(value + 1)
        case ast.Name(id=name) if name in NAMES:
            yield ast.Name(NAMES[name], ast.Load())
        case ast.IfExp():
            yield copy.deepcopy(node.body)
            yield copy.deepcopy(node.orelse)
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute()]):
            yield ast.Pass()


def _copied[Node: ast.AST](node: Node, change: Callable[[Node], object]) -> Node:
    new = copy.deepcopy(node)
    change(new)
    return new


def _line(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _with(tree: ast.Module, old: ast.AST, new: ast.AST) -> ast.Module:
    """Return the module with another node in the place of one; the tree that is given stays as it is."""
    number = next(index for index, node in enumerate(ast.walk(tree)) if node is old)
    mutated = copy.deepcopy(tree)
    place = next(node for index, node in enumerate(ast.walk(mutated)) if index == number)
    ast.copy_location(new, old)
    result = _Replace(place, new).visit(mutated)
    assert isinstance(result, ast.Module)
    return ast.fix_missing_locations(result)
