"""Parameters stand for values and can never become part of the statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from laketop.athena.queries.parameters import substitute
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.parse import parse


def test_each_place_gets_its_parameter() -> None:
    text = substitute(
        "SELECT '?' AS \"?\", a -- ?\nFROM t WHERE b = ? AND c IN (?, ?)", ["1", "'x''y'", "DATE '2024-01-01'"]
    )
    where = parse(text).args["where"].this
    assert where.sql(dialect="trino").startswith("b = (1) AND c IN (('x''y'), ")


@pytest.mark.parametrize(("sql", "given_"), [("SELECT ?", []), ("SELECT 1", ["1"]), ("SELECT ?, ?", ["1"])])
def test_the_numbers_must_agree(sql: str, given_: list[str]) -> None:
    with pytest.raises(SqlError, match="Incorrect number of parameters"):
        substitute(sql, given_)


def test_quantifiers_of_row_patterns_are_no_parameters() -> None:
    text = (
        "SELECT * FROM t MATCH_RECOGNIZE (MEASURES {} AS m PATTERN (A? (B*? | C+?){{2}}?) DEFINE A AS x > {}) LIMIT {}"
    )
    assert substitute(text.format("?", "?", "?"), ["1", "2", "3"]) == text.format("(1\n)", "(2\n)", "3")


@given(st.text(max_size=40))
def test_no_text_breaks_out_of_its_place(parameter: str) -> None:
    try:
        text = substitute("SELECT a FROM t WHERE b = ? AND secret = 0", [parameter])
    except SqlError:
        return
    where = parse(text).args["where"].this
    assert isinstance(where, exp.And)
    assert where.expression.sql() == "secret = 0"
    assert isinstance(where.this, exp.EQ)
    assert isinstance(where.this.expression, exp.Paren)
