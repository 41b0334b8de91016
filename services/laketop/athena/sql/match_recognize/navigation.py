"""The rows that the expressions of MATCH_RECOGNIZE point to.

Every column, CLASSIFIER(), MATCH_NUMBER() and aggregate in an expression becomes a name of its own, so that what is
left is an ordinary expression over these names. A column means its value in the last row matched so far, with a label
in the last row under this label; FIRST, LAST, PREV and NEXT move every column inside of them.
Follows Trino's page "MATCH_RECOGNIZE" (row pattern recognition expressions) and measured errors.
"""

from dataclasses import dataclass, field, replace

from sqlglot import exp

from laketop.athena.sql.columns import dotted, located
from laketop.athena.sql.core import Context, Field, Scope, fail
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.functions.pages import AGGREGATES, WINDOWS
from laketop.athena.sql.match_recognize.clause import Clause
from laketop.athena.sql.parse import place

_LOGICAL, _PHYSICAL = ("first", "last"), ("prev", "next")
_MODES = ("running", "final")
_REFUSED: dict[type[exp.Expr], str] = {
    exp.Lambda: "Lambda expression in pattern recognition context",
    exp.Filter: "FILTER in pattern recognition context",
    exp.GroupConcat: "listagg in pattern recognition context",
}


@dataclass(frozen=True)
class Pointer:
    """What a name stands for.

    Attributes:
        kind: `column`, `label` (CLASSIFIER) or `number` (MATCH_NUMBER).
        column: the number of the column.
        labels: the numbers of the labels whose rows count, None for all.
        last: whether it counts from the last of these rows, or from the first.
        logical: how many of these rows are stepped over.
        physical: how many rows of the partition it is away from there.
        running: whether only the rows matched so far count.
        member: whether it means the row that an aggregate takes in.
    """

    kind: str
    column: int = -1
    labels: tuple[int, ...] | None = None
    last: bool = True
    logical: int = 0
    physical: int = 0
    running: bool = True
    member: bool = False


@dataclass(frozen=True, eq=False)
class Aggregate:
    """An aggregate over the rows with some labels, None for all."""

    node: exp.Anonymous
    name: str
    arguments: list[exp.Expr]
    labels: tuple[int, ...] | None
    running: bool


@dataclass
class Resolved:
    """An expression over names, and what the names mean."""

    node: exp.Expr
    pointers: dict[str, Pointer] = field(default_factory=dict)
    aggregates: dict[str, Aggregate] = field(default_factory=dict)


def resolved(node: exp.Expr, clause: Clause, fields: tuple[Field, ...], context: Context) -> Resolved:
    """An expression of MEASURES or DEFINE over names.

    Args:
        fields: the columns of the relation.

    Raises:
        SqlError: COLUMN_NOT_FOUND, INVALID_NAVIGATION_NESTING and the other errors that Trino has for it.
    """
    found = Resolved(node.copy())
    found.node = _Resolver(clause, fields, context, found).walk(found.node, Pointer("column"))
    return found


