mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name           = "laketop-test"
  buckets        = { for zone in ["raw", "processed", "curated", "quarantine", "results", "artifacts"] : zone => "laketop-test-${zone}" }
  artifacts_dir  = "../../tests/artefacts"
  contracts      = { orders = "contracts/orders.json" }
  landing_prefix = "landing/"
  jobs           = { orders = "laketop-test-etl" }
  databases      = { processed = "p", curated = "c" }
  work_group     = "laketop-test"
  work_group_arn = "arn:aws:athena:eu-central-1:123456789012:workgroup/laketop-test"
  named_queries  = { daily_kpis = "11111111-2222-3333-4444-555555555555" }
  page_bucket    = "laketop-test-page"
  key_arn        = "arn:aws:kms:eu-central-1:123456789012:key/1"
}

run "careful_by_default" {
  command = apply

  assert {
    condition     = toset(keys(aws_lambda_function.function)) == toset(["file_validator", "file_router", "data_quality_check", "batch_control", "api_handler"])
    error_message = "The pipeline has four functions, the dashboard one."
  }

  assert {
    # the provider's word for "none reserved"
    condition     = alltrue([for function in values(aws_lambda_function.function) : coalesce(function.reserved_concurrent_executions, -1) == -1])
    error_message = "A fresh account has ten concurrent executions in all: none is reserved."
  }

  assert {
    condition     = alltrue([for function in values(aws_lambda_function.function) : function.kms_key_arn == var.key_arn && one(function.tracing_config).mode == "Active"])
    error_message = "Environment variables are encrypted with the lake's key, calls are traced."
  }

  assert {
    condition     = alltrue([for group in values(aws_cloudwatch_log_group.function) : group.kms_key_id == var.key_arn && group.retention_in_days == 30])
    error_message = "Logs are encrypted, and kept for a month."
  }

  assert {
    condition     = alltrue([for config in values(aws_lambda_function_event_invoke_config.dead_letters) : one(one(config.destination_config).on_failure).destination == aws_sqs_queue.dead_letters.arn]) && length(aws_lambda_function_event_invoke_config.dead_letters) == 5
    error_message = "Events that a function fails on are kept."
  }

  assert {
    condition     = aws_s3_object.function["file_router"].key == "lambdas/${filesha256("../../tests/artefacts/lambdas/file_router.zip")}/file_router.zip" && aws_lambda_function.function["file_router"].s3_key == aws_s3_object.function["file_router"].key
    error_message = "Code lies under its hash."
  }
}

run "a_function_may_do_what_it_does" {
  command = apply

  assert {
    condition     = length(aws_iam_role.function) == length(aws_lambda_function.function)
    error_message = "A role a function."
  }

  assert {
    condition = alltrue(flatten([
      for policy in values(aws_iam_role_policy.function) : [for statement in jsondecode(policy.policy).Statement : [for action in statement.Action : !strcontains(action, "*")]]
    ]))
    error_message = "No action is a pattern."
  }

  assert {
    condition = alltrue([
      for policy in values(aws_iam_role_policy.function) : [for statement in jsondecode(policy.policy).Statement : statement.Sid if contains(statement.Resource, "*")] == ["Traces"]
    ])
    error_message = "Only X-Ray, which has no resources, is allowed on everything."
  }

  assert {
    condition = alltrue([
      for policy in values(aws_iam_role_policy.function) : one([for statement in jsondecode(policy.policy).Statement : statement.Condition.StringEquals["kms:ViaService"] if statement.Sid == "Key"]) == ["s3.eu-central-1.amazonaws.com", "lambda.eu-central-1.amazonaws.com"]
    ])
    error_message = "The key opens what S3 and Lambda keep."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.function["file_validator"].policy, "s3:DeleteObject")
    error_message = "The validator deletes nothing."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.function["api_handler"].policy).Statement : statement.Resource
      if contains(statement.Action, "s3:PutObject")
    ] == [["arn:aws:s3:::laketop-test-results/*"]]
    error_message = "The dashboard reads; it writes Athena's results and nothing else."
  }

  assert {
    condition     = one(aws_lambda_function.function["api_handler"].environment).variables["NAMED_QUERIES"] == jsonencode(var.named_queries)
    error_message = "The dashboard knows its queries by name."
  }
}

run "sizes" {
  command = apply

  variables {
    reserved_concurrency = 5
    memory_mb            = 1024
    log_retention_days   = 365
    tracing              = false
  }

  assert {
    condition     = alltrue([for function in values(aws_lambda_function.function) : function.reserved_concurrent_executions == 5 && function.memory_size == 1024 && one(function.tracing_config).mode == "PassThrough"])
    error_message = "Sizes are as asked for."
  }
}

run "too_little_memory" {
  command = plan

  variables {
    memory_mb = 64
  }

  expect_failures = [var.memory_mb]
}

run "a_retention_that_cloudwatch_has_not" {
  command = plan

  variables {
    log_retention_days = 8
  }

  expect_failures = [var.log_retention_days]
}
