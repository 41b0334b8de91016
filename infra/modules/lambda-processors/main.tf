# The functions, each with a role and a log group of its own.

resource "aws_lambda_layer_version" "lakehouse" {
  layer_name          = "${var.name}-lakehouse"
  description         = "The package lakehouse"
  filename            = "${var.artifacts_dir}/layers/lakehouse.zip"
  source_code_hash    = filebase64sha256("${var.artifacts_dir}/layers/lakehouse.zip")
  compatible_runtimes = ["python3.13"]
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${var.name}-${replace(each.key, "_", "-")}"
  retention_in_days = var.log_retention_days
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
    Statement = concat(each.value.statements, [{
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.function[each.key].arn}:*"]
    }])
  })
}

resource "aws_s3_object" "function" {
  for_each = local.functions

  bucket      = var.buckets["artifacts"]
  key         = "lambdas/${each.key}.zip"
  source      = "${var.artifacts_dir}/lambdas/${each.key}.zip"
  source_hash = filemd5("${var.artifacts_dir}/lambdas/${each.key}.zip")

  override_provider {
    default_tags { tags = {} }
  }
}

resource "aws_lambda_function" "function" {
  for_each = local.functions

  function_name    = "${var.name}-${replace(each.key, "_", "-")}"
  role             = aws_iam_role.function[each.key].arn
  runtime          = "python3.13"
  handler          = "${each.key}.handler.handler"
  s3_bucket        = aws_s3_object.function[each.key].bucket
  s3_key           = aws_s3_object.function[each.key].key
  source_code_hash = filebase64sha256("${var.artifacts_dir}/lambdas/${each.key}.zip")
  layers           = [aws_lambda_layer_version.lakehouse.arn]
  memory_size      = 512
  timeout          = each.value.timeout

  environment {
    variables = each.value.environment
  }

  depends_on = [aws_iam_role_policy.function, aws_cloudwatch_log_group.function]
}
