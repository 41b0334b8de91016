# Catalog and jobs. Tables are what the contracts say; the contracts are published as JSON beside the code that reads them.

locals {
  identifier = replace(var.name, "-", "_")
  properties = { for dataset, contract in var.contracts : dataset => contract.schema[0].properties }
  folder     = { for zone in ["processed", "curated"] : zone => "s3://${var.buckets[zone]}" }

  # Script → its datasets; the merge has none of its own.
  jobs = merge(
    { for script in distinct(values(var.datasets)) : script => sort([for dataset, job in var.datasets : dataset if job == script]) },
    { (var.merge_script) = [] },
  )

  # Apache Iceberg tables through the Data Catalog, as "Using the Iceberg framework in AWS Glue" has it.
  iceberg = {
    "spark.sql.extensions"                             = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
    "spark.sql.catalog.glue_catalog"                   = "org.apache.iceberg.spark.SparkCatalog"
    "spark.sql.catalog.glue_catalog.catalog-impl"      = "org.apache.iceberg.aws.glue.GlueCatalog"
    "spark.sql.catalog.glue_catalog.io-impl"           = "org.apache.iceberg.aws.s3.S3FileIO"
    "spark.sql.catalog.glue_catalog.warehouse"         = "${local.folder["curated"]}/"
    "spark.sql.catalog.glue_catalog.glue.skip-archive" = "true"
    "spark.sql.shuffle.partitions"                     = tostring(var.shuffle_partitions)
  }
}

resource "aws_s3_object" "contract" {
  for_each = var.contracts

  bucket       = var.buckets["artifacts"]
  key          = "contracts/${each.key}.json"
  content      = jsonencode(each.value)
  content_type = "application/json"

  override_provider {
    default_tags { tags = {} }
  }
}

resource "aws_s3_object" "script" {
  for_each = local.jobs

  bucket      = var.buckets["artifacts"]
  key         = "jobs/${each.key}.py"
  source      = "${var.artifacts_dir}/jobs/${each.key}.py"
  source_hash = filemd5("${var.artifacts_dir}/jobs/${each.key}.py")

  override_provider {
    default_tags { tags = {} }
  }
}

resource "aws_s3_object" "library" {
  bucket      = var.buckets["artifacts"]
  key         = "jobs/lakehouse.zip"
  source      = "${var.artifacts_dir}/jobs/lakehouse.zip"
  source_hash = filemd5("${var.artifacts_dir}/jobs/lakehouse.zip")

  override_provider {
    default_tags { tags = {} }
  }
}

resource "aws_glue_catalog_database" "zone" {
  for_each = toset(["processed", "curated"])

  name        = "${local.identifier}_${each.key}"
  description = "Tables of the ${each.key} zone"
}

resource "aws_glue_catalog_table" "processed" {
  for_each = var.contracts

  database_name = aws_glue_catalog_database.zone["processed"].name
  name          = each.key
  description   = each.value.schema[0].description
  table_type    = "EXTERNAL_TABLE"
  parameters    = { classification = "parquet" }

  dynamic "partition_keys" {
    for_each = [for property in local.properties[each.key] : property if try(property.partitioned, false)]

    content {
      name    = partition_keys.value.name
      type    = partition_keys.value.physicalType
      comment = partition_keys.value.description
    }
  }

  storage_descriptor {
    location      = "${local.folder["processed"]}/${each.key}/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }

    dynamic "columns" {
      for_each = [for property in local.properties[each.key] : property if !try(property.partitioned, false)]

      content {
        name    = columns.value.name
        type    = columns.value.physicalType
        comment = columns.value.description
      }
    }
  }

  lifecycle {
    # Engines that write through the catalog leave the time of their last change here.
    ignore_changes = [parameters["transient_lastDdlTime"]]
  }
}

resource "aws_glue_job" "etl" {
  for_each = local.jobs

  name              = "${var.name}-${replace(each.key, "_", "-")}"
  description       = length(each.value) == 0 ? "processed to curated" : "${join(", ", each.value)}: raw to processed; typed, deduplicated, partitioned"
  role_arn          = aws_iam_role.job[each.key].arn
  glue_version      = var.glue_version
  worker_type       = "G.1X"
  number_of_workers = var.workers
  timeout           = 60
  max_retries       = 0

  command {
    name            = "glueetl"
    script_location = "s3://${aws_s3_object.script[each.key].bucket}/${aws_s3_object.script[each.key].key}"
    python_version  = "3"
  }

  # Two runs at once would write the same partitions.
  execution_property {
    max_concurrent_runs = 1
  }

  default_arguments = merge(length(each.value) == 0 ? {} : { "--datasets" = join(",", each.value) }, {
    "--job-language"        = "python"
    "--job-bookmark-option" = "job-bookmark-disable"
    "--datalake-formats"    = "iceberg"
    "--extra-py-files"      = "s3://${aws_s3_object.library.bucket}/${aws_s3_object.library.key}"
    "--conf"                = join(" --conf ", [for name, value in local.iceberg : "${name}=${value}"])
    "--contracts"           = "s3://${var.buckets["artifacts"]}/contracts/"
    "--raw"                 = "s3://${var.buckets["raw"]}/"
    "--processed"           = "${local.folder["processed"]}/"
    "--rejected"            = "s3://${var.buckets["quarantine"]}/rows/"
    "--database"            = aws_glue_catalog_database.zone["processed"].name
    "--curated_database"    = aws_glue_catalog_database.zone["curated"].name
    "--warehouse"           = "${local.folder["curated"]}/"
    "--run_id"              = "by-hand"
  })

  depends_on = [aws_s3_object.contract]
}
