"""The lake that the tests of `lakehouse.etl` share."""

import importlib.util

if importlib.util.find_spec("pyspark") is None:
    collect_ignore_glob = ["test_*.py"]
else:
    from pathlib import Path

    import pytest
    from pyspark.sql import SparkSession

    from tests.unit.jobs.etl.lake import Lake

    @pytest.fixture
    def lake(spark: SparkSession, tmp_path: Path) -> Lake:
        return Lake(spark, tmp_path)
