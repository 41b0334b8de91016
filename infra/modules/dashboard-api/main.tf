# The dashboard: a page and the API that it asks, on one regional REST API in front of one function. The API wants a key,
# which a usage plan meters; the page does not, for it says nothing by itself. The page's files lie in a private bucket.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  guarded = var.user_pool_arn != null

  # Resource → the one above it, and the last part of its path. What the API answers to, and to which methods, is the
  # function's business: it tells a caller in JSON what there is.
  resources = {
    static = { above = null, part = "static" }
    file   = { above = "static", part = "{file}" }
    api    = { above = null, part = "api" }
    route  = { above = "api", part = "{proxy+}" }
  }
  methods = {
    page  = { resource = null, verb = "GET", key = false }
    file  = { resource = "file", verb = "GET", key = false }
    route = { resource = "route", verb = "ANY", key = true }
  }
  ids = merge(
    { for name, resource in aws_api_gateway_resource.above : name => resource.id },
    { for name, resource in aws_api_gateway_resource.below : name => resource.id },
  )
}

resource "aws_api_gateway_rest_api" "this" {
  name        = "${var.name}-dashboard"
  description = "The dashboard of the lakehouse ${var.name}"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_resource" "above" {
  for_each = { for name, resource in local.resources : name => resource if resource.above == null }

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "below" {
  for_each = { for name, resource in local.resources : name => resource if resource.above != null }

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.above[each.value.above].id
  path_part   = each.value.part
}

resource "aws_api_gateway_authorizer" "people" {
  count = local.guarded ? 1 : 0

  name          = "people"
  rest_api_id   = aws_api_gateway_rest_api.this.id
  type          = "COGNITO_USER_POOLS"
  provider_arns = [var.user_pool_arn]
}

resource "aws_api_gateway_method" "this" {
  #checkov:skip=CKV2_AWS_53:the function validates each parameter, and names the one that is wrong
  for_each = local.methods

  rest_api_id      = aws_api_gateway_rest_api.this.id
  resource_id      = each.value.resource == null ? aws_api_gateway_rest_api.this.root_resource_id : local.ids[each.value.resource]
  http_method      = each.value.verb
  api_key_required = each.value.key
  authorization    = each.value.key && local.guarded ? "COGNITO_USER_POOLS" : "NONE"
  authorizer_id    = each.value.key ? one(aws_api_gateway_authorizer.people[*].id) : null
}

# Lambda's own API is called by POST, whatever the caller's method is. The address is made of names: a deployment is made
# before the one that it replaces goes, and so would be all that it depends on, where names are taken.
resource "aws_api_gateway_integration" "this" {
  for_each = local.methods

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_method.this[each.key].resource_id
  http_method             = aws_api_gateway_method.this[each.key].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = "arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.name}:lambda:path/2015-03-31/functions/arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.name}:${local.account}:function:${var.function_name}/invocations"
}

resource "aws_lambda_permission" "api" {
  statement_id  = "dashboard"
  action        = "lambda:InvokeFunction"
  function_name = regex("[^:]+$", var.function_arn)
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${var.stage}/*/*"
}
