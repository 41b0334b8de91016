mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name          = "laketop-test"
  function_name = "laketop-test-api-handler"
  function_arn  = "arn:aws:lambda:eu-central-1:123456789012:function:laketop-test-api-handler"
  files_dir     = "../../tests/artefacts/dashboard"
  key_arn       = "arn:aws:kms:eu-central-1:123456789012:key/1"
  logs_bucket   = "laketop-test-logs"
}

run "the_api_wants_a_key_the_page_none" {
  command = apply

  assert {
    condition     = { for name, method in aws_api_gateway_method.this : name => method.api_key_required } == { page = false, file = false, route = true }
    error_message = "All below /api wants a key."
  }

  assert {
    condition     = alltrue([for name in ["page", "file"] : aws_api_gateway_method.this[name].http_method == "GET"])
    error_message = "The page is read, nothing else."
  }

  assert {
    condition     = { for name, resource in aws_api_gateway_resource.below : name => resource.path_part } == { file = "{file}", route = "{proxy+}" }
    error_message = "A file has a name without slashes; all below /api is the function's business."
  }

  assert {
    condition     = alltrue([for integration in values(aws_api_gateway_integration.this) : integration.type == "AWS_PROXY" && integration.integration_http_method == "POST" && endswith(integration.uri, ":function:laketop-test-api-handler/invocations")])
    error_message = "The function answers everything."
  }

  assert {
    condition     = aws_lambda_permission.api.source_arn == "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/v1/*/*" && aws_lambda_permission.api.function_name == var.function_name
    error_message = "Only this API's stage may call the function."
  }

  assert {
    condition     = length(aws_api_gateway_authorizer.people) == 0 && alltrue([for method in values(aws_api_gateway_method.this) : method.authorization == "NONE"])
    error_message = "Without a user pool there is no authorizer."
  }
}

run "a_key_is_metered" {
  command = apply

  variables {
    requests_per_day = 7
    rate_limit       = 3
    burst_limit      = 5
  }

  assert {
    condition     = one(aws_api_gateway_usage_plan.this.quota_settings).limit == 7 && one(aws_api_gateway_usage_plan.this.quota_settings).period == "DAY"
    error_message = "A day has so many requests."
  }

  assert {
    condition     = one(aws_api_gateway_usage_plan.this.throttle_settings).rate_limit == 3 && one(aws_api_gateway_usage_plan.this.throttle_settings).burst_limit == 5
    error_message = "A key has a rate and a burst."
  }

  assert {
    condition     = one(aws_api_gateway_method_settings.all.settings).throttling_rate_limit == 3 && one(aws_api_gateway_method_settings.all.settings).throttling_burst_limit == 5
    error_message = "The page, which wants no key, has a rate and a burst too."
  }

  assert {
    condition     = aws_api_gateway_usage_plan_key.this.key_id == aws_api_gateway_api_key.this.id
    error_message = "The key belongs to the plan."
  }
}

run "what_is_written_down" {
  command = apply

  assert {
    condition     = one(aws_api_gateway_stage.this.access_log_settings).destination_arn == aws_cloudwatch_log_group.access.arn && aws_cloudwatch_log_group.access.kms_key_id == var.key_arn && aws_cloudwatch_log_group.access.retention_in_days == 30
    error_message = "Each request is logged, encrypted, for a month."
  }

  assert {
    condition     = !strcontains(one(aws_api_gateway_stage.this.access_log_settings).format, "identity.apiKey\"") && !one(aws_api_gateway_method_settings.all.settings).data_trace_enabled
    error_message = "No key's value gets into a log."
  }

  assert {
    condition     = aws_api_gateway_stage.this.xray_tracing_enabled
    error_message = "Requests are traced."
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 0 && length(aws_iam_role.logs) == 0
    error_message = "The account's role is not this module's, unless it is asked to."
  }

  assert {
    condition     = output.url == "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/v1/" && output.key_id == "k1k2k3k4k5"
    error_message = "What people need is told: the address, and which key."
  }
}

