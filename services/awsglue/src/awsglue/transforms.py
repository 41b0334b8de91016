"""Glue's transforms ("AWS Glue PySpark transforms reference"): each can be imported, none is supported yet.

Scripts begin with `from awsglue.transforms import *` whether they use one or not, so importing must work and using
must not.
"""

from typing import NoReturn

from awsglue.unsupported import Refused, refuse_attribute

__all__ = [  # noqa: F822 (made below)
    "ApplyMapping",
    "DropFields",
    "DropNullFields",
    "ErrorsAsDynamicFrame",
    "EvaluateDataQuality",
    "FillMissingValues",
    "Filter",
    "FindIncrementalMatches",
    "FindMatches",
    "FlatMap",
    "GlueTransform",
    "Join",
    "Map",
    "MapToCollection",
    "Relationalize",
    "RenameField",
    "ResolveChoice",
    "SelectFields",
    "SelectFromCollection",
    "SimplifyDDBJson",
    "Spigot",
    "SplitFields",
    "SplitRows",
    "Unbox",
    "UnnestFrame",
]

_INSTEAD = "DataFrame transformations work here and on AWS"

globals().update({name: Refused(f"awsglue.transforms.{name}", _INSTEAD) for name in __all__})


def __getattr__(name: str) -> NoReturn:
    refuse_attribute("awsglue.transforms", name)
