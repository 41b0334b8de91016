mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name           = "laketop-test"
  raw_bucket     = "raw"
  landing_prefix = "landing/"
  state_machines = { ingest = "arn:aws:states:eu-central-1:123456789012:stateMachine:i", transform = "arn:aws:states:eu-central-1:123456789012:stateMachine:t" }
  topic_arn      = "arn:aws:sns:eu-central-1:123456789012:alerts"
  job_names      = ["laketop-test-etl"]
}

run "files_and_batches_start_machines" {
  command = apply

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.rule["ingest"].event_pattern).detail.object.key == [{ prefix = "landing/" }]
    error_message = "Only what lands starts the ingest."
  }

  assert {
    condition     = tomap({ for machine, target in aws_cloudwatch_event_target.machine : machine => target.arn }) == var.state_machines
    error_message = "Each rule starts its machine."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.rule["transform"].event_pattern).source == ["laketop-test.pipeline"] && output.event_source == "laketop-test.pipeline"
    error_message = "A batch of another environment on the same bus starts nothing."
  }

  assert {
    condition     = length(aws_cloudwatch_event_rule.schedule) == 0
    error_message = "Without a schedule there is no clock."
  }

  assert {
    condition     = alltrue([for target in concat(values(aws_cloudwatch_event_target.machine), values(aws_cloudwatch_event_target.failure)) : one(target.dead_letter_config).arn == aws_sqs_queue.dead_letters.arn])
    error_message = "What no target took goes to the dead letters."
  }

  assert {
    condition     = aws_sqs_queue.dead_letters.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.message_retention_seconds == 1209600
    error_message = "Dead letters are encrypted and kept for two weeks."
  }
}

run "each_rule_may_do_one_thing" {
  command = apply

  variables {
    schedule = "rate(1 hour)"
  }

  assert {
    condition     = toset(keys(aws_iam_role.rule)) == toset(["landing-created", "batch-ready", "transform-schedule"])
    error_message = "A role a rule."
  }

  assert {
    condition = alltrue([
      for rule, policy in aws_iam_role_policy.rule : one(jsondecode(policy.policy).Statement).Action == "states:StartExecution" && contains(values(var.state_machines), one(jsondecode(policy.policy).Statement).Resource)
    ])
    error_message = "A rule may start its machine, and nothing else."
  }

  assert {
    condition = alltrue([
      for rule, role in aws_iam_role.rule : one(jsondecode(role.assume_role_policy).Statement).Condition.ArnEquals["aws:SourceArn"] == "arn:aws:events:eu-central-1:123456789012:rule/laketop-test-${rule}"
    ])
    error_message = "Only the rule itself takes the role."
  }

  assert {
    condition     = aws_cloudwatch_event_target.schedule[0].arn == var.state_machines["transform"] && aws_cloudwatch_event_rule.schedule[0].schedule_expression == "rate(1 hour)"
    error_message = "The clock starts the transform."
  }

  assert {
    condition = toset(one(jsondecode(aws_sqs_queue.dead_letters.policy).Statement).Condition.ArnEquals["aws:SourceArn"]) == toset([
      for rule in concat(values(aws_cloudwatch_event_rule.rule), values(aws_cloudwatch_event_rule.failure), aws_cloudwatch_event_rule.schedule) : "arn:aws:events:eu-central-1:123456789012:rule/${rule.name}"
    ])
    error_message = "Exactly these rules may write dead letters."
  }
}

run "no_schedule" {
  command = plan

  variables {
    schedule = "hourly"
  }

  expect_failures = [var.schedule]
}
