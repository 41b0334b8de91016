"""Geometries made from others. Trino's page "Geospatial functions".

Where Trino begins a ring, and in which order it lists parts, is measured; what it does with lines that meet lines is
not reproduced and refused.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import shapely

from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.udfs.geo import dump, invalid, is_rounded, load, only, rounded
from laketop.athena.sql.udfs.geo_text import oriented, parts
from laketop.athena.sql.udfs.registry import udf

_CIRCLE = 96  # corners of a buffer around a point
_EMPTY: dict[int, Any] = {
    0: shapely.Point(),
    1: shapely.MultiLineString(),
    2: shapely.MultiPolygon(),
}
_KINDS = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
_LINES = ("LineString", "MultiLineString")


def _unary(name: str, *takes: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(value: bytes, *rest: Any) -> bytes | None:
            shape = load(value)
            return dump(function(shape, *rest), shape)

        udf(f"py_{name}", ("BLOB", *takes), "BLOB")(call)
        return function

    return register


@_unary("st_boundary")
def _boundary(shape: Any) -> Any:
    if shape.geom_type == "GeometryCollection":
        raise not_supported("ST_Boundary of a GEOMETRYCOLLECTION")
    if shape.is_empty or shape.geom_type in ("Point", "MultiPoint"):
        return shapely.MultiPoint() if "Polygon" not in shape.geom_type else shapely.MultiLineString()
    if "Polygon" in shape.geom_type:
        return shapely.MultiLineString([r.coords for p in parts(shape) for r in (p.exterior, *p.interiors)])
    ends = [at for part in parts(shape) for at in (part.coords[0], part.coords[-1])]
    return shapely.MultiPoint([at for at in ends if ends.count(at) % 2])


@_unary("st_envelope")
def _envelope(shape: Any) -> Any:
    if shape.is_empty:
        return shapely.Polygon()
    left, low, right, high = shape.bounds
    if left == right or low == high:
        raise not_supported("ST_Envelope of a geometry without an area around it")
    return shapely.Polygon([(left, low), (right, low), (right, high), (left, high), (left, low)])


def _in_order(shape: Any) -> list[tuple[float, float]]:
    """The points of a geometry, rings clockwise: the order in which Trino has them."""
    found: list[tuple[float, float]] = []
    for part in parts(shape):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else []
        found += [at for ring in rings for at in list(ring.coords)[::-1]] or list(part.coords)
    return found


@_unary("st_convexhull")
def _convex_hull(shape: Any) -> Any:
    """The hull from the first of the given points that is on it."""
    if shape.is_empty or shape.geom_type == "Point":
        return shape
    hull = shape.convex_hull
    if hull.geom_type == "LineString":
        ends = set(hull.coords)
        return shapely.LineString(list(dict.fromkeys(at for at in _in_order(shape) if at in ends)))
    if hull.geom_type != "Polygon":
        return hull
    ring = list(oriented(hull).exterior.coords)[:-1]
    first = next(ring.index(at) for at in _in_order(shape) if at in ring)
    return shapely.Polygon(ring[first:] + ring[: first + 1])


def _ring_centroid(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Centre and area within a ring."""
    x = y = area = 0.0
    for (ax, ay), (bx, by) in pairwise(points):
        ladder = ax * by - bx * ay
        x += (ax + bx) * ladder
        y += (ay + by) * ladder
        area += ladder / 2
    return x / (area * 6), y / (area * 6), area


def _weighted(items: list[tuple[float, float, float]]) -> tuple[float, float, float]:
    if len(items) == 1:
        return items[0]
    across = up = total = 0.0
    # not sum(), which is more precise than Trino
    for x, y, weight in items:
        across += x * weight
        up += y * weight
        total += weight
    return across / total, up / total, total


def _polygon_centroid(shape: Any) -> tuple[float, float, float]:
    rings = [list(ring.coords)[::-1] for ring in (shape.exterior, *shape.interiors)]
    x, y, area = _weighted([_ring_centroid(ring) for ring in rings])
    return x, y, abs(area)


def _line_centroid(shape: Any) -> tuple[float, float, float]:
    """Trino takes a line for what leads straight from its first point to its last."""
    (ax, ay), (bx, by) = shape.coords[0], shape.coords[-1]
    length = math.hypot(bx - ax, by - ay)
    return (ax + bx) / 2, (ay + by) / 2, length


@_unary("st_centroid")
def _centroid(shape: Any) -> Any:
    only("ST_Centroid", shape, *_KINDS)
    if shape.is_empty or shape.geom_type == "Point":
        return shapely.Point() if shape.is_empty else shape
    of: dict[str, Callable[[Any], tuple[float, float, float]]] = {
        "Point": lambda part: (part.x, part.y, 1.0),
        "LineString": _line_centroid,
        "Polygon": _polygon_centroid,
    }
    found = [of[part.geom_type](part) for part in parts(shape)]
    if not sum(weight for _, _, weight in found):
        raise not_supported("ST_Centroid of a geometry without extent")
    x, y, _ = _weighted(found)
    return shapely.Point(x, y)