class _Resolver:
    def __init__(self, clause: Clause, fields: tuple[Field, ...], context: Context, found: Resolved) -> None:
        self._clause, self._fields, self._context, self._found = clause, fields, context, found
        self._used: list[str | None] = []  # the labels of columns and CLASSIFIERs inside of a function
        self._inside = ""  # the name of the function around

    def walk(self, node: exp.Expr, at: Pointer) -> exp.Expr:
        """The expression with names, for a place that means the row `at`."""
        for kind, what in _REFUSED.items():
            if isinstance(node, kind):
                raise not_supported(what, *place(node))
        if isinstance(node, exp.Window):
            problem = "Cannot nest window functions or row pattern measures inside pattern recognition expressions"
            raise fail("NESTED_WINDOW", problem, node)
        if isinstance(node, exp.Column):
            return self._column(node, at)
        if isinstance(node, exp.Anonymous):
            return self._call(node, at)
        return self._children(node, at)

    def _children(self, node: exp.Expr, at: Pointer) -> exp.Expr:
        for key, value in list(node.args.items()):
            if isinstance(value, exp.Expr):
                node.set(key, self.walk(value, at))
            elif isinstance(value, list):
                node.set(key, [self.walk(item, at) if isinstance(item, exp.Expr) else item for item in value])
        return node

    def _column(self, node: exp.Column, at: Pointer) -> exp.Expr:
        if isinstance(node.this, exp.Star):
            problem = "label.* syntax is only supported as the only argument of row pattern count function"
            raise fail("INVALID_FUNCTION_ARGUMENT", problem, node)
        names, label = [part.name for part in node.parts], None
        if len(names) > 1:
            label = written(node.parts[0])
            if label not in self._clause.sets or len(names) > 2:
                raise fail("COLUMN_NOT_FOUND", f"Column '{dotted(names)}' cannot be resolved", node)
            names = names[1:]
        found, _ = located(names, Scope(self._fields), node)
        if found is None:
            if located(names, self._context.scope, node)[0] is not None:
                raise not_supported("A column from around MATCH_RECOGNIZE in it", *place(node))
            raise fail("COLUMN_NOT_FOUND", f"Column '{dotted(names)}' cannot be resolved", node)
        self._used.append(label)
        number = next(number for number, one in enumerate(self._fields) if one is found)
        return self._named(replace(at, column=number, labels=self._labels(label)), node)

    def _labels(self, label: str | None) -> tuple[int, ...] | None:
        return None if label is None else self._clause.sets[label]

    def _named(self, pointer: Pointer, node: exp.Expr) -> exp.Expr:
        known = {kept: name for name, kept in self._found.pointers.items()}
        name = known.get(pointer, f"$p{len(known)}")
        self._found.pointers[name] = pointer
        return _name(name, node)

    def _call(self, node: exp.Anonymous, at: Pointer) -> exp.Expr:
        mode, name = _moded(str(node.this).lower())
        if name.strip('"') in AGGREGATES:
            name = name.strip('"')  # only what navigates must not be quoted
        arguments = list(node.expressions)
        if mode and name not in (*_LOGICAL, *AGGREGATES):
            problem = f"{mode.upper()} semantics is not supported with {name}"
            raise fail("INVALID_PROCESSING_MODE", problem, node)
        if name == "try" or name in WINDOWS or name == "grouping":
            raise not_supported(f"{name} in pattern recognition context", *place(node))
        if name == "match_number":
            self._check_count(node, name, not arguments)
            return self._named(Pointer("number"), node)
        if name == "classifier":
            return self._classifier(node, arguments, at)
        if name in _LOGICAL or name in _PHYSICAL:
            return self._navigation(node, name, mode, at)
        if name in AGGREGATES:
            return self._aggregate(node, name, arguments, running=mode != "final")
        return self._children(node, at)

    def _check_count(self, node: exp.Expr, name: str, right: bool) -> None:
        if not right:
            problem = f"{name} pattern recognition function has a wrong number of arguments"
            raise fail("INVALID_FUNCTION_ARGUMENT", problem, node)

    def _classifier(self, node: exp.Anonymous, arguments: list[exp.Expr], at: Pointer) -> exp.Expr:
        self._check_count(node, "classifier", len(arguments) <= 1)
        label = None
        if arguments:
            [argument] = arguments
            if not isinstance(argument, exp.Column) or len(argument.parts) != 1:
                problem = (
                    "CLASSIFIER pattern recognition function argument should be primary pattern variable or subset"
                )
                raise fail("TYPE_MISMATCH", problem, node)
            label = self._known(argument.parts[0], node)
        self._used.append(label)
        return self._named(replace(at, kind="label", column=-1, labels=self._labels(label)), node)

    def _known(self, identifier: exp.Expr, node: exp.Expr) -> str:
        label = written(identifier)
        if label not in self._clause.sets:
            problem = f"{label} is not a primary pattern variable or subset name"
            raise fail("INVALID_FUNCTION_ARGUMENT", problem, node)
        return label

    def _navigation(self, node: exp.Anonymous, name: str, mode: str, at: Pointer) -> exp.Expr:
        argument, offset = self._offset(node, name)
        nested = self._inside in _PHYSICAL and name in _LOGICAL and _is_argument(node)
        if self._inside and not nested:
            problem = f"Cannot nest {name} pattern navigation function inside {self._inside} function"
            raise fail("INVALID_NAVIGATION_NESTING", problem, node)
        if name in _LOGICAL:
            # FIRST counts from the beginning of the whole match, whatever the present row is
            last = name == "last"
            moved = replace(at, last=last, logical=offset, running=last and mode != "final")
        else:
            moved = replace(at, physical=-offset if name == "prev" else offset)
        around, used = self._inside, self._used
        self._inside, self._used = name, []
        if nested:
            # what stands in LAST inside of PREV is checked once
            self._inside = f"{around} of {name}"
        found = self.walk(argument, moved)
        self._check_labels(node, name, needed=True)
        self._inside, self._used = around, [*used, *self._used]
        return found

    def _offset(self, node: exp.Anonymous, name: str) -> tuple[exp.Expr, int]:
        """The argument of a navigation function, and how far it goes."""
        arguments = node.expressions
        self._check_count(node, name, len(arguments) in (1, 2) and not _is_special(arguments[0]))
        if len(arguments) == 1:
            return arguments[0], 0 if name in _LOGICAL else 1
        given = arguments[1]
        inner = given.this if isinstance(given, exp.Neg) else given
        if not isinstance(inner, exp.Literal) or inner.is_string or not str(inner.this).isdigit():
            problem = f"{name} pattern recognition navigation function requires a number as the second argument"
            raise fail("INVALID_FUNCTION_ARGUMENT", problem, node)
        if isinstance(given, exp.Neg) or int(inner.this) >= 2**31:
            problem = f"{name} pattern recognition navigation function requires a non-negative number"
            raise fail("NUMERIC_VALUE_OUT_OF_RANGE", problem, node)
        return arguments[0], int(inner.this)

    def _check_labels(self, node: exp.Expr, name: str, *, needed: bool) -> None:
        if len(set(self._used)) > 1:
            problem = f"Column references inside argument of function {name} must all be prefixed with the same label"
            raise fail("INVALID_ARGUMENTS", problem, node)
        if needed and not self._used:
            problem = f"Pattern navigation function {name} must contain at least one column reference or CLASSIFIER()"
            raise fail("INVALID_ARGUMENTS", problem, node)

    def _aggregate(self, node: exp.Anonymous, name: str, arguments: list[exp.Expr], *, running: bool) -> exp.Expr:
        if self._inside:
            problem = f"Cannot nest {name} aggregate function inside {self._inside} function"
            raise fail("NESTED_AGGREGATION", problem, node)
        if any(isinstance(argument, exp.Distinct | exp.Order) for argument in arguments):
            raise not_supported(f"DISTINCT or ORDER BY in {name} in pattern recognition context", *place(node))
        self._inside, self._used = name, []
        if name == "count" and len(arguments) == 1 and _is_labelled_star(arguments[0]):
            self._used.append(self._known(arguments[0].args["table"], node))
            arguments = [exp.Star()]
        else:
            arguments = [self.walk(argument, Pointer("column", member=True)) for argument in arguments]
        self._check_labels(node, name, needed=False)
        label = self._used[0] if self._used else None
        self._inside, self._used = "", []
        key = f"$a{len(self._found.aggregates)}"
        self._found.aggregates[key] = Aggregate(node, name, arguments, self._labels(label), running)
        return _name(key, node)


def _is_argument(node: exp.Expr) -> bool:
    """Whether a call is by itself the argument of another."""
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return isinstance(parent, exp.Anonymous)


def _is_special(argument: exp.Expr) -> bool:
    return isinstance(argument, exp.Distinct | exp.Order | exp.Star)


def _is_labelled_star(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and isinstance(node.this, exp.Star) and len(node.parts) == 2


def _moded(name: str) -> tuple[str, str]:
    """RUNNING or FINAL in front of a function's name, and the name."""
    mode, _, rest = name.partition(" ")
    return (mode, rest) if rest and mode in _MODES else ("", name)


def written(identifier: exp.Expr) -> str:
    """A label: in capitals, but for one in double quotes."""
    name: str = identifier.name
    return name if identifier.args.get("quoted") else name.upper()


def _name(name: str, node: exp.Expr) -> exp.Column:
    identifier = exp.to_identifier(name, quoted=True)
    identifier.meta.update(next((part.meta for part in node.find_all(exp.Identifier)), {}))
    return exp.Column(this=identifier)
