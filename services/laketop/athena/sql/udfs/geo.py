"""Geometries: what they are and how they lie. Trino's page "Geospatial functions".

A geometry comes in and goes out as well-known binary; its rings are oriented as `geo_text` says. A function that takes
only some kinds of geometries fails with INVALID_FUNCTION_ARGUMENT for the others.

A geometry with places that were computed may differ from Trino's in the last digit. It is marked, by what well-known
binary has for a reference system: it can be measured and compared, but what shows its digits is refused.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.udfs import geo_text
from laketop.athena.sql.udfs.registry import udf

_NAMES = {
    "Point": "POINT",
    "MultiPoint": "MULTI_POINT",
    "LineString": "LINE_STRING",
    "MultiLineString": "MULTI_LINE_STRING",
    "Polygon": "POLYGON",
    "MultiPolygon": "MULTI_POLYGON",
    "GeometryCollection": "GEOMETRY_COLLECTION",
}
_LINES = ("LineString", "MultiLineString")
_DIMENSIONS = {
    name: dimension
    for dimension, kind in enumerate(("Point", "LineString", "Polygon"))
    for name in (kind, f"Multi{kind}")
}


_ROUNDED = 1  # the mark


def load(value: bytes) -> Any:
    """The geometry of well-known binary."""
    return shapely.from_wkb(value)


def dump(shape: BaseGeometry | None, *given: BaseGeometry) -> bytes | None:
    """A geometry as well-known binary, marked if one of those that it was made from is."""
    if shape is None:
        return None
    return bytes(shapely.to_wkb(rounded(shape) if any(map(is_rounded, given)) else shape, include_srid=True))


def rounded(shape: Any) -> Any:
    """The geometry with the mark that its last digits are not Trino's."""
    return shapely.set_srid(shape, _ROUNDED)


def is_rounded(shape: BaseGeometry) -> bool:
    """Whether a geometry has that mark."""
    return int(shapely.get_srid(shape)) == _ROUNDED


def exact(shape: Any) -> Any:
    """The geometry, of which digits are to be shown.

    Raises:
        SqlError: NOT_SUPPORTED where they may not be Trino's.
    """
    if is_rounded(shape):
        raise not_supported("The text or the bytes of a geometry with computed places")
    return shape


def invalid(message: str) -> SqlError:
    """Trino's error for a wrong argument."""
    return SqlError("INVALID_FUNCTION_ARGUMENT", message)


def only(function: str, shape: BaseGeometry, *kinds: str) -> None:
    """Check that a geometry is of a kind that a function takes.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT.
    """
    if shape.geom_type not in kinds:
        wanted = " or ".join(_NAMES[kind] for kind in kinds)
        raise invalid(f"{function} only applies to {wanted}. Input type is: {_NAMES[shape.geom_type]}")


