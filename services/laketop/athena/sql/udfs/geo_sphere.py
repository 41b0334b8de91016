"""Geometries on the sphere, polylines in Google's encoding, GeoJSON. Trino's page "Geospatial functions"."""

import json
import math
from itertools import pairwise
from typing import Any

import shapely
import shapely.geometry

from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.udfs.geo import dump, exact, invalid, load, only
from laketop.athena.sql.udfs.geo_text import oriented, parts
from laketop.athena.sql.udfs.registry import udf

_RADIUS = 6_371_010.0  # metres
_KINDS = {
    "LineString": "LINE_STRING",
    "MultiLineString": "MULTI_LINE_STRING",
    "Polygon": "POLYGON",
    "MultiPolygon": "MULTI_POLYGON",
    "Point": "POINT",
    "MultiPoint": "MULTI_POINT",
    "GeometryCollection": "GEOMETRY_COLLECTION",
}


@udf("py_to_spherical_geography", ("BLOB",), "BLOB")
def to_sphere(value: bytes) -> bytes:
    """The same geometry, after a check that it is of longitudes and latitudes."""
    for x, y in shapely.get_coordinates(load(value)):
        if not -90 <= y <= 90:
            raise invalid("Latitude must be between -90 and 90")
        if not -180 <= x <= 180:
            raise invalid("Longitude must be between -180 and 180")
    return value


def _only(function: str, shape: Any, *kinds: str) -> None:
    if shape.geom_type not in kinds:
        wanted, given = " or ".join(_KINDS[kind] for kind in kinds), _KINDS[shape.geom_type]
        limit = f"When applied to SphericalGeography inputs, {function} only supports {wanted}"
        raise invalid(f"{limit}. Input type is: {given}")


def _arc(a: Any, b: Any) -> float:
    """The distance of two points in metres."""
    x1, y1, x2, y2 = (math.radians(value) for value in (*a, *b))
    turn = x1 - x2
    across = math.cos(y2) * math.sin(turn)
    along = math.cos(y1) * math.sin(y2) - math.sin(y1) * math.cos(y2) * math.cos(turn)
    down = math.sin(y1) * math.sin(y2) + math.cos(y1) * math.cos(y2) * math.cos(turn)
    return math.atan2(math.sqrt(across * across + along * along), down) * _RADIUS


@udf("py_sphere_distance", ("BLOB", "BLOB"), "DOUBLE")
def distance(left: bytes, right: bytes) -> float | None:
    """ST_Distance of two points on the sphere in metres."""
    a, b = load(left), load(right)
    if a.is_empty or b.is_empty:
        return None
    for shape in (a, b):
        _only("ST_Distance", shape, "Point")
    return _arc((a.x, a.y), (b.x, b.y))


@udf("py_sphere_length", ("BLOB",), "DOUBLE")
def length(value: bytes) -> float | None:
    """ST_Length of lines on the sphere in metres."""
    shape = load(value)
    if shape.is_empty:
        return None
    _only("ST_Length", shape, "LineString", "MultiLineString")
    return sum(_arc(a, b) for part in parts(shape) for a, b in pairwise(part.coords))


def _excess(points: list[tuple[float, float]]) -> float:
    """The angle by which the angles of a ring exceed those of a flat one; negative where it runs clockwise."""
    total = turned = 0.0
    for (x1, y1), (x2, y2) in pairwise(points):
        turn = math.remainder(math.radians(x2 - x1), 2 * math.pi)
        a, b = math.tan(math.radians(y1) / 2), math.tan(math.radians(y2) / 2)
        total += 2 * math.atan2(math.tan(turn / 2) * (a + b), 1 + a * b)
        turned += turn
    if abs(turned) > 1:
        raise not_supported("ST_Area of a SphericalGeography around a pole")
    return -total


