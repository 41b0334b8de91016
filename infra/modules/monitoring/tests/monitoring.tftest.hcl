mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name               = "laketop-test"
  key_arn            = "arn:aws:kms:eu-central-1:123456789012:key/1"
  state_machines     = { ingest = "arn:aws:states:eu-central-1:123456789012:stateMachine:i", transform = "arn:aws:states:eu-central-1:123456789012:stateMachine:t" }
  function_names     = { file_router = "laketop-test-file-router" }
  dead_letter_queues = { events = "laketop-test-events-dead-letters" }
  work_group         = "laketop-test"
}

run "all_that_can_fail_is_watched" {
  command = apply

  assert {
    condition = toset(keys(aws_cloudwatch_metric_alarm.this)) == toset([
      "ingest-failed", "ingest-timed-out", "transform-failed", "transform-timed-out", "file_router-errors",
      "file_router-throttles", "events-dead-letters",
    ])
    error_message = "There is an alarm for each way in which a machine, a function or a delivery fails."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.alarm_actions == toset([aws_sns_topic.alerts.arn]) && alarm.ok_actions == alarm.alarm_actions && alarm.actions_enabled && alarm.treat_missing_data == "notBreaching"])
    error_message = "Alarms speak to the topic, when they go off and when they are over."
  }

  assert {
    condition     = aws_sns_topic.alerts.kms_master_key_id == var.key_arn
    error_message = "Messages are encrypted."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.stale) == 0 && length(aws_sns_topic_subscription.mail) == 0
    error_message = "Nobody is told, and nothing grows old, unless it is asked for."
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.health.dashboard_body).widgets) == 7
    error_message = "The dashboard has a text and six graphs."
  }

  assert {
    condition     = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.health.dashboard_body).widgets : widget.x + widget.width <= 24])
    error_message = "CloudWatch's grid is 24 wide."
  }
}

run "who_hears_and_when" {
  command = apply

  variables {
    alert_emails    = ["data@example.com"]
    freshness_hours = 3
    alarms_enabled  = false
  }

  assert {
    condition     = aws_sns_topic_subscription.mail["data@example.com"].protocol == "email"
    error_message = "Each address is subscribed."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.stale[0].evaluation_periods == 3 && aws_cloudwatch_metric_alarm.stale[0].treat_missing_data == "breaching"
    error_message = "Silence is an alarm."
  }

  assert {
    condition     = !aws_cloudwatch_metric_alarm.this["ingest-failed"].actions_enabled
    error_message = "Alarms can be kept quiet."
  }
}

run "no_address" {
  command = plan

  variables {
    alert_emails = ["nobody"]
  }

  expect_failures = [var.alert_emails]
}

run "too_long_a_silence" {
  command = plan

  variables {
    freshness_hours = 48
  }

  expect_failures = [var.freshness_hours]
}
