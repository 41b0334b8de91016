# What is watched: a table. Each alarm speaks to the topic when it goes off and when it is over.

locals {
  alarms = merge(
    { for name, arn in var.state_machines : "${name}-failed" => {
      description = "An execution of the state machine ${name} failed"
      namespace   = "AWS/States", metric = "ExecutionsFailed", dimensions = { StateMachineArn = arn }
      statistic   = "Sum", above = 0, minutes = 5
    } },
    { for name, arn in var.state_machines : "${name}-timed-out" => {
      description = "An execution of the state machine ${name} ran out of time"
      namespace   = "AWS/States", metric = "ExecutionsTimedOut", dimensions = { StateMachineArn = arn }
      statistic   = "Sum", above = 0, minutes = 5
    } },
    { for name, function in var.function_names : "${name}-errors" => {
      description = "The function ${name} ended with an error"
      namespace   = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = function }
      statistic   = "Sum", above = 0, minutes = 5
    } },
    { for name, function in var.function_names : "${name}-throttles" => {
      description = "The function ${name} was held back: the account has too few concurrent executions"
      namespace   = "AWS/Lambda", metric = "Throttles", dimensions = { FunctionName = function }
      statistic   = "Sum", above = var.throttles_tolerated, minutes = 5
    } },
    { for name, queue in var.dead_letter_queues : "${name}-dead-letters" => {
      description = "Events of ${name} were given up; they wait in the queue ${queue}"
      namespace   = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = queue }
      statistic   = "Maximum", above = 0, minutes = 5
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${replace(each.key, "_", "-")}"
  alarm_description   = each.value.description
  actions_enabled     = var.alarms_enabled
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60 * each.value.minutes
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}

# Nothing fails where nothing runs: the curated zone grows old in silence.
resource "aws_cloudwatch_metric_alarm" "stale" {
  count = var.freshness_hours == null ? 0 : 1

  alarm_name          = "${var.name}-stale"
  alarm_description   = "No transform succeeded for ${var.freshness_hours} hours"
  actions_enabled     = var.alarms_enabled
  namespace           = "AWS/States"
  metric_name         = "ExecutionsSucceeded"
  dimensions          = { StateMachineArn = var.state_machines["transform"] }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = var.freshness_hours
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}
