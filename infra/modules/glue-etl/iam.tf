# A role a job: its own dataset in each zone, nothing else.

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
  for_each = var.datasets

  name = "${var.name}-${replace(trimsuffix(each.value, ".py"), "_", "-")}"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "glue.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "job" {
  for_each = var.datasets

  name = "job"
  role = aws_iam_role.job[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Read"
        Effect = "Allow"
        Action = "s3:GetObject"
        Resource = [
          "${local.s3}${var.buckets["artifacts"]}/contracts/${each.key}.json",
          "${local.s3}${var.buckets["artifacts"]}/jobs/*",
          "${local.s3}${var.buckets["raw"]}/${each.key}/*",
        ]
      },
      {
        Sid    = "Write"
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        Resource = [
          "${local.s3}${var.buckets["raw"]}/batches/${each.key}/*",
          "${local.s3}${var.buckets["processed"]}/${each.key}/*",
          "${local.s3}${var.buckets["quarantine"]}/rows/${each.key}/*",
        ]
      },
      {
        Sid      = "List"
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:GetBucketLocation"]
        Resource = [for zone in ["raw", "processed", "quarantine"] : "${local.s3}${var.buckets[zone]}"]
      },
      {
        Sid    = "Catalog"
        Effect = "Allow"
        Action = ["glue:GetTable", "glue:BatchCreatePartition", "glue:BatchDeletePartition"]
        Resource = [
          "${local.catalog}:catalog",
          "${local.catalog}:database/${aws_glue_catalog_database.zone["processed"].name}",
          "${local.catalog}:table/${aws_glue_catalog_database.zone["processed"].name}/${each.key}",
        ]
      },
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${local.logs}:log-group:/aws-glue/jobs/*"
      },
    ]
  })
}
