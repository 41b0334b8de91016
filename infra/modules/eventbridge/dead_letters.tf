# Events that no target took, for as long as SQS keeps them; an alarm of the module monitoring tells of them.

data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # By name, not by resource: a rule's target needs the queue, which must not need the rule.
  senders = concat([for rule in values(local.rules) : rule.rule], keys(local.failures), ["transform-schedule"])
  events  = "arn:${data.aws_partition.current.partition}:events:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  queue   = "${var.name}-events-dead-letters"
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = local.queue
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Rules"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:${local.queue}"
      Condition = { ArnEquals = { "aws:SourceArn" = [for rule in sort(local.senders) : "${local.events}:rule/${var.name}-${rule}"] } }
    }]
  })
}
