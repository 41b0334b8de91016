"""Trino's page "Geospatial functions"."""

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.call import Call, Form, Rule, bare

PAGE = "Geospatial functions"

_G, _S = t.GEOMETRY, t.SPHERICAL_GEOGRAPHY
_MANY = t.Array(_G)


def _form(name: str, gives: t.Type, *takes: t.Type) -> Form:
    return Form(takes, gives, f"py_{name}({', '.join(f'{{{number}}}' for number in range(len(takes)))})")


def _forms(gives: t.Type, takes: tuple[t.Type, ...], *names: str) -> dict[str, tuple[Form, ...]]:
    return {name: (_form(name, gives, *takes),) for name in names}


FORMS: dict[str, tuple[Form, ...]] = {
    **_forms(_G, (t.VARCHAR,), "st_geometryfromtext", "st_linefromtext", "st_polygon", "from_encoded_polyline"),
    **_forms(_G, (t.DOUBLE, t.DOUBLE), "st_point"),
    **_forms(_G, (t.VARBINARY,), "st_geomfrombinary"),
    **_forms(_G, (_MANY,), "st_linestring", "st_multipoint", "geometry_union"),
    **_forms(t.VARCHAR, (_G,), "st_astext", "st_geometrytype", "to_encoded_polyline", "geometry_invalid_reason"),
    **_forms(t.VARBINARY, (_G,), "st_asbinary"),
    **_forms(t.DOUBLE, (_G,), "st_x", "st_y", "st_xmin", "st_xmax", "st_ymin", "st_ymax"),
    **_forms(t.BOOLEAN, (_G,), "st_isempty", "st_issimple", "st_isvalid", "st_isclosed", "st_isring"),
    **_forms(t.BIGINT, (_G,), "st_numpoints", "st_numinteriorring"),
    **_forms(t.INTEGER, (_G,), "st_numgeometries"),
    **_forms(t.TINYINT, (_G,), "st_dimension"),
    "st_coorddim": (Form((_G,), t.TINYINT, "CASE WHEN {0} IS NOT NULL THEN CAST(2 AS TINYINT) END"),),
    **_forms(_G, (_G,), "st_boundary", "st_centroid", "st_convexhull", "st_envelope"),
    **_forms(_G, (_G,), "st_exteriorring", "st_startpoint", "st_endpoint"),
    **_forms(_G, (_G, t.INTEGER), "st_pointn", "st_geometryn", "st_interiorringn"),
    **_forms(_MANY, (_G,), "st_geometries", "st_points", "st_envelopeaspts", "st_interiorrings"),
    **_forms(_G, (_G, t.DOUBLE), "st_buffer", "simplify_geometry", "line_interpolate_point"),
    **_forms(_G, (_G, _G), "st_intersection", "st_union", "st_difference", "st_symdifference"),
    **_forms(t.BOOLEAN, (_G, _G), "st_contains", "st_crosses", "st_disjoint", "st_equals"),
    **_forms(t.BOOLEAN, (_G, _G), "st_intersects", "st_overlaps", "st_touches", "st_within"),
    **_forms(t.BOOLEAN, (_G, _G, t.VARCHAR), "st_relate"),
    **_forms(t.DOUBLE, (_G, _G), "line_locate_point"),
    "st_area": (_form("st_area", t.DOUBLE, _G), _form("sphere_area", t.DOUBLE, _S)),
    "st_length": (_form("st_length", t.DOUBLE, _G), _form("sphere_length", t.DOUBLE, _S)),
    "st_distance": (_form("st_distance", t.DOUBLE, _G, _G), _form("sphere_distance", t.DOUBLE, _S, _S)),
    **_forms(_S, (_G,), "to_spherical_geography"),
    "to_geometry": (Form((_S,), _G, "{0}"),),
    **_forms(t.VARCHAR, (_S,), "to_geojson_geometry"),
    **_forms(_S, (t.VARCHAR,), "from_geojson_geometry"),
    "great_circle_distance": (Form((t.DOUBLE,) * 4, t.DOUBLE, "tr_geo_great_circle({0}, {1}, {2}, {3})"),),
    "bing_tile": (
        _form("bing_tile", t.BING_TILE, t.INTEGER, t.INTEGER, t.INTEGER),
        _form("bing_tile_of_key", t.BING_TILE, t.VARCHAR),
    ),
    **_forms(t.BING_TILE, (t.DOUBLE, t.DOUBLE, t.INTEGER), "bing_tile_at"),
    "bing_tiles_around": (
        _form("bing_tiles_around", t.Array(t.BING_TILE), t.DOUBLE, t.DOUBLE, t.INTEGER),
        _form("bing_tiles_within", t.Array(t.BING_TILE), t.DOUBLE, t.DOUBLE, t.INTEGER, t.DOUBLE),
    ),
    **_forms(t.Array(t.BING_TILE), (_G, t.INTEGER), "geometry_to_bing_tiles"),
    **_forms(t.VARCHAR, (t.BING_TILE,), "bing_tile_quadkey"),
    **_forms(_G, (t.BING_TILE,), "bing_tile_polygon"),
    "bing_tile_zoom_level": (Form((t.BING_TILE,), t.TINYINT, "CAST({0} >> 46 AS TINYINT)"),),
    "bing_tile_coordinates": (
        Form(
            (t.BING_TILE,),
            t.Row((("x", t.INTEGER), ("y", t.INTEGER))),
            "CASE WHEN {0} IS NOT NULL THEN struct_pack("
            '"f0" := CAST(({0} >> 23) & 8388607 AS INTEGER), "f1" := CAST({0} & 8388607 AS INTEGER)) END',
        ),
    ),
}


def _gathered(function: str) -> Rule:
    """An aggregate computed from the list of a group's geometries."""

    def compiled(call: Call) -> Expr:
        if len(call.args) != 1 or call.args[0].type not in (_G, t.UNKNOWN):
            raise call.unexpected()
        if call.window:
            raise call.refuse("as a window function")
        value = call.args[0].sql
        listed = bare(call, f"list(CAST({value} AS BLOB))", _MANY)
        return Expr(f"py_{function}({listed.sql})", _G)

    return compiled


AGGREGATES: dict[str, Rule] = {
    "geometry_union_agg": _gathered("geometry_union"),
    "convex_hull_agg": _gathered("convex_hull"),
}

# Functions of this page that Athena has and this server has not: name → why.
REFUSED: dict[str, str] = {
    "geometry_from_hadoop_shape": "Esri's binary form is not read",
    "geometry_nearest_points": "which of several nearest points Trino takes is not reproduced",
    "line_interpolate_points": "no recorded answer to check it against",
    "spatial_partitioning": "internal to Trino's spatial joins",
    "spatial_partitions": "internal to Trino's spatial joins",
}