@_unary("st_buffer", "DOUBLE")
def _buffer(shape: Any, distance: float) -> Any:
    if math.isnan(distance):
        raise invalid("distance is NaN")
    if distance < 0:
        raise invalid("distance is negative")
    if distance == 0:
        return shape
    if shape.is_empty:
        return None
    if shape.geom_type != "Point":
        raise not_supported("ST_Buffer of anything but a point")
    angles = [2 * math.pi * step / _CIRCLE for step in range(_CIRCLE // 4)]
    quarter = [(math.cos(angle), math.sin(angle)) for angle in angles]
    turns = ((1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0))
    ring = [
        (shape.x + distance * (a * cos + b * sin), shape.y + distance * (c * cos + d * sin))
        for a, b, c, d in turns
        for cos, sin in quarter
    ]
    return rounded(shapely.Polygon([*ring, ring[0]]))


def _dimension(shape: Any) -> int:
    return max((int(shapely.get_dimensions(part)) for part in parts(shape)), default=-1)


def _from_lowest(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    open_ring = points[:-1]
    first = min(range(len(open_ring)), key=lambda number: open_ring[number][::-1])
    return open_ring[first:] + open_ring[: first + 1]


def _settled(shape: Any) -> Any:
    """Rings from their lowest point, parts by theirs, as Trino's overlay leaves them; lines are refused if several."""
    shape = oriented(shape)
    found = list(parts(shape))
    points = sorted((part for part in found if part.geom_type == "Point"), key=lambda part: (part.y, part.x))
    lines = [part for part in found if part.geom_type == "LineString"]
    polygons = [
        shapely.Polygon(
            _from_lowest(list(part.exterior.coords)), [_from_lowest(list(ring.coords)) for ring in part.interiors]
        )
        for part in found
        if part.geom_type == "Polygon"
    ]
    polygons.sort(key=lambda part: part.exterior.coords[0][::-1])
    if len(lines) > 1 or any(len(part.coords) > 2 for part in lines):
        raise not_supported("A geometry of several lines as the result of an operation")
    lines = [shapely.LineString(sorted(part.coords, key=lambda at: at[::-1])) for part in lines]
    groups: list[tuple[list[Any], Any]] = [
        (points, shapely.MultiPoint),
        (lines, shapely.MultiLineString),
        (polygons, shapely.MultiPolygon),
    ]
    made = [items[0] if len(items) == 1 else many(items) for items, many in groups if items]
    return made[0] if len(made) == 1 else shapely.GeometryCollection(made)


def _plain(name: str, *shapes: Any) -> None:
    if any(shape.geom_type == "GeometryCollection" for shape in shapes):
        raise not_supported(f"{name} of a GEOMETRYCOLLECTION")


def _is_of(found: Any, *given: Any) -> bool:
    """Whether every place of a result is one of those given, or where lines along the axes through them cross."""
    places = {tuple(at) for shape in given for at in shapely.get_coordinates(shape)}
    columns, rows = {x for x, _ in places}, {y for _, y in places}
    straight = all(_is_straight(shape) for shape in given)
    return all(
        tuple(at) in places or (straight and at[0] in columns and at[1] in rows)
        for at in shapely.get_coordinates(found)
    )


def _is_straight(shape: Any) -> bool:
    lines = (line for part in parts(shape) for line in _lines_of(part))
    return all(a[0] == b[0] or a[1] == b[1] for line in lines for a, b in pairwise(line))


def _lines_of(part: Any) -> list[list[tuple[float, float]]]:
    if part.geom_type == "Polygon":
        return [list(ring.coords) for ring in (part.exterior, *part.interiors)]
    return [list(part.coords)]


def _overlaid(found: Any, *given: Any) -> Any:
    settled = _settled(found)
    return settled if _is_of(settled, *given) else rounded(settled)


def _kept(shape: Any, other: Any, test: Callable[[Any, Any], bool]) -> list[Any]:
    return [part for part in parts(shape) if test(part, other)]


def _points_of(found: list[Any], given: Any) -> Any:
    if not found:
        if given.geom_type == "MultiPoint":
            raise not_supported("An operation that leaves nothing of a MULTIPOINT")
        return _EMPTY[0]
    return found[0] if len(found) == 1 else shapely.MultiPoint(found)


def _intersection(a: Any, b: Any) -> Any:
    if a.is_empty or b.is_empty:
        return _EMPTY[2]
    if shapely.equals(a, b):
        return a
    found = shapely.intersection(a, b)
    return _EMPTY[2] if found.is_empty else _overlaid(found, a, b)


def _union(a: Any, b: Any) -> Any:
    if a.is_empty or b.is_empty:
        return _settled(b if a.is_empty else a)
    if shapely.equals(a, b):
        return a
    found = shapely.union(a, b)
    if any(part.geom_type == "LineString" for part in parts(found)):
        raise not_supported("ST_Union of lines")
    return _overlaid(found, a, b)


def _difference(a: Any, b: Any) -> Any:
    if a.is_empty or b.is_empty or not shapely.box(*a.bounds).intersects(shapely.box(*b.bounds)):
        return a
    if _dimension(a) > _dimension(b):
        return a
    if _dimension(a) == 0:
        return _points_of(_kept(a, b, lambda part, other: not part.intersects(other)), a)
    found = shapely.difference(a, b)
    if found.is_empty:
        return _EMPTY[_dimension(a)]
    if _dimension(a) == 1:
        raise not_supported("ST_Difference of lines")
    return _overlaid(found, a, b)


def _sym_difference(a: Any, b: Any) -> Any:
    if a.is_empty or b.is_empty:
        return b if a.is_empty else a
    if _dimension(a) != _dimension(b):
        # Trino gives up the part of the lower dimension
        return max(a, b, key=_dimension)
    if _dimension(a) == 0:
        left = _kept(a, b, lambda part, other: not part.intersects(other))
        right = _kept(b, a, lambda part, other: not part.intersects(other))
        return _points_of([*left, *right], a)
    found = shapely.symmetric_difference(a, b)
    if found.is_empty:
        return _EMPTY[_dimension(a)]
    if _dimension(a) == 1:
        raise not_supported("ST_SymDifference of lines")
    return _overlaid(found, a, b)


def _binary(name: str, function: Callable[[Any, Any], Any]) -> None:
    def call(left: bytes, right: bytes) -> bytes | None:
        a, b = load(left), load(right)
        _plain(name, a, b)
        return dump(function(a, b), a, b)

    udf(f"py_{name.lower()}", ("BLOB", "BLOB"), "BLOB")(call)


_binary("ST_Intersection", _intersection)
_binary("ST_Union", _union)
_binary("ST_Difference", _difference)
_binary("ST_SymDifference", _sym_difference)


def _all(values: list[bytes | None]) -> list[Any]:
    return [load(value) for value in values if value is not None]


@udf("py_geometry_union", ("BLOB[]",), "BLOB")
def union_of(values: list[bytes | None]) -> bytes | None:
    """geometry_union of a list, and of a group: NULL of nothing."""
    shapes = _all(values)
    _plain("geometry_union", *shapes)
    if not shapes:
        return None
    result = shapes[0]
    for shape in shapes[1:]:
        before, result = result, _union(result, shape)
        result = rounded(result) if is_rounded(before) else result
    return dump(result, *shapes)


@udf("py_convex_hull", ("BLOB[]",), "BLOB")
def hull_of(values: list[bytes | None]) -> bytes | None:
    """convex_hull_agg of a group: NULL of nothing."""
    shapes = _all(values)
    return dump(_convex_hull(shapely.GeometryCollection(shapes)), *shapes) if shapes else None


@_unary("simplify_geometry", "DOUBLE")
def _simplify(shape: Any, tolerance: float) -> Any:
    if math.isnan(tolerance):
        raise invalid("distanceTolerance is NaN")
    if tolerance < 0:
        raise invalid("distanceTolerance is negative")
    return shape if tolerance == 0 else oriented(shapely.simplify(shape, tolerance, preserve_topology=True))


def _line(function: str, shape: Any) -> None:
    if shape.geom_type not in _LINES:
        raise invalid(f"First argument to {function} must be a LineString or a MultiLineString. Got: {shape.geom_type}")


@udf("py_line_locate_point", ("BLOB", "BLOB"), "DOUBLE")
def locate(line: bytes, point: bytes) -> float | None:
    """line_locate_point: the share of the line's length up to its point that is nearest."""
    shape, at = load(line), load(point)
    _line("line_locate_point", shape)
    if at.geom_type != "Point":
        raise invalid(f"Second argument to line_locate_point must be a Point. Got: {at.geom_type}")
    if shape.is_empty or at.is_empty:
        return None
    return float(shape.project(at, normalized=True))


@_unary("line_interpolate_point", "DOUBLE")
def _interpolate(shape: Any, share: float) -> Any:
    only("line_interpolate_point", shape, "LineString")
    if shape.is_empty:
        return None
    if not 0 <= share <= 1:
        raise invalid("fraction must be between 0 and 1")
    found = shape.interpolate(share, normalized=True)
    return found if found.coords[0] in shape.coords else rounded(found)
