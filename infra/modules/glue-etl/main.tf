# Catalog and jobs. Tables are what the contracts say; the contracts are published as JSON beside the code that reads them.

locals {
  identifier = replace(var.name, "-", "_")
  properties = { for dataset, contract in var.contracts : dataset => contract.schema[0].properties }
  library    = "${var.artifacts_dir}/jobs/lakehouse.zip"
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

# Code lies under its own hash: what runs in two environments is the same where the names are.
resource "aws_s3_object" "script" {
  for_each = { for script, _ in local.jobs : script => "${var.artifacts_dir}/jobs/${script}.py" }

  bucket = var.buckets["artifacts"]
  key    = "jobs/${filesha256(each.value)}/${each.key}.py"
  source = each.value

  lifecycle {
    create_before_destroy = true
  }

  override_provider {
    default_tags { tags = {} }
  }
}

resource "aws_s3_object" "library" {
  bucket = var.buckets["artifacts"]
  key    = "jobs/${filesha256(local.library)}/lakehouse.zip"
  source = local.library

  lifecycle {
    create_before_destroy = true
  }

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
    ignore_changes = [
      # Engines that write through the catalog leave the time of their last change here,
      parameters["transient_lastDdlTime"],
      # Spark and Athena the statistics of their ANALYZE and INSERT,
      parameters["numFiles"], parameters["numRows"], parameters["rawDataSize"], parameters["totalSize"],
      parameters["COLUMN_STATS_ACCURATE"],
      # and crawlers their marks.
      parameters["CrawlerSchemaDeserializerVersion"], parameters["CrawlerSchemaSerializerVersion"],
      parameters["UPDATED_BY_CRAWLER"], parameters["averageRecordSize"], parameters["compressionType"],
      parameters["objectCount"], parameters["recordCount"], parameters["sizeKey"], parameters["typeOfData"],
    ]
  }
}
