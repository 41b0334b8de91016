"""Expected rows come from pyarrow, which wrote or reads the files."""

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.unsupported import UnsupportedError


def _read(glue, path, **options):
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [str(path)], **options}, format="parquet")
    return sorted(map(tuple, frame.toDF().collect()), key=repr)


def test_it_has_the_session_of_its_context(spark, glue):
    assert glue.spark_session.sparkContext is spark.sparkContext
    assert glue.sql("select 1 + 1 as n").first().n == 2
    assert glue.createDataFrame([(1,)], "n int").count() == 1


def test_reads_the_files_of_a_folder_but_not_below(glue, tmp_path):
    (tmp_path / "below").mkdir()
    pq.write_table(pa.table({"id": [1, 2]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"id": [3]}), tmp_path / "below" / "b.parquet")
    (tmp_path / "_SUCCESS").touch()
    assert _read(glue, tmp_path) == [(1,), (2,)]
    assert _read(glue, tmp_path, recurse=True) == [(1,), (2,), (3,)]


def test_the_columns_are_those_of_all_files(glue, tmp_path):
    pq.write_table(pa.table({"id": [1]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"id": [2], "name": ["x"]}), tmp_path / "b.parquet")
    assert _read(glue, tmp_path) == [(1, None), (2, "x")]


def test_an_empty_folder_gives_no_rows(glue, tmp_path):
    assert _read(glue, tmp_path) == []


def test_partition_folders_are_refused_not_ignored(glue, tmp_path):
    (tmp_path / "day=1").mkdir()
    pq.write_table(pa.table({"id": [1]}), tmp_path / "day=1" / "a.parquet")
    with pytest.raises(UnsupportedError, match="lies in a partition"):
        _read(glue, tmp_path, recurse=True)


def test_writes_by_adding_and_partitions(spark, glue, tmp_path):
    frame = DynamicFrame.fromDF(spark.createDataFrame([(1, "a"), (2, "b")], "id bigint, kind string"), glue, "f")
    for _ in range(2):
        glue.write_dynamic_frame.from_options(
            frame, "s3", {"path": str(tmp_path / "out"), "partitionKeys": ["kind"]}, format="parquet"
        )
    table = ds.dataset(tmp_path / "out", partitioning="hive").to_table()
    assert sorted(zip(table["id"].to_pylist(), map(str, table["kind"]), strict=True)) == [
        (1, "a"),
        (1, "a"),
        (2, "b"),
        (2, "b"),
    ]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"connection_type": "s3", "format": "csv"}, "format 'csv'"),
        ({"connection_type": "s3", "format": "json"}, "format 'json'"),
        ({"connection_type": "mysql"}, "connection_type 'mysql'"),
        ({"connection_type": "s3", "format": "parquet", "format_options": {"useGlueParquetWriter": True}}, "useGlue"),
        ({"connection_type": "s3", "format": "parquet", "connection_options": {"groupFiles": "none"}}, "groupFiles"),
        ({"connection_type": "s3", "format": "parquet", "push_down_predicate": "a=1"}, "push_down_predicate"),
    ],
)
def test_readers_that_would_differ_are_refused(glue, arguments, named):
    with pytest.raises(UnsupportedError, match=named):
        glue.create_dynamic_frame.from_options(**arguments)


def test_the_rest_is_refused_by_name(spark, glue):
    with pytest.raises(UnsupportedError, match=r"create_dynamic_frame\.from_catalog"):
        glue.create_dynamic_frame.from_catalog(database="d", table_name="t")
    with pytest.raises(UnsupportedError, match=r"GlueContext\.getSink"):
        glue.getSink("s3")
    with pytest.raises(UnsupportedError, match=r"write_dynamic_frame\.from_catalog"):
        glue.write_dynamic_frame.from_catalog(frame=None)
    with pytest.raises(UnsupportedError, match="minPartitions"):
        GlueContext(spark.sparkContext, minPartitions=3)


def test_paths_are_needed(glue):
    with pytest.raises(ValueError, match="paths"):
        glue.create_dynamic_frame.from_options("s3", {}, format="parquet")


def test_the_logger_has_glues_levels(glue):
    logger = glue.get_logger()
    logger.info("a")
    logger.warn("b")
    logger.error("c")
    with pytest.raises(UnsupportedError, match=r"GlueLogger\.critical"):
        logger.critical("d")
