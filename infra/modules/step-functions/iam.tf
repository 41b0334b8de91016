# What each machine may do: https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  s3   = "arn:${data.aws_partition.current.partition}:s3:::"
  glue = "arn:${data.aws_partition.current.partition}:glue:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"

  notify = { Sid = "Notify", Effect = "Allow", Action = ["sns:Publish"], Resource = [var.topic_arn] }

  # Neither the delivery of logs nor X-Ray has resources that a policy could name.
  observability = [
    {
      Sid    = "Logs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
      ]
      Resource = ["*"]
    },
    {
      Sid      = "Traces"
      Effect   = "Allow"
      Action   = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      Resource = ["*"]
    },
  ]

  # S3 for Athena's results and the tables' metadata, SNS for the encrypted topic.
  key = {
    Sid      = "Key"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = [var.key_arn]
    Condition = {
      StringEquals = { "kms:ViaService" = [for service in ["s3", "sns"] : "${service}.${data.aws_region.current.name}.amazonaws.com"] }
    }
  }

  statements = {
    ingest = [
      local.notify,
      local.key,
      {
        Sid      = "Invoke"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [var.functions["file_validator"], var.functions["file_router"]]
      },
    ]

    transform = [
      local.notify,
      local.key,
      {
        Sid      = "Invoke"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [var.functions["batch_control"], var.functions["data_quality_check"]]
      },
      {
        Sid      = "Jobs"
        Effect   = "Allow"
        Action   = ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"]
        Resource = [for job in concat(var.jobs, [var.merge_job]) : "${local.glue}:job/${job}"]
      },
      {
        Sid      = "Query"
        Effect   = "Allow"
        Action   = ["athena:StartQueryExecution", "athena:StopQueryExecution", "athena:GetQueryExecution"]
        Resource = [var.work_group_arn]
      },
      {
        Sid    = "Catalog"
        Effect = "Allow"
        Action = ["glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition", "glue:CreateTable", "glue:UpdateTable"]
        Resource = concat(
          ["${local.glue}:catalog"],
          [for zone, database in var.databases : "${local.glue}:database/${database}"],
          [for zone, database in var.databases : "${local.glue}:table/${database}/*"],
        )
      },
      # What a view names is looked up when it is made, and an Iceberg table's columns are in its metadata file.
      {
        Sid      = "Metadata"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.s3}${var.buckets["curated"]}/*/metadata/*"]
      },
      {
        Sid      = "Results"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        Resource = ["${local.s3}${var.buckets["results"]}/*"]
      },
      {
        Sid      = "List"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource = [for zone in ["results", "curated"] : "${local.s3}${var.buckets[zone]}"]
      },
    ]
  }
}
