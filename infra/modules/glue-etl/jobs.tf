# The jobs, and what their runs are encrypted with.

# It cannot be changed, only replaced while jobs name it: so another key makes another name.
resource "aws_glue_security_configuration" "this" {
  name = "${var.name}-${substr(sha256(var.key_arn), 0, 8)}"

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "SSE-KMS"
      kms_key_arn                = var.key_arn
    }

    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "CSE-KMS"
      kms_key_arn                   = var.key_arn
    }

    s3_encryption {
      s3_encryption_mode = "SSE-KMS"
      kms_key_arn        = var.key_arn
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_glue_job" "etl" {
  for_each = local.jobs

  name              = "${var.name}-${replace(each.key, "_", "-")}"
  description       = length(each.value) == 0 ? "processed to curated" : "${join(", ", each.value)}: raw to processed; typed, deduplicated, partitioned"
  role_arn          = aws_iam_role.job[each.key].arn
  glue_version      = var.glue_version
  worker_type       = var.worker_type
  number_of_workers = var.workers
  timeout           = var.timeout_minutes
  max_retries       = 0

  security_configuration = aws_glue_security_configuration.this.name

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
