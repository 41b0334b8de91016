# What starts the machines: a new landing object, the event that a batch is complete, and the clock; and what is told of.

locals {
  # of this environment alone: others may be on the same bus
  event_source = "${var.name}.pipeline"

  rules = {
    ingest = {
      rule        = "landing-created"
      description = "A file has landed"
      pattern = {
        source        = ["aws.s3"]
        "detail-type" = ["Object Created"]
        detail = {
          bucket = { name = [var.raw_bucket] }
          object = { key = [{ prefix = var.landing_prefix }] }
        }
      }
      paths = {
        bucket  = "$.detail.bucket.name"
        key     = "$.detail.object.key"
        version = "$.detail.object.version-id"
        time    = "$.time"
      }
      template = "{\"bucket\": <bucket>, \"key\": <key>, \"version\": <version>, \"time\": \"<time>\"}"
    }
    transform = {
      rule        = "batch-ready"
      description = "The files of a batch are in the raw zone"
      pattern     = { source = [local.event_source], "detail-type" = ["Batch Ready"] }
      paths       = { event = "$.id", time = "$.time" }
      template    = "{\"event\": <event>, \"time\": \"<time>\"}"
    }
  }
}

# A rule that starts something → the machine that it starts. Each has a role of its own.
locals {
  starters = merge({ for machine, rule in local.rules : rule.rule => machine }, var.schedule == null ? {} : { "transform-schedule" = "transform" })
}

resource "aws_cloudwatch_event_rule" "rule" {
  for_each = local.rules

  name          = "${var.name}-${each.value.rule}"
  description   = each.value.description
  event_pattern = jsonencode(each.value.pattern)
}

resource "aws_iam_role" "rule" {
  for_each = local.starters

  name = "${var.name}-${each.key}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
      Condition = { ArnEquals = { "aws:SourceArn" = "${local.events}:rule/${var.name}-${each.key}" } }
    }]
  })
}

resource "aws_iam_role_policy" "rule" {
  for_each = local.starters

  name = "start"
  role = aws_iam_role.rule[each.key].id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "states:StartExecution", Resource = var.state_machines[each.value] }]
  })
}

resource "aws_cloudwatch_event_target" "machine" {
  for_each = local.rules

  rule      = aws_cloudwatch_event_rule.rule[each.key].name
  target_id = each.key
  arn       = var.state_machines[each.key]
  role_arn  = aws_iam_role.rule[each.value.rule].arn

  input_transformer {
    input_paths    = each.value.paths
    input_template = each.value.template
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 20
  }

  depends_on = [aws_iam_role_policy.rule]
}

# The clock starts the same machine. A rule, not a schedule of EventBridge Scheduler: one kind of thing for all.
resource "aws_cloudwatch_event_rule" "schedule" {
  count = var.schedule == null ? 0 : 1

  name                = "${var.name}-transform-schedule"
  description         = "The transform, by the clock"
  schedule_expression = var.schedule
}

resource "aws_cloudwatch_event_target" "schedule" {
  count = var.schedule == null ? 0 : 1

  rule      = aws_cloudwatch_event_rule.schedule[0].name
  target_id = "transform"
  arn       = var.state_machines["transform"]
  role_arn  = aws_iam_role.rule["transform-schedule"].arn

  input_transformer {
    input_paths    = { event = "$.id", time = "$.time" }
    input_template = "{\"event\": <event>, \"time\": \"<time>\"}"
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }

  depends_on = [aws_iam_role_policy.rule]
}
