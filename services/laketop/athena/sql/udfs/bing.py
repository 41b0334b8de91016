"""Bing tiles: squares of the map, numbered by zoom, column and row. Trino's page "Geospatial functions".

A tile is carried as one number: zoom, column and row in 5, 23 and 23 bits.
"""

import math

import shapely

from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.udfs.geo import dump, invalid, load
from laketop.athena.sql.udfs.registry import udf

_MAX_ZOOM = 23
_MAX_LATITUDE = 85.05112878
_MAX_LONGITUDE = 180.0
_MAX_RADIUS = 1000  # kilometres
_MAX_TILES = 1_000_000
_EARTH_RADIUS = 6371.01  # kilometres
_SIZE = 256  # pixels of a tile's side


def _tile(x: int, y: int, zoom: int) -> int:
    return zoom << 46 | x << 23 | y


def _parts(tile: int) -> tuple[int, int, int]:
    return tile >> 23 & 0x7FFFFF, tile & 0x7FFFFF, tile >> 46


def _check_zoom(zoom: int) -> None:
    if zoom <= 0:
        raise invalid("Zoom level must be > 0")
    if zoom > _MAX_ZOOM:
        raise invalid(f"Zoom level must be <= {_MAX_ZOOM}")


@udf("py_bing_tile", ("INTEGER", "INTEGER", "INTEGER"), "BIGINT")
def bing_tile(x: int, y: int, zoom: int) -> int:
    """bing_tile(x, y, zoom)."""
    _check_zoom(zoom)
    if not (0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
        raise invalid(f"XY coordinates for a Bing tile at zoom level {zoom} must be within [0, {1 << zoom}) range")
    return _tile(x, y, zoom)


@udf("py_bing_tile_of_key", ("VARCHAR",), "BIGINT")
def of_key(key: str) -> int:
    """bing_tile(quadkey)."""
    if not key:
        raise invalid("QuadKey must not be empty string")
    if len(key) > _MAX_ZOOM:
        raise invalid(f"QuadKey must be {_MAX_ZOOM} characters or less")
    x = y = 0
    for digit in key:
        if digit not in "0123":
            raise invalid(f"Invalid QuadKey digit sequence: {key}")
        x, y = x << 1 | int(digit) & 1, y << 1 | int(digit) >> 1
    return _tile(x, y, len(key))


def _key(tile: int) -> str:
    x, y, zoom = _parts(tile)
    return "".join(str((x >> bit & 1) | (y >> bit & 1) << 1) for bit in range(zoom - 1, -1, -1))


@udf("py_bing_tile_quadkey", ("BIGINT",), "VARCHAR")
def quadkey(tile: int) -> str:
    """bing_tile_quadkey."""
    return _key(tile)


def _at(latitude: float, longitude: float, zoom: int) -> tuple[int, int]:
    sine = math.sin(latitude * math.pi / 180)
    side = _SIZE << zoom
    across = (longitude + 180) / 360
    down = 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)
    return tuple(min(max(int(share * side), 0), side - 1) // _SIZE for share in (across, down))  # type: ignore[return-value]


def _check_place(latitude: float, longitude: float) -> None:
    if not -_MAX_LATITUDE <= latitude <= _MAX_LATITUDE:
        raise invalid(f"Latitude must be between -{_MAX_LATITUDE} and {_MAX_LATITUDE}")
    if not -_MAX_LONGITUDE <= longitude <= _MAX_LONGITUDE:
        raise invalid(f"Longitude must be between -{_MAX_LONGITUDE} and {_MAX_LONGITUDE}")


@udf("py_bing_tile_at", ("DOUBLE", "DOUBLE", "INTEGER"), "BIGINT")
def tile_at(latitude: float, longitude: float, zoom: int) -> int:
    """bing_tile_at."""
    _check_place(latitude, longitude)
    _check_zoom(zoom)
    return _tile(*_at(latitude, longitude, zoom), zoom)


@udf("py_bing_tiles_around", ("DOUBLE", "DOUBLE", "INTEGER"), "BIGINT[]")
def tiles_around(latitude: float, longitude: float, zoom: int) -> list[int]:
    """bing_tiles_around: the tile of a place and its neighbours, column by column."""
    _check_place(latitude, longitude)
    _check_zoom(zoom)
    x, y = _at(latitude, longitude, zoom)
    near = [[at for at in (place - 1, place, place + 1) if 0 <= at < 1 << zoom] for place in (x, y)]
    return [_tile(column, row, zoom) for column in near[0] for row in near[1]]


def _corner(x: int, y: int, zoom: int) -> tuple[float, float]:
    side = _SIZE << zoom
    across = min(max(x * _SIZE, 0), side) / side - 0.5
    down = 0.5 - min(max(y * _SIZE, 0), side) / side
    return 360 * across, 90 - 360 * math.atan(math.exp(-down * 2 * math.pi)) / math.pi


def _parallel(latitude: float, ratio: float, direction: int) -> float:
    """The latitude at a distance (in radii of the earth) to the north (1) or the south (-1)."""
    turned = math.radians(latitude)
    sine = math.sin(turned) * math.cos(ratio) + direction * math.cos(turned) * math.sin(ratio)
    return min(max(math.degrees(math.asin(min(max(sine, -1.0), 1.0))), -_MAX_LATITUDE), _MAX_LATITUDE)


def _meridian(latitude: float, longitude: float, ratio: float, direction: int) -> float:
    """The longitude at a distance (in radii of the earth) to the east (1) or the west (-1), around the world."""
    turned = math.radians(latitude)
    aside = math.atan2(
        direction * math.sin(ratio) * math.cos(turned), math.cos(ratio) - math.sin(turned) * math.sin(turned)
    )
    found = math.degrees(math.radians(longitude) + aside)
    return found - math.copysign(2 * _MAX_LONGITUDE, found) if abs(found) > _MAX_LONGITUDE else found


def _is_near(place: tuple[float, float], other: tuple[float, float], radius: float) -> bool:
    """Whether two places (longitude, latitude) are not farther away from each other than so many kilometres."""
    (west, south), (east, north) = ((math.radians(degrees) for degrees in each) for each in (place, other))
    cosine, aside = math.cos(north), west - east
    across = cosine * math.sin(aside)
    along = math.cos(south) * math.sin(north) - math.sin(south) * cosine * math.cos(aside)
    onward = math.sin(south) * math.sin(north) + math.cos(south) * cosine * math.cos(aside)
    return math.atan2(math.sqrt(across * across + along * along), onward) * _EARTH_RADIUS <= radius


def _check_count(count: int, radius: float, zoom: int) -> None:
    if count <= _MAX_TILES:
        return
    counted = (count + 2**31) % 2**32 - 2**31  # Trino counts in 32 bits
    if counted <= _MAX_TILES:
        raise not_supported(f"bing_tiles_around of {count} tiles")
    raise invalid(
        "The number of tiles covering input rectangle exceeds the limit of 1M. "
        f"Number of tiles: {counted}. Radius: {radius:.1f} km. Zoom level: {zoom}."
    )


@udf("py_bing_tiles_within", ("DOUBLE", "DOUBLE", "INTEGER", "DOUBLE"), "BIGINT[]")
def tiles_within(latitude: float, longitude: float, zoom: int, radius: float) -> list[int]:
    """bing_tiles_around with a radius: the row and the column of the place, then the corners where near."""
    _check_place(latitude, longitude)
    _check_zoom(zoom)
    if not radius >= 0:
        raise invalid("Radius must be >= 0")
    if radius > _MAX_RADIUS:
        raise invalid("Radius must be <= 1,000 km")
    ratio, count = radius / _EARTH_RADIUS, 1 << zoom
    x, y = _at(latitude, longitude, zoom)
    (_, top), (_, bottom) = (_at(_parallel(latitude, ratio, way), longitude, zoom) for way in (1, -1))
    (left, _), (right, _) = (_at(latitude, _meridian(latitude, longitude, ratio, way), zoom) for way in (-1, 1))
    width = (right - left) % count + 1
    _check_count(width * (bottom - top + 1), radius, zoom)
    found = [((left + at) % count, y) for at in range(width)]
    found += [(x, row) for row in range(top, bottom + 1) if row != y]
    corners = [((right - at) % count, 0) for at in range((right - x) % count)]
    corners += [((left + at) % count, 1) for at in range((x - left) % count)]
    for column, side in corners:
        for rows, down in ((range(top, y), 1), (range(bottom, y, -1), 0)):
            far = (_is_near((longitude, latitude), _corner(column + side, row + down, zoom), radius) for row in rows)
            first = next((at for at, near in enumerate(far) if near), len(rows))
            found += [(column, row) for row in rows[first:]]
    return [_tile(*place, zoom) for place in found]


@udf("py_bing_tile_polygon", ("BIGINT",), "BLOB")
def polygon(tile: int) -> bytes | None:
    """bing_tile_polygon."""
    x, y, zoom = _parts(tile)
    (left, high), (right, low) = _corner(x, y, zoom), _corner(x + 1, y + 1, zoom)
    return dump(shapely.Polygon([(left, low), (right, low), (right, high), (left, high), (left, low)]))


@udf("py_geometry_to_bing_tiles", ("BLOB", "INTEGER"), "BIGINT[]")
def tiles_of(value: bytes, zoom: int) -> list[int]:
    """geometry_to_bing_tiles of a point."""
    _check_zoom(zoom)
    shape = load(value)
    if shape.is_empty:
        return []
    if shape.geom_type != "Point":
        raise not_supported("geometry_to_bing_tiles of anything but a point")
    for degrees, name, most in ((shape.y, "Latitude", _MAX_LATITUDE), (shape.x, "Longitude", _MAX_LONGITUDE)):
        if not -most <= degrees <= most:
            raise invalid(f"{name} span for the geometry must be in [-{most:.2f}, {most:.2f}] range")
    return [_tile(*_at(shape.y, shape.x, zoom), zoom)]
