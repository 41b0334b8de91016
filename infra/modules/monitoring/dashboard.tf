# The pipeline's health on one page: what came in, what ran, how long it took, what failed.

locals {
  metrics = {
    "Executions" = flatten([for name, arn in var.state_machines : [
      for metric in ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"] :
      { path = ["AWS/States", metric, "StateMachineArn", arn], label = "${name}: ${metric}", stat = "Sum" }
    ]])
    "Duration of executions" = [for name, arn in var.state_machines :
      { path = ["AWS/States", "ExecutionTime", "StateMachineArn", arn], label = name, stat = "p90" }
    ]
    "Function errors and throttles" = flatten([for name, function in var.function_names : [
      for metric in ["Errors", "Throttles"] :
      { path = ["AWS/Lambda", metric, "FunctionName", function], label = "${name}: ${metric}", stat = "Sum" }
    ]])
    "Function duration" = [for name, function in var.function_names :
      { path = ["AWS/Lambda", "Duration", "FunctionName", function], label = name, stat = "p90" }
    ]
    "Bytes scanned by Athena" = [
      { path = ["AWS/Athena", "ProcessedBytes", "WorkGroup", var.work_group], label = "scanned", stat = "Sum" }
    ]
    "Dead letters" = [for name, queue in var.dead_letter_queues :
      { path = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue], label = name, stat = "Maximum" }
    ]
  }
  titles = sort(keys(local.metrics))

  # Two columns of six rows each, on a grid that is 24 wide.
  graphs = [for place, title in local.titles : {
    type   = "metric"
    x      = 12 * (place % 2)
    y      = 2 + 6 * floor(place / 2)
    width  = 12
    height = 6
    properties = {
      title   = title
      region  = data.aws_region.current.name
      view    = "timeSeries"
      period  = 300
      metrics = [for metric in local.metrics[title] : concat(metric.path, [{ label = metric.label, stat = metric.stat }])]
    }
  }]
}

resource "aws_cloudwatch_dashboard" "health" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat([{
      type       = "text"
      x          = 0
      y          = 0
      width      = 24
      height     = 2
      properties = { markdown = "# ${var.name}\nFiles come in by `ingest`, batches become tables by `transform`. Runs and their steps are in the Athena table `pipeline_runs`, rules in `data_quality`." }
    }], local.graphs)
  })
}
