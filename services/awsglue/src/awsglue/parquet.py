"""DynamicFrames from and to Parquet on S3.

Follows "Connection types and options for ETL in AWS Glue: Amazon S3" and "Using the Parquet format in AWS Glue".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql.types import StructType

from awsglue.unsupported import refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pyspark.sql import DataFrame, SparkSession

_READ_OPTIONS = ("paths", "recurse")
_WRITE_OPTIONS = ("path", "partitionKeys")
_HIDDEN = ("_", ".")


def read(session: SparkSession, options: Mapping[str, Any]) -> DataFrame:
    """All rows of the files below some folders, with the columns of all files.

    Args:
        session: the Spark session.
        options: `paths`, `recurse`.

    Raises:
        UnsupportedError: there are other options, or folders that are named like partitions.
        ValueError: there are no paths.
    """
    _only("create_dynamic_frame.from_options", options, _READ_OPTIONS)
    paths = options.get("paths")
    if not paths or isinstance(paths, str):
        raise ValueError('connection_options["paths"]: a list of S3 URIs is needed')
    recurse = str(options.get("recurse", False)).lower() == "true"
    files = sorted({file for path in paths for file in _files(session, path, recurse=recurse)})
    if not files:
        return session.createDataFrame([], StructType([]))
    # Named one by one, so that Spark makes no columns of folder names.
    return session.read.option("mergeSchema", "true").parquet(*files)


def write(frame: DataFrame, options: Mapping[str, Any]) -> None:
    """Add a frame's rows to a folder, which keeps what it has.

    Args:
        frame: the rows.
        options: `path`, `partitionKeys`.

    Raises:
        UnsupportedError: there are other options.
        ValueError: there is no path.
    """
    _only("write_dynamic_frame.from_options", options, _WRITE_OPTIONS)
    if not options.get("path"):
        raise ValueError('connection_options["path"]: the S3 URI of a folder is needed')
    frame.write.mode("append").partitionBy(*(options.get("partitionKeys") or ())).parquet(options["path"])


def _only(where: str, options: Mapping[str, Any], known: Collection[str]) -> None:
    unknown = sorted(set(options) - set(known))
    if unknown:
        refuse(f"{where}: connection_options {', '.join(unknown)}")


def _files(session: SparkSession, path: str, *, recurse: bool) -> Iterator[str]:
    """The files of a folder (or the file itself), without hidden ones."""
    jvm = session._jvm
    root = jvm.org.apache.hadoop.fs.Path(path)
    listing = root.getFileSystem(session._jsc.hadoopConfiguration()).listFiles(root, recurse)
    while listing.hasNext():
        file = listing.next().getPath()
        inside = str(file.toString()).removeprefix(str(root.toString())).strip("/").split("/")
        if any(part.startswith(_HIDDEN) for part in inside):
            continue
        if any("=" in part for part in inside[:-1]):
            refuse(f"create_dynamic_frame.from_options: {file.toString()} lies in a partition")
        yield str(file.toString())
