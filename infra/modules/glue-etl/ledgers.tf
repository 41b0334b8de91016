# What the pipeline writes about itself, by Athena's INSERT INTO: the answers to quality rules, and its own runs.

locals {
  ledgers = {
    data_quality_results = {
      description = "One row per rule of a contract and run"
      columns = [
        ["run_id", "string", "The run of the transform"],
        ["checked_at", "timestamp", "When it was checked, UTC"],
        ["dataset", "string", "The dataset"],
        ["rule", "string", "The rule's name"],
        ["column_name", "string", "The column that it is about, or nothing"],
        ["dimension", "string", "completeness, uniqueness, validity, accuracy, consistency or timeliness"],
        ["severity", "string", "error stops the run, warning is told"],
        ["observed", "double", "What was found, in the unit"],
        ["unit", "string", "rows, percent or hours"],
        ["operator", "string", "How it is compared, in the words of the Open Data Contract Standard"],
        ["threshold", "double", "What it is compared with"],
        ["passed", "boolean", "Whether the rule holds"],
        ["rows_checked", "bigint", "Rows of the table at that time"],
      ]
    }
    pipeline_runs = {
      description = "One row per run of the transform, and one per step of it"
      columns = [
        ["run_id", "string", "The run: the name of its execution"],
        ["execution", "string", "ARN of the execution"],
        ["position", "int", "0 for the run itself, then its steps in the order in which they began"],
        ["step", "string", "The step's name; (run) for the run itself"],
        ["state", "string", "SUCCEEDED, FAILED or RUNNING"],
        ["started_at", "timestamp", "UTC"],
        ["ended_at", "timestamp", "UTC"],
        ["seconds", "double", "How long it took"],
        ["error", "string", "Why it failed"],
      ]
    }
  }
}

resource "aws_glue_catalog_table" "ledger" {
  for_each = local.ledgers

  database_name = aws_glue_catalog_database.zone["curated"].name
  name          = each.key
  description   = each.value.description
  table_type    = "EXTERNAL_TABLE"
  parameters    = { classification = "parquet" }

  partition_keys {
    name    = "run_month"
    type    = "string"
    comment = "Month of the run, UTC"
  }

  storage_descriptor {
    location      = "${local.folder["curated"]}/${each.key}/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name    = columns.value[0]
        type    = columns.value[1]
        comment = columns.value[2]
      }
    }
  }
}
