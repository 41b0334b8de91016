# API Gateway writes logs with one role for the whole account and region. Where others have set it, it must stay theirs.

resource "aws_iam_role" "logs" {
  count = var.account_logging ? 1 : 0

  name = "${var.name}-api-gateway-logs"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "logs" {
  count = var.account_logging ? 1 : 0

  name = "logs"
  role = aws_iam_role.logs[0].id

  # API Gateway names its log groups by the ids of APIs, and asks for groups that are not there yet.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Logs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
        "logs:FilterLogEvents", "logs:GetLogEvents", "logs:PutLogEvents",
      ]
      Resource = ["arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${local.account}:log-group:*"]
    }]
  })
}

resource "aws_api_gateway_account" "this" {
  count = var.account_logging ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.logs[0].arn

  depends_on = [aws_iam_role_policy.logs]
}
