"""Views as the catalog stores them: what is written is what is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.athena import stored_views
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, View
from laketop.athena.sql.errors import SqlError

SIMPLE = [t.BOOLEAN, t.TINYINT, t.SMALLINT, t.INTEGER, t.BIGINT, t.REAL, t.DOUBLE, t.VARBINARY, t.DATE, t.VARCHAR]
LEAVES = st.one_of(
    st.sampled_from(SIMPLE),
    st.builds(t.Timestamp, st.integers(0, 6)),
    st.builds(t.Varchar, st.integers(1, 65535)),
    st.integers(1, 38).flatmap(lambda digits: st.builds(t.Decimal, st.just(digits), st.integers(0, digits))),
)
PARTS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6)
TYPES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(t.Array, inner),
        st.builds(t.Map, LEAVES, inner),
        st.lists(st.tuples(PARTS, inner), min_size=1, max_size=3).map(lambda fields: t.Row(tuple(fields))),
    ),
    max_leaves=5,
)


@given(TYPES, st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_written_is_read(type_: t.Type, text: str) -> None:
    made = stored_views.written("v", text, "shop", [Column("a", type_), Column("B", t.BIGINT)])
    view, columns = stored_views.read(made, "shop.v")
    assert view == View(text, "shop")
    assert columns == (Column("a", type_), Column("b", t.BIGINT))


@pytest.mark.parametrize(
    ("type_", "problem"),
    [
        (t.JSON, "Unsupported Hive type: json"),
        (t.Array(t.IPADDRESS), "Unsupported Hive type: ipaddress"),
        (t.HYPERLOGLOG, "Unsupported Hive type: HyperLogLog"),
        (
            t.Varchar(65536),
            "Unsupported Hive type: varchar(65536). Supported VARCHAR types: VARCHAR(<=65535), VARCHAR.",
        ),
        (t.Char(256), "Unsupported Hive type: char(256). Supported CHAR types: CHAR(<=255)."),
    ],
)
def test_types_that_hive_has_not(type_: t.Type, problem: str) -> None:
    with pytest.raises(SqlError) as caught:
        stored_views.written("v", "SELECT 1", "shop", [Column("a", type_)])
    assert str(caught.value) == f"NOT_SUPPORTED: {problem}"
