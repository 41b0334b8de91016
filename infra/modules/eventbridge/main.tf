# What starts the machines: a new landing object, and the event that a batch is complete.

locals {
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
      pattern     = { source = [var.event_source], "detail-type" = ["Batch Ready"] }
      paths       = { event = "$.id", time = "$.time" }
      template    = "{\"event\": <event>, \"time\": \"<time>\"}"
    }
  }
}

resource "aws_cloudwatch_event_rule" "rule" {
  for_each = local.rules

  name          = "${var.name}-${each.value.rule}"
  description   = each.value.description
  event_pattern = jsonencode(each.value.pattern)
}

resource "aws_iam_role" "rule" {
  for_each = local.rules

  name = "${var.name}-${each.value.rule}"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "events.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "rule" {
  for_each = local.rules

  name = "start"
  role = aws_iam_role.rule[each.key].id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "states:StartExecution", Resource = var.state_machines[each.key] }]
  })
}

resource "aws_cloudwatch_event_target" "machine" {
  for_each = local.rules

  rule      = aws_cloudwatch_event_rule.rule[each.key].name
  target_id = each.key
  arn       = var.state_machines[each.key]
  role_arn  = aws_iam_role.rule[each.key].arn

  input_transformer {
    input_paths    = each.value.paths
    input_template = each.value.template
  }

  depends_on = [aws_iam_role_policy.rule]
}
