"""Geometries: what no recorded query shows, because the recording Trino cannot put a geometry into a list."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs import geo_text
from tests.oracle.replay import answer

_ORDINATES = st.floats(-1e15, 1e15, allow_nan=False).filter(lambda value: value == 0 or abs(value) >= 1e-300)
_POINTS = st.tuples(_ORDINATES, _ORDINATES)


@given(st.lists(_POINTS, min_size=2, max_size=6, unique=True))
def test_what_is_written_reads_back_the_same(points: list[tuple[float, float]]) -> None:
    line = shapely.LineString(points)
    assert list(geo_text.read(geo_text.write(line)).coords) == list(line.coords)


@given(st.lists(_POINTS, min_size=1, max_size=4))
def test_points_read_back_the_same(points: list[tuple[float, float]]) -> None:
    many = shapely.MultiPoint(points)
    assert shapely.get_coordinates(geo_text.read(geo_text.write(many))).tolist() == [list(at) for at in points]


@given(st.text(alphabet="POINT()LYG EM,.0123-eZ", max_size=30))
def test_any_text_is_a_geometry_or_an_error_of_trino(text: str) -> None:
    assert _outcome(text) in ("read", "INVALID_FUNCTION_ARGUMENT", "NOT_SUPPORTED", "GENERIC_INTERNAL_ERROR")


def _outcome(text: str) -> str:
    try:
        geo_text.read(text)
    except SqlError as error:
        return error.name
    return "read"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("ST_AsText(ST_LineString(ARRAY[ST_Point(1, 2), ST_Point(3, 4)]))", "LINESTRING (1 2, 3 4)"),
        ("ST_AsText(ST_LineString(ARRAY[ST_Point(1, 2)]))", "LINESTRING EMPTY"),
        ("ST_AsText(ST_MultiPoint(ARRAY[ST_Point(1, 2), ST_Point(3, 4)]))", "MULTIPOINT ((1 2), (3 4))"),
        ("ST_AsText(geometry_union(ARRAY[ST_Point(1, 1), ST_Point(2, 2)]))", "MULTIPOINT ((1 1), (2 2))"),
        ("ST_AsText(ST_Points(ST_GeometryFromText('LINESTRING (1 1, 2 2)'))[2])", "POINT (2 2)"),
        ("cardinality(ST_Geometries(ST_GeometryFromText('MULTIPOINT (1 1, 2 2)')))", 2),
        ("ST_AsText(ST_EnvelopeAsPts(ST_GeometryFromText('LINESTRING (0 5, 3 4)'))[1])", "POINT (0 4)"),
        ("ST_AsText(ST_InteriorRings(ST_GeometryFromText('POLYGON ((0 0, 9 0, 9 9, 0 0), (2 1, 3 1, 3 2, 2 1))'))[1])",
         "LINESTRING (2 1, 3 2, 3 1, 2 1)"),
        ("bing_tile_coordinates(bing_tile('213'))", [3, 5]),
    ],
)  # fmt: skip
def test_lists_of_geometries(expression: str, expected: object) -> None:
    assert answer(f"SELECT {expression}")[1] == [[expected]]


def test_aggregates_of_geometries() -> None:
    points = "FROM (SELECT ST_Point(x, y) p FROM (VALUES (0, 0), (4, 0), (4, 4), (2, 1), (NULL, 1)) t(x, y))"
    assert answer(f"SELECT ST_AsText(convex_hull_agg(p)) {points}")[1] == [["POLYGON ((0 0, 4 0, 4 4, 0 0))"]]
    braces = "SELECT ST_AsText(convex_hull_agg(if(s = '{x}', ST_Point(1, 1)))) FROM (VALUES '{x}') t(s)"
    assert answer(braces)[1] == [["POINT (1 1)"]]
    union = answer(f"SELECT ST_AsText(geometry_union_agg(p)) {points}")[1]
    assert union == [["MULTIPOINT ((0 0), (4 0), (2 1), (4 4))"]]
    assert answer(f"SELECT geometry_union_agg(p) {points} WHERE false")[1] == [[None]]


def test_digits_that_may_not_be_trinos_are_not_shown() -> None:
    crossing = "ST_Intersection(ST_GeometryFromText('{}'), ST_GeometryFromText('{}'))".format(
        "POLYGON ((0 0, 4 1, 3 5, 0 0))", "POLYGON ((1 -1, 5 3, 1 4, 1 -1))"
    )
    assert answer(f"SELECT ST_GeometryType({crossing})")[1] == [["ST_Polygon"]]
    for shown in (crossing, f"ST_StartPoint(ST_ExteriorRing({crossing}))", f"geometry_union(ARRAY[{crossing}])"):
        with pytest.raises(SqlError) as caught:
            answer(f"SELECT ST_AsText({shown})")
        assert caught.value.name == "NOT_SUPPORTED"
