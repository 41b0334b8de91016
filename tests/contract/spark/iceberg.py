"""Glue jobs over Iceberg tables, set up as "Using the Iceberg framework in AWS Glue" says."""

from laketop.glue.jobs.arguments import plan
from tests.contract.spark.conftest import BUCKET

CATALOG = "spark.sql.catalog.glue_catalog"
ARGUMENTS = {
    "--datalake-formats": "iceberg",
    "--conf": f"{CATALOG}=org.apache.iceberg.spark.SparkCatalog"
    f" --conf {CATALOG}.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog"
    f" --conf {CATALOG}.warehouse=s3://{BUCKET}/warehouse/"
    f" --conf {CATALOG}.io-impl=org.apache.iceberg.aws.s3.S3FileIO"
    " --conf spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
}

HEAD = """
import json, sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F
name = getResolvedOptions(sys.argv, ["table"])["table"]
glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
def rows(query):
    return [list(row) for row in spark.sql(query).collect()]
"""


def order(table, **arguments):
    """What glue orders of the agent for a job with AWS's documented arguments."""
    made = plan(ARGUMENTS | {"--table": f"glue_catalog.ice.{table}"} | arguments)
    return {"arguments": made.arguments, "conf": made.conf, "datalake_formats": list(made.datalake_formats)}
