# The two state machines. Their definitions are the .asl.json files beside this one.

locals {
  # Errors of the Lambda service itself, which another attempt may not meet; errors of the function are not repeated.
  retry = jsonencode({
    ErrorEquals = [
      "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException",
    ]
    IntervalSeconds = 1
    MaxAttempts     = 6
    BackoffRate     = 2
    JitterStrategy  = "FULL"
  })

  definitions = {
    ingest = templatefile("${path.module}/ingest.asl.json", {
      name      = var.name
      validator = var.functions["file_validator"]
      router    = var.functions["file_router"]
      topic     = var.topic_arn
      retry     = local.retry
    })
    transform = templatefile("${path.module}/transform.asl.json", {
      name       = var.name
      control    = var.functions["batch_control"]
      check      = var.functions["data_quality_check"]
      merge_job  = var.merge_job
      views      = jsonencode([for name, sql in var.views : { name = name, sql = "CREATE OR REPLACE VIEW ${name} AS\n${sql}" }])
      database   = var.databases["curated"]
      work_group = var.work_group
      parallel   = var.parallel_runs
      topic      = var.topic_arn
      retry      = local.retry
    })
  }
}

resource "aws_cloudwatch_log_group" "machine" {
  for_each = local.definitions

  name              = "/aws/vendedlogs/states/${var.name}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_iam_role" "machine" {
  for_each = local.definitions

  name = "${var.name}-${each.key}"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "machine" {
  for_each = local.definitions

  name = "machine"
  role = aws_iam_role.machine[each.key].id

  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.statements[each.key], local.observability) })
}

resource "aws_sfn_state_machine" "machine" {
  for_each = local.definitions

  name       = "${var.name}-${each.key}"
  role_arn   = aws_iam_role.machine[each.key].arn
  definition = each.value

  logging_configuration {
    level                  = var.log_level
    include_execution_data = var.log_level != "OFF"
    log_destination        = "${aws_cloudwatch_log_group.machine[each.key].arn}:*"
  }

  tracing_configuration {
    enabled = var.tracing
  }

  depends_on = [aws_iam_role_policy.machine]
}
