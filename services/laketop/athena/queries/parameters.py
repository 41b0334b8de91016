"""Execution parameters: each `?` of a statement is replaced by a parameter's SQL text.

A parameter must be a constant expression by itself, so that none can change what the statement is around it. Follows
"Use execution parameters" of "Use parameterized queries" in the Athena user guide.
"""

import re
from collections.abc import Sequence

from sqlglot import exp

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.grammar.lexer import SIGN, tokens
from laketop.athena.sql.grammar.recognition import in_patterns
from laketop.athena.sql.parse import parse

_COUNTED = ("LIMIT", "OFFSET", "FIRST", "NEXT")  # what a bare number follows


def substitute(text: str, parameters: Sequence[str]) -> str:
    """The statement with its parameters in place.

    Raises:
        SqlError: INVALID_PARAMETER_USAGE where the numbers differ, or one is no constant.
    """
    found = tokens(text)
    marks = (number for number, token in enumerate(found) if token.kind == SIGN and token.text == "?")
    patterns = in_patterns(found)
    places = [number for number in marks if number not in patterns]
    if len(places) != len(parameters):
        problem = f"Incorrect number of parameters: expected {len(places)} but found {len(parameters)}"
        raise SqlError("INVALID_PARAMETER_USAGE", problem)
    pieces, position = [], 0
    for number, parameter in zip(places, parameters, strict=True):
        _check(parameter)
        start = found[number].start
        counted = number > 0 and found[number - 1].text in _COUNTED
        pieces += [text[position:start], _whole(parameter) if counted else f"({parameter}\n)"]
        position = start + 1
    return "".join([*pieces, text[position:]])


def _whole(parameter: str) -> str:
    if not re.fullmatch(r"\s*[0-9]+\s*", parameter):
        raise SqlError("INVALID_PARAMETER_USAGE", f"A number of rows must be a whole number: {parameter}")
    return parameter.strip()


def _check(parameter: str) -> None:
    tree = parse(f"SELECT {parameter}\n")
    allowed = {"kind", "expressions"}
    alone = isinstance(tree, exp.Select) and not any(value for key, value in tree.args.items() if key not in allowed)
    if not alone or len(tree.expressions) != 1 or tree.find(exp.Column, exp.Star, exp.Alias, exp.Subquery) is not None:
        raise SqlError("INVALID_PARAMETER_USAGE", f"A parameter must be a constant: {parameter}")
