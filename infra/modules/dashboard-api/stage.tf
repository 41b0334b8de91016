# What is deployed, who may call how often, and what is written down of it.

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  # A deployment is a picture of the routes: another one is taken when they change.
  triggers = {
    routes = sha256(jsonencode([
      local.resources, local.methods, var.user_pool_arn,
      { for name, integration in aws_api_gateway_integration.this : name => integration.uri },
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_integration.this]
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.name}-dashboard"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_api_gateway_stage" "this" {
  #checkov:skip=CKV_AWS_120:API Gateway's cache is paid by the hour; the function keeps answers, browsers keep them too
  #checkov:skip=CKV2_AWS_29:a web ACL is the account's, and costs more than this; the usage plan limits callers
  #checkov:skip=CKV2_AWS_51:callers are browsers; they have a key, and where it is set a user pool
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = var.stage
  xray_tracing_enabled = var.tracing

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestId = "$context.requestId"
      time      = "$context.requestTime"
      method    = "$context.httpMethod"
      path      = "$context.path"
      status    = "$context.status"
      latency   = "$context.responseLatency"
      bytes     = "$context.responseLength"
      ip        = "$context.identity.sourceIp"
      agent     = "$context.identity.userAgent"
      keyId     = "$context.identity.apiKeyId"
      error     = "$context.error.message"
    })
  }

  depends_on = [aws_api_gateway_account.this]
}

resource "aws_api_gateway_method_settings" "all" {
  #checkov:skip=CKV_AWS_225:API Gateway's cache is paid by the hour; the function keeps answers, browsers keep them too
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false # a trace has the callers' keys in it
    throttling_rate_limit  = var.rate_limit
    throttling_burst_limit = var.burst_limit
  }
}

resource "aws_api_gateway_api_key" "this" {
  name        = "${var.name}-dashboard"
  description = "Key of the dashboard's API"
}

resource "aws_api_gateway_usage_plan" "this" {
  name        = "${var.name}-dashboard"
  description = "What the holders of a key may ask of the dashboard's API"

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }

  quota_settings {
    limit  = var.requests_per_day
    period = "DAY"
  }

  throttle_settings {
    rate_limit  = var.rate_limit
    burst_limit = var.burst_limit
  }
}

resource "aws_api_gateway_usage_plan_key" "this" {
  usage_plan_id = aws_api_gateway_usage_plan.this.id
  key_id        = aws_api_gateway_api_key.this.id
  key_type      = "API_KEY"
}
