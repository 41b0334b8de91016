# Catalog and jobs. Tables are what the contracts say; the contracts are published as JSON beside the code that reads them.

locals {
  identifier = replace(var.name, "-", "_")
  contracts  = { for dataset, _ in var.datasets : dataset => yamldecode(file("${var.artifacts_dir}/contracts/${dataset}.odcs.yaml")) }
  properties = { for dataset, contract in local.contracts : dataset => contract.schema[0].properties }
  folder     = "s3://${var.buckets["processed"]}"
}

resource "aws_s3_object" "contract" {
  for_each = local.contracts

  bucket       = var.buckets["artifacts"]
  key          = "contracts/${each.key}.json"
  content      = jsonencode(each.value)
  content_type = "application/json"

  override_provider {
    default_tags { tags = {} }
  }
}

resource "aws_s3_object" "script" {
  for_each = var.datasets

  bucket      = var.buckets["artifacts"]
  key         = "jobs/${each.value}"
  source      = "${var.artifacts_dir}/jobs/${each.value}"
  source_hash = filemd5("${var.artifacts_dir}/jobs/${each.value}")

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
  for_each = local.contracts

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
    location      = "${local.folder}/${each.key}/"
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
  for_each = var.datasets

  name              = "${var.name}-${replace(trimsuffix(each.value, ".py"), "_", "-")}"
  description       = "${each.key}: raw to processed; typed, deduplicated, partitioned"
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

  # Two runs at once would write the same days.
  execution_property {
    max_concurrent_runs = 1
  }

  default_arguments = {
    "--job-language"        = "python"
    "--job-bookmark-option" = "job-bookmark-disable"
    "--extra-py-files"      = "s3://${aws_s3_object.library.bucket}/${aws_s3_object.library.key}"
    "--conf"                = "spark.sql.shuffle.partitions=${var.shuffle_partitions}"
    "--contract"            = "s3://${aws_s3_object.contract[each.key].bucket}/${aws_s3_object.contract[each.key].key}"
    "--raw"                 = "s3://${var.buckets["raw"]}/"
    "--processed"           = aws_glue_catalog_table.processed[each.key].storage_descriptor[0].location
    "--rejected"            = "s3://${var.buckets["quarantine"]}/rows/${each.key}/"
    "--database"            = aws_glue_catalog_database.zone["processed"].name
    "--table"               = aws_glue_catalog_table.processed[each.key].name
  }
}
