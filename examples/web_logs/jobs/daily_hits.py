"""AWS Glue job: the access log of a web server → Parquet with one row per day and status.

Arguments: --logs and --hits, folders on S3. A line that is none of the combined log format counts as malformed.
"""

import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as f

# 192.0.2.1 - - [31/Jan/2026:23:59:58 +0000] "GET /shop HTTP/1.1" 200 5123 "https://example.com/" "Mozilla/5.0"
LINE = r'^(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+)[^"]*" (\d{3}) (\d+|-)'

arguments = getResolvedOptions(sys.argv, ["JOB_NAME", "logs", "hits"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(arguments["JOB_NAME"], arguments)

lines = glue.spark_session.read.text(arguments["logs"])
requests = lines.where(f.col("value").rlike(LINE)).select(
    f.regexp_extract("value", LINE, 1).alias("visitor"),
    f.to_timestamp(f.regexp_extract("value", LINE, 2), "dd/MMM/yyyy:HH:mm:ss Z").alias("at"),
    f.regexp_extract("value", LINE, 5).cast("int").alias("status"),
    f.regexp_extract("value", LINE, 6).try_cast("bigint").alias("bytes"),
)
hits = requests.groupBy(f.to_date("at").alias("day"), "status").agg(
    f.count("*").alias("hits"),
    f.countDistinct("visitor").alias("visitors"),
    f.coalesce(f.sum("bytes"), f.lit(0)).cast("bigint").alias("bytes"),
)
frame = DynamicFrame.fromDF(hits.coalesce(1), glue, "hits")
glue.write_dynamic_frame.from_options(frame, "s3", {"path": arguments["hits"]}, "parquet")

print(f"malformed lines: {lines.count() - requests.count()}")
job.commit()
