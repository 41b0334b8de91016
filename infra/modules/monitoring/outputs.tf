output "alerts_topic_arn" {
  description = "SNS topic of the pipeline's messages and alarms"
  value       = aws_sns_topic.alerts.arn
}

output "dashboard" {
  description = "Name of the CloudWatch dashboard"
  value       = aws_cloudwatch_dashboard.health.dashboard_name
}
