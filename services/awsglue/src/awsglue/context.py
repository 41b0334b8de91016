"""`GlueContext`, after "GlueContext class" of the AWS Glue Developer Guide.

On AWS it is a Spark SQL context with readers and writers of DynamicFrames. Of these, Parquet on S3 is here: there the
file says all about its rows. CSV and JSON are refused, since Glue's own readers find other types and other nulls than
Spark's do, and an answer that is only nearly Glue's would be wrong without saying so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from pyspark.sql import DataFrame, SparkSession

from awsglue import parquet
from awsglue.dynamicframe import DynamicFrame
from awsglue.unsupported import refuse, refuse_attribute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark import SparkContext

# What GlueContext inherits on AWS and a session does alike.
_SESSION_MEMBERS = frozenset({"createDataFrame", "range", "read", "sql", "table", "udf"})

_INSTEAD_OF_READER = "spark.read and DynamicFrame.fromDF work here and on AWS"


class GlueContext:
    """The entry to Glue's extensions.

    Args:
        sparkContext: the Spark context.
        options: further settings of AWS Glue, none of which is supported.
    """

    def __init__(self, sparkContext: SparkContext, **options: Any) -> None:  # noqa: N803 (AWS's name)
        if options:
            refuse(f"GlueContext({', '.join(sorted(options))}=…)")
        self._jvm = sparkContext._jvm
        self.spark_session = SparkSession.builder.getOrCreate()
        self.create_dynamic_frame = _Reader(self)
        self.write_dynamic_frame = _Writer(self)

    def get_logger(self) -> GlueLogger:
        """A logger whose messages go to the run's error log."""
        return GlueLogger(self._jvm)

    def create_dynamic_frame_from_options(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] = {},
        format: str | None = None,  # noqa: A002 (AWS's name)
        format_options: Mapping[str, Any] = {},
        transformation_ctx: str = "",
        **others: Any,
    ) -> DynamicFrame:
        """Read Parquet files from S3.

        Args:
            connection_type: `s3`.
            connection_options: `paths` (list of S3 URIs), `recurse` (also in folders below; default false).
            format: `parquet`.
            format_options: none is supported.
            transformation_ctx: the bookmark's key; without bookmarks it means nothing.
            others: not supported.

        Raises:
            UnsupportedError: anything else is asked for.
        """
        del transformation_ctx
        where = "create_dynamic_frame.from_options"
        _only_parquet_on_s3(where, connection_type, format, format_options, others, _INSTEAD_OF_READER)
        return DynamicFrame(parquet.read(self.spark_session, connection_options), self, "")

    def write_dynamic_frame_from_options(
        self,
        frame: DynamicFrame,
        connection_type: str,
        connection_options: Mapping[str, Any] = {},
        format: str | None = None,  # noqa: A002 (AWS's name)
        format_options: Mapping[str, Any] = {},
        transformation_ctx: str = "",
        **others: Any,
    ) -> DynamicFrame:
        """Add Parquet files to a folder on S3; what lies there stays.

        Args:
            frame: the rows.
            connection_type: `s3`.
            connection_options: `path` (S3 URI), `partitionKeys` (list of columns).
            format: `parquet`.
            format_options: none is supported.
            transformation_ctx: the bookmark's key; without bookmarks it means nothing.
            others: not supported.

        Returns:
            The frame.

        Raises:
            UnsupportedError: anything else is asked for.
        """
        del transformation_ctx
        where = "write_dynamic_frame.from_options"
        _only_parquet_on_s3(where, connection_type, format, format_options, others, "DataFrame.write works alike")
        parquet.write(frame.toDF(), connection_options)
        return frame

    def __getattr__(self, name: str) -> Any:
        if name not in _SESSION_MEMBERS:
            refuse_attribute("awsglue.context.GlueContext", name)
        return getattr(self.spark_session, name)


class GlueLogger:
    """What `GlueContext.get_logger` gives.

    Args:
        jvm: the view of Spark's JVM.
    """

    def __init__(self, jvm: Any) -> None:
        self._logger = jvm.org.apache.logging.log4j.LogManager.getLogger("GlueLogger")

    def info(self, message: object) -> None:
        """Log at level INFO."""
        self._logger.info(str(message))

    def warn(self, message: object) -> None:
        """Log at level WARN."""
        self._logger.warn(str(message))

    def error(self, message: object) -> None:
        """Log at level ERROR."""
        self._logger.error(str(message))

    def __getattr__(self, name: str) -> NoReturn:
        refuse_attribute("GlueLogger", name)


class _Reader:
    """`glueContext.create_dynamic_frame`."""

    def __init__(self, context: GlueContext) -> None:
        self.from_options = context.create_dynamic_frame_from_options

    def __getattr__(self, name: str) -> NoReturn:
        refuse_attribute("create_dynamic_frame", name, _INSTEAD_OF_READER)


class _Writer:
    """`glueContext.write_dynamic_frame`."""

    def __init__(self, context: GlueContext) -> None:
        self.from_options = context.write_dynamic_frame_from_options

    def __getattr__(self, name: str) -> NoReturn:
        refuse_attribute("write_dynamic_frame", name, "DataFrame.write works here and on AWS")


def _only_parquet_on_s3(
    where: str,
    connection_type: str,
    form: str | None,
    format_options: Mapping[str, Any],
    others: Mapping[str, Any],
    instead: str,
) -> None:
    if connection_type != "s3":
        refuse(f"{where}: connection_type {connection_type!r}", instead)
    if form != "parquet":
        refuse(f"{where}: format {form!r}", instead)
    extra = [f"format_options[{name!r}]" for name in format_options]
    extra += [name for name, value in others.items() if value]
    if extra:
        refuse(f"{where}: {', '.join(extra)}", instead)


__all__ = ["DataFrame", "DynamicFrame", "GlueContext", "GlueLogger"]
