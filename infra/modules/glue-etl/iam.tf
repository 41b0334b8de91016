# A role a job: its own datasets in each zone, and the curated tables.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  s3      = "arn:${data.aws_partition.current.partition}:s3:::"
  account = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  catalog = "arn:${data.aws_partition.current.partition}:glue:${local.account}"
  logs    = "arn:${data.aws_partition.current.partition}:logs:${local.account}"
}

resource "aws_iam_role" "job" {
  for_each = local.jobs

  name = "${var.name}-${replace(each.key, "_", "-")}"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "glue.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "job" {
  for_each = local.jobs

  name = "job"
  role = aws_iam_role.job[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid    = "Read"
          Effect = "Allow"
          Action = "s3:GetObject"
          Resource = concat(
            ["${local.s3}${var.buckets["artifacts"]}/contracts/*", "${local.s3}${var.buckets["artifacts"]}/jobs/*", "${local.s3}${var.buckets["processed"]}/*"],
            [for dataset in each.value : "${local.s3}${var.buckets["raw"]}/${dataset}/*"],
          )
        },
        {
          Sid    = "Write"
          Effect = "Allow"
          Action = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
          Resource = concat(
            ["${local.s3}${var.buckets["curated"]}/*"],
            [for dataset in each.value : "${local.s3}${var.buckets["raw"]}/batches/${dataset}/*"],
            [for dataset in each.value : "${local.s3}${var.buckets["processed"]}/${dataset}/*"],
            [for dataset in each.value : "${local.s3}${var.buckets["quarantine"]}/rows/${dataset}/*"],
          )
        },
        {
          Sid      = "List"
          Effect   = "Allow"
          Action   = ["s3:ListBucket", "s3:GetBucketLocation"]
          Resource = [for zone in ["raw", "processed", "curated", "quarantine"] : "${local.s3}${var.buckets[zone]}"]
        },
        {
          Sid    = "Curated"
          Effect = "Allow"
          Action = ["glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable"]
          Resource = [
            "${local.catalog}:catalog",
            "${local.catalog}:database/${aws_glue_catalog_database.zone["curated"].name}",
            "${local.catalog}:table/${aws_glue_catalog_database.zone["curated"].name}/*",
          ]
        },
        {
          Sid      = "Logs"
          Effect   = "Allow"
          Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey"]
          Resource = "${local.logs}:log-group:/aws-glue/jobs/*"
        },
        {
          Sid       = "Key"
          Effect    = "Allow"
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = var.key_arn
          Condition = { StringEquals = { "kms:ViaService" = "s3.${data.aws_region.current.name}.amazonaws.com" } }
        },
        # How a run is encrypted is looked up by the run itself.
        { Sid = "Security", Effect = "Allow", Action = "glue:GetSecurityConfiguration", Resource = "${local.catalog}:catalog" },
      ],
      length(each.value) == 0 ? [] : [{
        Sid    = "Partitions"
        Effect = "Allow"
        Action = ["glue:GetTable", "glue:BatchCreatePartition", "glue:BatchDeletePartition"]
        Resource = concat(
          ["${local.catalog}:catalog", "${local.catalog}:database/${aws_glue_catalog_database.zone["processed"].name}"],
          [for dataset in each.value : "${local.catalog}:table/${aws_glue_catalog_database.zone["processed"].name}/${dataset}"],
        )
      }],
    )
  })
}
