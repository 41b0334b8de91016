"""Well-known text: read as Trino's reader does, written as its writer does.

Outer rings run counter-clockwise and holes clockwise, from the point at which they were written to begin.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from laketop.athena.sql.errors import SqlError, not_supported

_TOKENS = re.compile(r"\s*(?:([A-Za-z]+)|([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([(),]))")
_DIGITS = 17

type Point = tuple[float, float]


class _WrongError(Exception):
    """The text is no geometry."""


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next(self) -> str:
        """The next token, '' at the end."""
        found = _TOKENS.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found.group().strip()

    def peek(self) -> str:
        at, token = self._at, self.next()
        self._at = at
        return token

    def expect(self, *tokens: str) -> str:
        token = self.next().upper()
        if token not in tokens:
            raise _WrongError
        return token

    def listed[T](self, item: Callable[[], T]) -> list[T]:
        """`EMPTY`, or items in parentheses."""
        if self.expect("EMPTY", "(") == "EMPTY":
            return []
        items = [item()]
        while self.expect(",", ")") == ",":
            items.append(item())
        return items

    def number(self) -> float:
        token = self.next()
        if token.lower() == "nan":
            return math.nan
        try:
            return float(token)
        except ValueError:
            raise _WrongError from None

    def point(self) -> Point:
        return self.number(), self.number()

    def bare_or_listed(self) -> list[Point]:
        return self.listed(self.point) if self.peek().upper() in ("(", "EMPTY") else [self.point()]

    def line(self) -> list[Point]:
        points = self.listed(self.point)
        return points * 2 if len(points) == 1 else points

    def ring(self) -> list[Point]:
        points = self.line()
        if points and points[0] != points[-1]:
            points.append(points[0])
        if points and len(points) < 4:
            raise not_supported("A polygon with a ring of less than three points")
        return points

    def polygon(self) -> BaseGeometry:
        rings = self.listed(self.ring)
        return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()

    def geometry(self) -> BaseGeometry:
        kind = self.next().upper()
        if self.peek().upper() in ("Z", "M", "ZM"):
            if kind == "POINT":
                raise SqlError("GENERIC_INTERNAL_ERROR", "Only 2D points with no ID nor M attribute are supported")
            raise not_supported("A geometry with a third dimension")
        if kind not in _KINDS:
            raise _WrongError
        return _KINDS[kind](self)

    def collection(self) -> BaseGeometry:
        found = self.listed(self.geometry)
        if any(part.geom_type == "GeometryCollection" for part in found):
            raise not_supported("A GEOMETRYCOLLECTION within another")
        return shapely.GeometryCollection(found)


def _point(points: list[Point]) -> BaseGeometry:
    if len(points) > 1:
        raise _WrongError
    return shapely.Point(points[0]) if points and not any(map(math.isnan, points[0])) else shapely.Point()


_KINDS: dict[str, Callable[[_Reader], BaseGeometry]] = {
    "POINT": lambda reader: _point(reader.listed(reader.point)),
    "LINESTRING": lambda reader: shapely.LineString(reader.line()),
    "POLYGON": lambda reader: reader.polygon(),
    "MULTIPOINT": lambda reader: shapely.MultiPoint([p for part in reader.listed(reader.bare_or_listed) for p in part]),
    "MULTILINESTRING": lambda reader: shapely.MultiLineString([line for line in reader.listed(reader.line) if line]),
    "MULTIPOLYGON": lambda reader: shapely.MultiPolygon(
        [part for part in reader.listed(reader.polygon) if not part.is_empty]
    ),
    "GEOMETRYCOLLECTION": lambda reader: reader.collection(),
}


def read(text: str) -> BaseGeometry:
    """The geometry of a well-known text.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT; NOT_SUPPORTED for what has a third dimension or too few points.
    """
    try:
        return oriented(_Reader(text).geometry())
    except _WrongError:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Invalid WKT: {text}") from None


def oriented(shape: BaseGeometry) -> BaseGeometry:
    """The same with outer rings counter-clockwise and holes clockwise, each from its own first point."""
    if isinstance(shape, shapely.Polygon) and not shape.is_empty:
        outer = _turned(shape.exterior, left=True)
        return shapely.Polygon(outer, [_turned(hole, left=False) for hole in shape.interiors])
    if isinstance(shape, shapely.MultiPolygon | shapely.GeometryCollection):
        return type(shape)([oriented(part) for part in shape.geoms])
    return shape


def _turned(ring: Any, *, left: bool) -> list[Point]:
    points = list(ring.coords)
    return points if ring.is_ccw == left else points[::-1]


def _ordinate(value: float) -> str:
    """Up to 17 digits as Java's %g has them: those of the shortest text of the number, filled up with zeros."""
    if value != 0 and not 1e-4 <= abs(value) < 10**_DIGITS:
        digits, _, exponent = f"{value!r}".partition("e") if "e" in repr(value) else f"{value:e}".partition("e")
        whole, _, fraction = digits.partition(".")
        return f"{whole}.{fraction.ljust(_DIGITS - 1, '0')}e{int(exponent):+03}"
    text = f"{value:f}" if value == int(value) else repr(value)
    if "e" in text:
        text = f"{value:.20f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _points(points: Any) -> str:
    return "(" + ", ".join(f"{_ordinate(x)} {_ordinate(y)}" for x, y in points) + ")"


def _rings(shape: Any) -> str:
    return "(" + ", ".join(_points(ring.coords) for ring in (shape.exterior, *shape.interiors)) + ")"


def _parts(shape: Any, write: Callable[[Any], str]) -> str:
    return "(" + ", ".join(write(part) for part in shape.geoms) + ")"


_WRITTEN: dict[str, tuple[str, Callable[[Any], str]]] = {
    "Point": ("POINT", lambda shape: _points(shape.coords)),
    "LineString": ("LINESTRING", lambda shape: _points(shape.coords)),
    "Polygon": ("POLYGON", _rings),
    "MultiPoint": ("MULTIPOINT", lambda shape: _parts(shape, lambda part: _points(part.coords))),
    "MultiLineString": ("MULTILINESTRING", lambda shape: _parts(shape, lambda part: _points(part.coords))),
    "MultiPolygon": ("MULTIPOLYGON", lambda shape: _parts(shape, _rings)),
    "GeometryCollection": ("GEOMETRYCOLLECTION", lambda shape: _parts(shape, write)),
}


def write(shape: BaseGeometry) -> str:
    """The well-known text of a geometry."""
    name, body = _WRITTEN[shape.geom_type]
    return f"{name} EMPTY" if shape.is_empty else f"{name} {body(shape)}"


def parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    """The single geometries that a geometry is made of, those of collections within too."""
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from parts(part)
    elif not shape.is_empty:
        yield shape
