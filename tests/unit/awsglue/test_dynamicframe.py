import pytest
from awsglue.dynamicframe import DynamicFrame
from awsglue.unsupported import UnsupportedError

from awsglue import dynamicframe


@pytest.fixture
def frame(spark, glue):
    rows = spark.createDataFrame([(1, "a"), (2, "b"), (3, None)], "id bigint, name string")
    return DynamicFrame.fromDF(rows, glue, "rows")


def test_a_data_frame_goes_in_and_comes_out(frame):
    assert [tuple(row) for row in frame.toDF().collect()] == [(1, "a"), (2, "b"), (3, None)]
    assert frame.count() == 3
    assert frame.name == "rows"


def test_print_schema_uses_glues_names(spark, glue, capsys):
    columns = "id long, n int, who struct<name: string, tags: array<struct<k: string>>>, d date"
    DynamicFrame.fromDF(spark.createDataFrame([], columns), glue, "x").printSchema()
    assert capsys.readouterr().out.splitlines() == [
        "root",
        "|-- id: long",
        "|-- n: int",
        "|-- who: struct",
        "|    |-- name: string",
        "|    |-- tags: array",
        "|    |    |-- element: struct",
        "|    |    |    |-- k: string",
        "|-- d: date",
    ]


def test_print_schema_refuses_what_it_cannot_name(spark, glue):
    with pytest.raises(UnsupportedError, match="map<string,int>"):
        DynamicFrame.fromDF(spark.createDataFrame([], "m map<string, int>"), glue, "x").printSchema()


def test_repartition_and_coalesce_keep_the_rows(frame):
    spread = frame.repartition(3)
    assert spread.toDF().rdd.getNumPartitions() == 3
    assert spread.coalesce(1).toDF().rdd.getNumPartitions() == 1
    assert spread.coalesce(1).count() == 3
    with pytest.raises(UnsupportedError, match="stageThreshold"):
        frame.repartition(1, stageThreshold=5)


@pytest.mark.parametrize("method", ["show", "schema", "apply_mapping", "resolveChoice", "relationalize", "errorsCount"])
def test_the_rest_is_refused_by_name(frame, method):
    with pytest.raises(UnsupportedError, match=rf"DynamicFrame\.{method}: .*toDF\(\)"):
        getattr(frame, method)()


def test_choice_options_and_collections_are_refused(frame, glue):
    with pytest.raises(UnsupportedError, match="toDF"):
        frame.toDF([("a", "cast:int")])
    with pytest.raises(UnsupportedError, match="DynamicFrameCollection"):
        dynamicframe.DynamicFrameCollection({}, glue)
