mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name           = "laketop-test"
  functions      = { for name in ["file_validator", "file_router", "batch_control", "data_quality_check"] : name => "arn:aws:lambda:eu-central-1:123456789012:function:${name}" }
  jobs           = ["laketop-test-etl"]
  merge_job      = "laketop-test-merge"
  views          = { kpis = "SELECT 1" }
  work_group     = "laketop-test"
  work_group_arn = "arn:aws:athena:eu-central-1:123456789012:workgroup/laketop-test"
  databases      = { processed = "p", curated = "c" }
  buckets        = { for zone in ["raw", "processed", "curated", "quarantine", "results", "artifacts"] : zone => "laketop-test-${zone}" }
  topic_arn      = "arn:aws:sns:eu-central-1:123456789012:alerts"
  key_arn        = "arn:aws:kms:eu-central-1:123456789012:key/1"
}

run "executions_leave_traces" {
  command = apply

  assert {
    condition     = alltrue([for machine in values(aws_sfn_state_machine.machine) : one(machine.logging_configuration).level == "ALL" && one(machine.tracing_configuration).enabled])
    error_message = "Every step is logged and traced."
  }

  assert {
    condition     = alltrue([for group in values(aws_cloudwatch_log_group.machine) : group.kms_key_id == var.key_arn && group.retention_in_days == 30])
    error_message = "Logs are encrypted, and kept for a month."
  }

  assert {
    condition     = alltrue([for machine in values(aws_sfn_state_machine.machine) : can(jsondecode(machine.definition).StartAt)])
    error_message = "Definitions are JSON with a beginning."
  }
}

run "machines_may_do_what_their_states_do" {
  command = apply

  assert {
    condition = alltrue(flatten([
      for policy in values(aws_iam_role_policy.machine) : [for statement in jsondecode(policy.policy).Statement : [for action in statement.Action : !strcontains(action, "*")]]
    ]))
    error_message = "No action is a pattern."
  }

  assert {
    condition = alltrue([
      for policy in values(aws_iam_role_policy.machine) : toset([for statement in jsondecode(policy.policy).Statement : statement.Sid if contains(statement.Resource, "*")]) == toset(["Logs", "Traces"])
    ])
    error_message = "Only what AWS cannot name is allowed on everything."
  }

  assert {
    condition     = flatten([for statement in jsondecode(aws_iam_role_policy.machine["ingest"].policy).Statement : statement.Resource if statement.Sid == "Invoke"]) == [var.functions["file_validator"], var.functions["file_router"]]
    error_message = "The ingest calls its two functions only."
  }
}

run "no_such_level" {
  command = plan

  variables {
    log_level = "DEBUG"
  }

  expect_failures = [var.log_level]
}