run "the_bucket_is_as_strict_as_the_lakes" {
  command = apply

  assert {
    condition     = aws_s3_bucket_public_access_block.page.block_public_acls && aws_s3_bucket_public_access_block.page.block_public_policy && aws_s3_bucket_public_access_block.page.ignore_public_acls && aws_s3_bucket_public_access_block.page.restrict_public_buckets
    error_message = "Nothing is public."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.page.rule).apply_server_side_encryption_by_default).kms_master_key_id == var.key_arn && one(aws_s3_bucket_server_side_encryption_configuration.page.rule).bucket_key_enabled
    error_message = "Files are encrypted with the lake's key."
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.page.policy).Statement : statement.Sid if statement.Effect == "Deny"] == ["WithoutTls", "DeleteBucket"]
    error_message = "Nobody without TLS, and nobody deletes it."
  }

  assert {
    condition     = !aws_s3_bucket.page.force_destroy && one(aws_s3_bucket_versioning.page[0].versioning_configuration).status == "Enabled" && aws_s3_bucket_logging.page.target_bucket == "laketop-test-logs"
    error_message = "Versions are kept, and who reads is written down."
  }

  assert {
    condition     = one(aws_s3_bucket_lifecycle_configuration.page[0].rule).noncurrent_version_expiration[0].noncurrent_days == 30
    error_message = "Old versions end after a month."
  }

  assert {
    condition     = { for name, file in aws_s3_object.page : name => file.content_type } == { "index.html" = "text/html; charset=utf-8", "styles.css" = "text/css; charset=utf-8", "app.js" = "text/javascript; charset=utf-8" }
    error_message = "The page is three files, each with its type."
  }
}

run "people_of_a_pool" {
  command = apply

  variables {
    user_pool_arn   = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_Ab12Cd34E"
    account_logging = true
  }

  assert {
    condition     = { for name, method in aws_api_gateway_method.this : name => method.authorization } == { page = "NONE", file = "NONE", route = "COGNITO_USER_POOLS" }
    error_message = "The API wants somebody of the pool; the page is where they sign in."
  }

  assert {
    condition     = aws_api_gateway_method.this["route"].api_key_required && toset(aws_api_gateway_authorizer.people[0].provider_arns) == toset([var.user_pool_arn])
    error_message = "The key meters them still."
  }

  assert {
    condition     = aws_api_gateway_account.this[0].cloudwatch_role_arn == aws_iam_role.logs[0].arn && jsondecode(aws_iam_role.logs[0].assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "The account's role is set where it was asked for, and API Gateway of this account alone takes it."
  }
}

run "routes_that_change_are_deployed" {
  command = apply

  variables {
    user_pool_arn = null
  }

  assert {
    condition     = aws_api_gateway_deployment.this.triggers["routes"] != run.people_of_a_pool.deployment
    error_message = "Another authorizer is another deployment."
  }
}

run "nothing_to_clean" {
  command = apply

  variables {
    versioned              = false
    noncurrent_days        = null
    incomplete_upload_days = null
    deletion_protection    = false
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.page) == 0 && length(aws_s3_bucket_versioning.page) == 0 && length(jsondecode(aws_s3_bucket_policy.page.policy).Statement) == 1
    error_message = "A laptop's bucket has no clock."
  }
}

run "a_quota_of_nothing" {
  command = plan

  variables {
    requests_per_day = 0
  }

  expect_failures = [var.requests_per_day]
}

run "a_rate_of_nothing" {
  command = plan

  variables {
    rate_limit = 0
  }

  expect_failures = [var.rate_limit]
}

run "half_a_request" {
  command = plan

  variables {
    burst_limit = 0.5
  }

  expect_failures = [var.burst_limit]
}

run "no_user_pool" {
  command = plan

  variables {
    user_pool_arn = "eu-central-1_Ab12Cd34E"
  }

  expect_failures = [var.user_pool_arn]
}

run "a_stage_that_is_no_path" {
  command = plan

  variables {
    stage = "v 1"
  }

  expect_failures = [var.stage]
}

run "a_retention_that_cloudwatch_has_not" {
  command = plan

  variables {
    log_retention_days = 8
  }

  expect_failures = [var.log_retention_days]
}
