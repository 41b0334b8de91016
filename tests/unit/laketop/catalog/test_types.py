"""Hive type texts: read, printed, refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.catalog.types import (
    PRIMITIVES,
    Array,
    Char,
    Decimal,
    Field,
    HiveType,
    HiveTypeError,
    Map,
    Primitive,
    Struct,
    Varchar,
    parse,
)

INT, STRING = Primitive("int"), Primitive("string")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("int", INT),
        ("INTEGER", INT),
        (" Double  Precision ", Primitive("double")),
        ("decimal", Decimal(10, 0)),
        ("numeric(5)", Decimal(5, 0)),
        ("decimal( 38 , 38 )", Decimal(38, 38)),
        ("char(255)", Char(255)),
        ("varchar(65535)", Varchar(65535)),
        ("array<array<string>>", Array(Array(STRING))),
        ("MAP< string , int >", Map(STRING, INT)),
        ("struct<Aa:decimal(10,2),b:array<int>>", Struct((Field("Aa", Decimal(10, 2)), Field("b", Array(INT))))),
        ("struct<`a b`:int,`c``d`:int>", Struct((Field("a b", INT), Field("c`d", INT)))),
        ("struct<date:date,user.id:int>", Struct((Field("date", Primitive("date")), Field("user.id", INT)))),
    ],
)  # fmt: skip
def test_reads_what_hive_writes(text: str, tree: HiveType) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "text",
        "uniontype<int,string>",
        "int int",
        "int>",
        "array",
        "array<int",
        "array<>",
        "map<int>",
        "map<int,int,int>",
        "struct<>",
        "struct<a>",
        "struct<a:int,>",
        "struct<:int>",
        "struct<``:int>",
        "decimal(0)",
        "decimal(39,0)",
        "decimal(5,6)",
        "decimal(5,-1)",
        "decimal(1_0,2)",
        "decimal(٣)",
        "char",
        "char(256)",
        "varchar(0)",
        "varchar(65536)",
        "int;drop",
        "array<" * 101 + "int" + ">" * 101,
        "array<" * 100_000,
    ],
)
def test_refuses_what_is_no_type_and_names_it(text: str) -> None:
    with pytest.raises(HiveTypeError, match="is not a column type"):
        parse(text)


def test_a_hundred_levels_are_allowed() -> None:
    text = "array<" * 100 + "int" + ">" * 100
    assert str(parse(text)) == text


names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1) | st.text(
    "ab `:,<>()", min_size=1
)
leaves = (
    st.sampled_from(sorted(PRIMITIVES)).map(Primitive)
    | st.integers(1, 38).flatmap(lambda p: st.integers(0, p).map(lambda s: Decimal(p, s)))
    | st.integers(1, 255).map(Char)
    | st.integers(1, 65535).map(Varchar)
)
trees = st.recursive(
    leaves,
    lambda inner: (
        inner.map(Array)
        | st.tuples(inner, inner).map(lambda pair: Map(*pair))
        | st.lists(st.builds(Field, names, inner), min_size=1, max_size=4).map(lambda fields: Struct(tuple(fields)))
    ),
    max_leaves=12,
)


@given(trees)
def test_what_is_printed_is_read_back(tree: HiveType) -> None:
    assert parse(str(tree)) == tree


@given(st.text("intdecmalrysuvhp<>(),:`1 "))
def test_any_text_is_a_type_or_refused(text: str) -> None:
    try:
        tree = parse(text)
    except HiveTypeError:
        return
    assert parse(str(tree)) == tree