def _geometry(name: str, *takes: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A function whose first argument, and every other of type "G", is a geometry, and that gives one or None."""
    return _of(name, "BLOB", *takes, give=dump)


def _several(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A function of a geometry that gives a list of geometries or None."""

    def give(shapes: list[Any] | None, given: Any) -> list[bytes | None] | None:
        return None if shapes is None else [dump(shape, given) for shape in shapes]

    return _of(name, "BLOB[]", give=give)


def _of(
    name: str, gives: str, *takes: str, give: Callable[..., Any] = lambda value, *_: value
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    kinds = ("G", *takes)

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any) -> Any:
            loaded = [load(value) if kind == "G" else value for kind, value in zip(kinds, values, strict=True)]
            return give(function(*loaded), *(value for kind, value in zip(kinds, loaded, strict=True) if kind == "G"))

        udf(f"py_{name}", tuple("BLOB" if kind == "G" else kind for kind in kinds), gives)(call)
        return function

    return register


@udf("py_st_geometryfromtext", ("VARCHAR",), "BLOB")
def from_text(value: str) -> bytes | None:
    """ST_GeometryFromText."""
    return dump(geo_text.read(value))


@udf("py_st_linefromtext", ("VARCHAR",), "BLOB")
def line_from_text(value: str) -> bytes | None:
    """ST_LineFromText."""
    shape = geo_text.read(value)
    only("ST_LineFromText", shape, "LineString")
    return dump(shape)


@udf("py_st_polygon", ("VARCHAR",), "BLOB")
def polygon_from_text(value: str) -> bytes | None:
    """ST_Polygon."""
    shape = geo_text.read(value)
    only("ST_Polygon", shape, "Polygon")
    return dump(shape)


@udf("py_st_point", ("DOUBLE", "DOUBLE"), "BLOB")
def point(x: float, y: float) -> bytes | None:
    """ST_Point; one without a place is empty."""
    return dump(shapely.Point() if math.isnan(x) or math.isnan(y) else shapely.Point(x, y))


@udf("py_st_geomfrombinary", ("BLOB",), "BLOB")
def from_binary(value: bytes) -> bytes | None:
    """ST_GeomFromBinary."""
    try:
        shape = shapely.from_wkb(value)
    except shapely.errors.ShapelyError:
        raise invalid("Invalid WKB") from None
    if shape.has_z:
        raise not_supported("A geometry with a third dimension")
    return dump(geo_text.oriented(shape))


def _array_of_points(function: str, values: list[bytes | None]) -> list[Any]:
    shapes: list[Any] = []
    for value in values:
        if value is None:
            raise invalid(f"Invalid input to {function}: null point at index {len(shapes) + 1}")
        shape = load(value)
        if shape.geom_type != "Point":
            raise invalid(f"Invalid input to {function}: geometry is not a point at index {len(shapes) + 1}")
        if shape.is_empty:
            raise invalid(f"Invalid input to {function}: empty point at index {len(shapes) + 1}")
        shapes.append(shape)
    return shapes


@udf("py_st_linestring", ("BLOB[]",), "BLOB")
def line_of(values: list[bytes | None]) -> bytes | None:
    """ST_LineString of points; less than two make an empty one."""
    shapes = _array_of_points("ST_LineString", values)
    if any(a.equals(b) for a, b in pairwise(shapes)):
        raise invalid("Invalid input to ST_LineString: consecutive duplicate points")
    return dump(shapely.LineString(shapes if len(shapes) > 1 else []))


@udf("py_st_multipoint", ("BLOB[]",), "BLOB")
def multipoint_of(values: list[bytes | None]) -> bytes | None:
    """ST_MultiPoint of points; NULL of none."""
    shapes = _array_of_points("ST_MultiPoint", values)
    return dump(shapely.MultiPoint(shapes)) if shapes else None


_of("st_astext", "VARCHAR")(lambda shape: geo_text.write(exact(shape)))
_of("st_area", "DOUBLE")(lambda shape: sum(part.area for part in geo_text.parts(shape)))
_of("st_isempty", "BOOLEAN")(lambda shape: bool(shape.is_empty))
_of("st_issimple", "BOOLEAN")(lambda shape: bool(shape.is_empty or shape.is_simple))
_of("st_isvalid", "BOOLEAN")(lambda shape: bool(shape.is_empty or shape.is_valid))
_of("st_numgeometries", "INTEGER")(lambda shape: 0 if shape.is_empty else len(getattr(shape, "geoms", [shape])))


@_of("st_asbinary", "BLOB")
def _as_binary(shape: Any) -> bytes:
    return bytes(shapely.to_wkb(exact(shape), byte_order=1))


@_of("geometry_invalid_reason", "VARCHAR")
def _invalid_reason(shape: Any) -> None:
    if not shape.is_empty and not shape.is_valid:
        raise not_supported("geometry_invalid_reason of an invalid geometry")


@_of("st_length", "DOUBLE")
def _length(shape: Any) -> float:
    only("ST_Length", shape, *_LINES)
    return float(shape.length)


@_of("st_x", "DOUBLE")
def _x(shape: Any) -> float | None:
    only("ST_X", shape, "Point")
    return None if shape.is_empty else shape.x


@_of("st_y", "DOUBLE")
def _y(shape: Any) -> float | None:
    only("ST_Y", shape, "Point")
    return None if shape.is_empty else shape.y


def _bound(name: str, position: int) -> None:
    _of(name, "DOUBLE")(lambda shape: None if shape.is_empty else shape.bounds[position])


for _name, _position in (("st_xmin", 0), ("st_ymin", 1), ("st_xmax", 2), ("st_ymax", 3)):
    _bound(_name, _position)


@_of("st_geometrytype", "VARCHAR")
def _type(shape: Any) -> str:
    return "ST_GeomCollection" if shape.geom_type == "GeometryCollection" else f"ST_{shape.geom_type}"


@_of("st_dimension", "TINYINT")
def _dimension(shape: Any) -> int:
    if shape.geom_type != "GeometryCollection":
        return _DIMENSIONS[shape.geom_type]
    return max((_DIMENSIONS[part.geom_type] for part in geo_text.parts(shape)), default=0)


@_of("st_isclosed", "BOOLEAN")
def _is_closed(shape: Any) -> bool:
    only("ST_IsClosed", shape, *_LINES)
    return all(part.is_closed for part in geo_text.parts(shape))


@_of("st_isring", "BOOLEAN")
def _is_ring(shape: Any) -> bool:
    only("ST_IsRing", shape, "LineString")
    return bool(shape.is_ring)


@_of("st_numpoints", "BIGINT")
def _count_points(shape: Any) -> int:
    # the point that closes a ring does not count
    return sum(
        int(shapely.get_num_coordinates(part)) - (1 + len(part.interiors) if part.geom_type == "Polygon" else 0)
        for part in geo_text.parts(shape)
    )


@_of("st_numinteriorring", "BIGINT")
def _count_holes(shape: Any) -> int | None:
    only("ST_NumInteriorRing", shape, "Polygon")
    return None if shape.is_empty else len(shape.interiors)


@_geometry("st_exteriorring")
def _outer(shape: Any) -> Any:
    only("ST_ExteriorRing", shape, "Polygon")
    return None if shape.is_empty else shapely.LineString(shape.exterior.coords)


@_geometry("st_interiorringn", "INTEGER")
def _hole(shape: Any, number: int) -> Any:
    only("ST_InteriorRingN", shape, "Polygon")
    return shapely.LineString(shape.interiors[number - 1].coords) if 1 <= number <= len(shape.interiors) else None


@_several("st_interiorrings")
def _holes(shape: Any) -> list[Any] | None:
    only("ST_InteriorRings", shape, "Polygon")
    return None if shape.is_empty else [shapely.LineString(ring.coords) for ring in shape.interiors]


def _nth(function: str, shape: Any, number: int) -> Any:
    """The point of a line at a place, -1 being the last; None where there is none."""
    only(function, shape, "LineString")
    points = list(shape.coords)
    return shapely.Point(points[number]) if -1 <= number < len(points) and points else None


_geometry("st_startpoint")(lambda shape: _nth("ST_StartPoint", shape, 0))
_geometry("st_endpoint")(lambda shape: _nth("ST_EndPoint", shape, -1))


@_geometry("st_pointn", "INTEGER")
def _numbered(shape: Any, number: int) -> Any:
    found = _nth("ST_PointN", shape, max(number, 1) - 1)
    return found if number >= 1 else None


@_geometry("st_geometryn", "INTEGER")
def _part(shape: Any, number: int) -> Any:
    found = [] if shape.is_empty else list(getattr(shape, "geoms", [shape]))
    return found[number - 1] if 1 <= number <= len(found) else None


@_several("st_geometries")
def _geometries(shape: Any) -> list[Any] | None:
    return None if shape.is_empty else list(getattr(shape, "geoms", [shape]))


@_several("st_points")
def _all_points(shape: Any) -> list[Any] | None:
    return None if shape.is_empty else [shapely.Point(at) for at in shapely.get_coordinates(shape)]


@_several("st_envelopeaspts")
def _corners(shape: Any) -> list[Any] | None:
    if shape.is_empty:
        return None
    left, low, right, high = shape.bounds
    return [shapely.Point(left, low), shapely.Point(right, high)]


@_of("st_distance", "DOUBLE", "G")
def _distance(a: Any, b: Any) -> float | None:
    return None if a.is_empty or b.is_empty else float(a.distance(b))


def _relation(name: str, test: Callable[[Any, Any], Any]) -> None:
    def call(a: Any, b: Any) -> bool:
        if "GeometryCollection" in (a.geom_type, b.geom_type):
            raise not_supported(f"{name} of a GEOMETRYCOLLECTION")
        return bool(test(a, b))

    _of(name, "BOOLEAN", "G")(call)


for _name in ("contains", "crosses", "disjoint", "intersects", "overlaps", "touches", "within"):
    _relation(f"st_{_name}", getattr(shapely, _name))


# an empty geometry equals none, not even itself
_relation("st_equals", lambda a, b: not a.is_empty and not b.is_empty and shapely.equals(a, b))


@_of("st_relate", "BOOLEAN", "G", "VARCHAR")
def _relate(a: Any, b: Any, pattern: str) -> bool:
    if len(pattern) != 9:
        raise SqlError("GENERIC_INTERNAL_ERROR", "relation string length has to be 9 characters")
    if set(pattern) - set("TF*012"):
        raise not_supported(f"st_relate with the pattern {pattern}")
    return bool(shapely.relate_pattern(a, b, pattern))