@udf("py_sphere_area", ("BLOB",), "DOUBLE")
def area(value: bytes) -> float | None:
    """ST_Area of polygons on the sphere in square metres."""
    shape = load(value)
    if shape.is_empty:
        return None
    _only("ST_Area", shape, "Polygon", "MultiPolygon")
    rings = [ring for part in parts(shape) for ring in (part.exterior, *part.interiors)]
    return abs(sum(_excess(list(ring.coords)) for ring in rings)) * _RADIUS * _RADIUS


def _encoded(number: int) -> str:
    rest, text = ~(number << 1) if number < 0 else number << 1, ""
    while rest >= 0x20:
        text += chr((0x20 | rest & 0x1F) + 63)
        rest >>= 5
    return text + chr(rest + 63)


@udf("py_to_encoded_polyline", ("BLOB",), "VARCHAR")
def to_polyline(value: bytes) -> str:
    """to_encoded_polyline of a line or of points."""
    shape = exact(load(value))
    only("encode_polyline", shape, "LineString", "MultiPoint")
    text, before = "", (0, 0)
    for x, y in shapely.get_coordinates(shape):
        here = (math.floor(y * 1e5 + 0.5), math.floor(x * 1e5 + 0.5))
        text += _encoded(here[0] - before[0]) + _encoded(here[1] - before[1])
        before = here
    return text


@udf("py_from_encoded_polyline", ("VARCHAR",), "BLOB")
def from_polyline(value: str) -> bytes | None:
    """from_encoded_polyline: the line that a text stands for."""
    numbers, number, shift = [], 0, 0
    for letter in value:
        bits = ord(letter) - 63
        if not 0 <= bits < 64:
            raise not_supported("from_encoded_polyline of this text")
        number |= (bits & 0x1F) << shift
        shift += 5
        if bits < 0x20:
            numbers.append(~(number >> 1) if number & 1 else number >> 1)
            number = shift = 0
    if shift or len(numbers) % 2 or len(numbers) == 2:
        raise not_supported("from_encoded_polyline of this text")
    points, x, y = [], 0, 0
    for up, right in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + right, y + up
        points.append((x * 1e-5, y * 1e-5))
    return dump(shapely.LineString(points))


def _json_number(value: float) -> str:
    if value == 0:
        return "0.0"
    return str(int(value)) if value == int(value) and abs(value) < 1e7 else repr(value)


def _json_coordinates(value: Any) -> str:
    if isinstance(value, float):
        return _json_number(value)
    return "[" + ",".join(_json_coordinates(part) for part in value) + "]"


def _reversed(shape: Any) -> Any:
    """Rings as GeoJSON has them here: clockwise outside."""
    if shape.geom_type == "Polygon":
        return [list(ring.coords)[::-1] for ring in (shape.exterior, *shape.interiors)]
    if shape.geom_type == "MultiPolygon":
        return [_reversed(part) for part in shape.geoms]
    if hasattr(shape, "geoms"):
        return [list(part.coords) if part.geom_type != "Point" else part.coords[0] for part in shape.geoms]
    return list(shape.coords) if shape.geom_type != "Point" else shape.coords[0]


@udf("py_to_geojson_geometry", ("BLOB",), "VARCHAR")
def to_geojson(value: bytes) -> str:
    """to_geojson_geometry."""
    shape = exact(load(value))
    if shape.is_empty or shape.geom_type == "GeometryCollection":
        raise not_supported("to_geojson_geometry of an empty geometry or a collection")
    crs = '"crs":{"type":"name","properties":{"name":"EPSG:0"}}'
    return f'{{"type":"{shape.geom_type}","coordinates":{_json_coordinates(_reversed(shape))},{crs}}}'


@udf("py_from_geojson_geometry", ("VARCHAR",), "BLOB")
def from_geojson(value: str) -> bytes | None:
    """from_geojson_geometry."""
    try:
        read = json.loads(value)
        shape = shapely.geometry.shape(read)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError) as error:
        raise invalid(f"Invalid GeoJSON: {error}") from None
    if shape.has_z or shape.is_empty:
        raise not_supported("from_geojson_geometry of an empty geometry or of a third dimension")
    return dump(oriented(shape))
