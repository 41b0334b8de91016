"""Tests of the Glue jobs run where the jobs run: in the environment that has pyspark and awsglue.

.tools/envs/glue-tests/bin/python -m pytest tests/unit/jobs
"""

import importlib.util

if importlib.util.find_spec("pyspark") is None:
    collect_ignore_glob = ["test_*.py"]
else:
    from collections.abc import Iterator

    import pytest
    from pyspark.sql import SparkSession

    @pytest.fixture(scope="session")
    def spark() -> Iterator[SparkSession]:
        """A small local session, in UTC as on Glue."""
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        settings = {
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": "2",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        }
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
        session.stop()
