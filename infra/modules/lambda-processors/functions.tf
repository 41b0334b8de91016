# What each function is told, and what it may do: a table, read by main.tf.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  s3      = "arn:${data.aws_partition.current.partition}:s3:::"
  account = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  catalog = "arn:${data.aws_partition.current.partition}:glue:${local.account}"
  states  = "arn:${data.aws_partition.current.partition}:states:${local.account}"
  landing = "${local.s3}${var.buckets["raw"]}/${var.landing_prefix}*"

  # The key opens what S3 and Lambda keep for a function, nothing that somebody hands it.
  key_use = { StringEquals = { "kms:ViaService" = [for service in ["s3", "lambda"] : "${service}.${data.aws_region.current.name}.amazonaws.com"] } }

  # Without s3:ListBucket, S3 answers 403 instead of 404 for an object that is gone.
  list_raw = { Sid = "List", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["${local.s3}${var.buckets["raw"]}"] }

  datasets = sort(keys(var.contracts))
  claims   = [for dataset in local.datasets : "${local.s3}${var.buckets["raw"]}/claims/${dataset}/*"]

  querying = ["athena:StartQueryExecution", "athena:StopQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"]
  reading  = ["glue:GetDatabase", "glue:GetTable", "glue:GetPartition", "glue:GetPartitions"]
  tables = concat(
    ["${local.catalog}:catalog"],
    [for zone, database in var.databases : "${local.catalog}:database/${database}"],
    [for zone, database in var.databases : "${local.catalog}:table/${database}/*"],
  )

  # What asking Athena takes, and writing to the tables that the pipeline keeps about itself.
  ask = [
    { Sid = "Query", Effect = "Allow", Action = local.querying, Resource = [var.work_group_arn] },
    {
      Sid      = "Catalog"
      Effect   = "Allow"
      Action   = concat(local.reading, ["glue:CreatePartition", "glue:BatchCreatePartition"])
      Resource = local.tables
    },
    {
      Sid    = "Data"
      Effect = "Allow"
      Action = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
      Resource = concat(
        ["${local.s3}${var.buckets["results"]}/*"],
        [for table in ["data_quality_results", "pipeline_runs"] : "${local.s3}${var.buckets["curated"]}/${table}/*"],
      )
    },
    { Sid = "Tables", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local.s3}${var.buckets["processed"]}/*"] },
    {
      Sid      = "Buckets"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
      Resource = [for zone in ["results", "processed", "curated"] : "${local.s3}${var.buckets[zone]}"]
    },
  ]

  functions = {
    file_validator = {
      description = "Says whether a landed file is what its contract promises"
      timeout     = 900
      environment = {
        LANDING_PREFIX = var.landing_prefix
        DATASETS       = join(",", local.datasets)
        CONTRACTS      = "s3://${var.buckets["artifacts"]}/contracts/"
        RAW_BUCKET     = var.buckets["raw"]
        CLAIM_SECONDS  = tostring(var.claim_seconds)
      }
      statements = [
        local.list_raw,
        {
          Sid      = "Read"
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:GetObjectVersion"]
          Resource = [local.landing, "${local.s3}${var.buckets["artifacts"]}/contracts/*"]
        },
        { Sid = "Claim", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = local.claims },
      ]
    }
    file_router = {
      description = "Moves a judged file to the raw zone or to quarantine"
      timeout     = 900
      environment = {
        LANDING_PREFIX    = var.landing_prefix
        RAW_BUCKET        = var.buckets["raw"]
        QUARANTINE_BUCKET = var.buckets["quarantine"]
      }
      statements = [
        local.list_raw,
        {
          Sid      = "Move"
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion"]
          Resource = [local.landing]
        },
        {
          Sid    = "Keep"
          Effect = "Allow"
          Action = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
          Resource = concat(
            [for dataset in local.datasets : "${local.s3}${var.buckets["raw"]}/${dataset}/*"],
            ["${local.s3}${var.buckets["raw"]}/batches/*", "${local.s3}${var.buckets["quarantine"]}/files/*"],
            local.claims,
          )
        },
      ]
    }
    data_quality_check = {
      description = "Asks Athena the quality rules of a contract"
      timeout     = 300
      environment = {
        CONTRACTS          = "s3://${var.buckets["artifacts"]}/contracts/"
        PROCESSED_DATABASE = var.databases["processed"]
        RESULTS_DATABASE   = var.databases["curated"]
        WORK_GROUP         = var.work_group
      }
      statements = concat(local.ask, [
        { Sid = "Contracts", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local.s3}${var.buckets["artifacts"]}/contracts/*"] },
      ])
    }
    api_handler = {
      description = "Answers the dashboard: its page, and its figures by the named queries"
      timeout     = 29 # as long as API Gateway waits
      environment = {
        NAMED_QUERIES = jsonencode(var.named_queries)
        PAGE_BUCKET   = var.page_bucket
        RAW_BUCKET    = var.buckets["raw"]
        WORK_GROUP    = var.work_group
      }
      statements = [
        local.list_raw,
        { Sid = "Query", Effect = "Allow", Action = concat(local.querying, ["athena:GetNamedQuery"]), Resource = [var.work_group_arn] },
        { Sid = "Catalog", Effect = "Allow", Action = local.reading, Resource = local.tables },
        {
          Sid    = "Read"
          Effect = "Allow"
          Action = ["s3:GetObject"]
          Resource = concat(
            ["${local.s3}${var.page_bucket}/*", "${local.s3}${var.buckets["raw"]}/control/*"],
            [for zone in ["processed", "curated"] : "${local.s3}${var.buckets[zone]}/*"],
          )
        },
        {
          Sid      = "Results"
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
          Resource = ["${local.s3}${var.buckets["results"]}/*"]
        },
        {
          Sid      = "Buckets"
          Effect   = "Allow"
          Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
          Resource = [for zone in ["results", "processed", "curated"] : "${local.s3}${var.buckets[zone]}"]
        },
      ]
    }
    batch_control = {
      description = "Begins and ends a run of the transform: lock, batch, ledger"
      timeout     = 300
      environment = {
        RAW_BUCKET       = var.buckets["raw"]
        JOBS             = jsonencode(var.jobs)
        LOCK_SECONDS     = tostring(var.lock_seconds)
        RESULTS_DATABASE = var.databases["curated"]
        WORK_GROUP       = var.work_group
      }
      statements = concat(local.ask, [
        local.list_raw,
        { Sid = "Control", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${local.s3}${var.buckets["raw"]}/control/*"] },
        {
          Sid      = "Executions"
          Effect   = "Allow"
          Action   = ["states:DescribeExecution", "states:GetExecutionHistory"]
          Resource = ["${local.states}:execution:${var.name}-transform:*"]
        },
      ])
    }
  }
}
