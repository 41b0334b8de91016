# Failures that go to the topic of alerts.

data "aws_caller_identity" "current" {}

locals {
  # What a person hears of, whoever started it: also runs and executions that were begun by hand.
  failures = {
    "job-failed" = {
      description = "A Glue job run failed, timed out or was stopped"
      pattern = {
        source        = ["aws.glue"]
        "detail-type" = ["Glue Job State Change"]
        detail        = { jobName = var.job_names, state = ["FAILED", "TIMEOUT", "STOPPED"] }
      }
      paths    = { job = "$.detail.jobName", run = "$.detail.jobRunId", state = "$.detail.state", message = "$.detail.message" }
      template = "{\"job\": <job>, \"run\": <run>, \"state\": <state>, \"message\": <message>}"
    }
    "execution-failed" = {
      description = "An execution of a state machine failed, timed out or was aborted"
      pattern = {
        source        = ["aws.states"]
        "detail-type" = ["Step Functions Execution Status Change"]
        detail        = { stateMachineArn = values(var.state_machines), status = ["FAILED", "TIMED_OUT", "ABORTED"] }
      }
      paths    = { execution = "$.detail.executionArn", status = "$.detail.status" }
      template = "{\"execution\": <execution>, \"status\": <status>}"
    }
  }
}

resource "aws_cloudwatch_event_rule" "failure" {
  for_each = local.failures

  name          = "${var.name}-${each.key}"
  description   = each.value.description
  event_pattern = jsonencode(each.value.pattern)
}

resource "aws_cloudwatch_event_target" "failure" {
  for_each = local.failures

  rule      = aws_cloudwatch_event_rule.failure[each.key].name
  target_id = "alerts"
  arn       = var.topic_arn

  input_transformer {
    input_paths    = each.value.paths
    input_template = each.value.template
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

# SNS takes no role from a rule: the topic itself says who may publish.
resource "aws_sns_topic_policy" "alerts" {
  arn = var.topic_arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Rules"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = var.topic_arn
      Condition = { ArnEquals = { "aws:SourceArn" = [for rule in aws_cloudwatch_event_rule.failure : rule.arn] } }
      }, {
      Sid       = "Alarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = var.topic_arn
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}
