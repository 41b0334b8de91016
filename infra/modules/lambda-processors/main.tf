# The functions, each with a role and a log group of its own.

locals {
  layer = "${var.artifacts_dir}/layers/lakehouse.zip"
  # From the folder, not from local.functions: an object is made before the one that it replaces goes, and so would be all
  # that it depends on, jobs and keys too.
  code = { for file in fileset("${var.artifacts_dir}/lambdas", "*.zip") : trimsuffix(file, ".zip") => "${var.artifacts_dir}/lambdas/${file}" }
}

# Code lies under its own hash: what runs in two environments is the same where the names are.
resource "aws_s3_object" "layer" {
  bucket = var.buckets["artifacts"]
  key    = "layers/${filesha256(local.layer)}/lakehouse.zip"
  source = local.layer

  lifecycle {
    create_before_destroy = true
  }

  override_provider {
    default_tags { tags = {} }
  }
}

resource "aws_lambda_layer_version" "lakehouse" {
  layer_name          = "${var.name}-lakehouse"
  description         = "The package lakehouse"
  s3_bucket           = aws_s3_object.layer.bucket
  s3_key              = aws_s3_object.layer.key
  source_code_hash    = filebase64sha256(local.layer)
  compatible_runtimes = ["python3.13"]
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${var.name}-${replace(each.key, "_", "-")}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name = "${var.name}-${replace(each.key, "_", "-")}"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  name = "function"
  role = aws_iam_role.function[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(each.value.statements, [
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.function[each.key].arn}:*"]
      },
      { Sid = "DeadLetters", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [aws_sqs_queue.dead_letters.arn] },
      { Sid = "Key", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.key_arn], Condition = local.key_use },
      # X-Ray has no resources that a policy could name.
      { Sid = "Traces", Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource = ["*"] },
    ])
  })
}

resource "aws_s3_object" "function" {
  for_each = local.code

  bucket = var.buckets["artifacts"]
  key    = "lambdas/${filesha256(each.value)}/${each.key}.zip"
  source = each.value

  lifecycle {
    create_before_destroy = true
  }

  override_provider {
    default_tags { tags = {} }
  }
}

resource "aws_lambda_function" "function" {
  #checkov:skip=CKV_AWS_116:failed events go to the destination in dead_letters.tf, which also tells why they failed
  for_each = local.functions

  function_name                  = "${var.name}-${replace(each.key, "_", "-")}"
  description                    = each.value.description
  role                           = aws_iam_role.function[each.key].arn
  runtime                        = "python3.13"
  handler                        = "${each.key}.handler.handler"
  s3_bucket                      = aws_s3_object.function[each.key].bucket
  s3_key                         = aws_s3_object.function[each.key].key
  source_code_hash               = filebase64sha256(local.code[each.key])
  layers                         = [aws_lambda_layer_version.lakehouse.arn]
  memory_size                    = var.memory_mb
  timeout                        = each.value.timeout
  reserved_concurrent_executions = var.reserved_concurrency
  kms_key_arn                    = var.key_arn

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  environment {
    variables = each.value.environment
  }

  depends_on = [aws_iam_role_policy.function, aws_cloudwatch_log_group.function]
}
