# Events that no target took, for as long as SQS keeps them; an alarm of the module monitoring tells of them.

locals {
  rules_with_targets = concat(
    [for rule in aws_cloudwatch_event_rule.rule : rule.arn],
    [for rule in aws_cloudwatch_event_rule.failure : rule.arn],
    [for rule in aws_cloudwatch_event_rule.schedule : rule.arn],
  )
}

resource "aws_sqs_queue" "dead_letters" {
  name                              = "${var.name}-events-dead-letters"
  kms_master_key_id                 = var.key_arn
  kms_data_key_reuse_period_seconds = 300
  message_retention_seconds         = 1209600
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Rules"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.dead_letters.arn
      Condition = { ArnEquals = { "aws:SourceArn" = local.rules_with_targets } }
    }]
  })
}
