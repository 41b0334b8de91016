"""`DynamicFrame`, after "DynamicFrame class" of the AWS Glue Developer Guide.

Here it is a DataFrame by another name: what Glue adds to one (records that differ in type, error records) does not
arise from what can be read here, and the methods that need it are refused by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from pyspark.sql import types

from awsglue.unsupported import Refused, refuse, refuse_attribute

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyspark.sql import DataFrame

    from awsglue.context import GlueContext

# Spark type → its name in Glue ("PySpark extension types").
_TYPE_NAMES: dict[type[types.DataType], str] = {
    types.BinaryType: "binary",
    types.BooleanType: "boolean",
    types.ByteType: "byte",
    types.DateType: "date",
    types.DecimalType: "decimal",
    types.DoubleType: "double",
    types.FloatType: "float",
    types.IntegerType: "int",
    types.LongType: "long",
    types.ShortType: "short",
    types.StringType: "string",
    types.TimestampType: "timestamp",
    types.StructType: "struct",
    types.ArrayType: "array",
}

DynamicFrameCollection = Refused("awsglue.dynamicframe.DynamicFrameCollection")
DynamicFrameReader = Refused("awsglue.dynamicframe.DynamicFrameReader")
DynamicFrameWriter = Refused("awsglue.dynamicframe.DynamicFrameWriter")


class DynamicFrame:
    """A distributed table of records. Scripts make one by `fromDF` or by a reader of GlueContext."""

    def __init__(self, frame: DataFrame, glue_ctx: GlueContext, name: str = "") -> None:
        self._frame = frame
        self.glue_ctx = glue_ctx
        self.name = name

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: GlueContext, name: str) -> DynamicFrame:  # noqa: N802 (AWS's name)
        """A DynamicFrame with the rows of a DataFrame."""
        return cls(dataframe, glue_ctx, name)

    def toDF(self, options: Any = None) -> DataFrame:  # noqa: N802 (AWS's name)
        """The rows as a DataFrame.

        Args:
            options: how to resolve choice types, of which there are none here.

        Raises:
            UnsupportedError: options are given.
        """
        if options:
            refuse("DynamicFrame.toDF(options)")
        return self._frame

    def count(self) -> int:
        """The number of rows."""
        return self._frame.count()

    def printSchema(self) -> None:  # noqa: N802 (AWS's name)
        """Print the schema as a tree, with Glue's type names."""
        print("\n".join(["root", *_tree(self._frame.schema, "")]))

    def repartition(
        self, num_partitions: int, transformation_ctx: str = "", info: str = "", **others: Any
    ) -> DynamicFrame:
        """The same rows in that many partitions."""
        del transformation_ctx, info
        _no_thresholds("repartition", others)
        return DynamicFrame(self._frame.repartition(num_partitions), self.glue_ctx, self.name)

    def coalesce(
        self, num_partitions: int, transformation_ctx: str = "", info: str = "", **others: Any
    ) -> DynamicFrame:
        """The same rows in at most that many partitions."""
        del transformation_ctx, info
        _no_thresholds("coalesce", others)
        return DynamicFrame(self._frame.coalesce(num_partitions), self.glue_ctx, self.name)

    def __getattr__(self, name: str) -> NoReturn:
        refuse_attribute("awsglue.dynamicframe.DynamicFrame", name, "toDF() gives a DataFrame")


def _no_thresholds(method: str, others: Mapping[str, Any]) -> None:
    given = [name for name, value in others.items() if value]
    if given:
        refuse(f"DynamicFrame.{method}({', '.join(given)}=…)")


def _tree(schema: types.StructType, indent: str) -> Iterator[str]:
    for field in schema.fields:
        yield from _branch(field.name, field.dataType, indent)


def _branch(name: str, kind: types.DataType, indent: str) -> Iterator[str]:
    if type(kind) not in _TYPE_NAMES:
        refuse(f"DynamicFrame.printSchema with a column of type {kind.simpleString()}")
    yield f"{indent}|-- {name}: {_TYPE_NAMES[type(kind)]}"
    if isinstance(kind, types.StructType):
        yield from _tree(kind, f"{indent}|    ")
    elif isinstance(kind, types.ArrayType):
        yield from _branch("element", kind.elementType, f"{indent}|    ")
