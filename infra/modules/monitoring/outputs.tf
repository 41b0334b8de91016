output "alerts_topic_arn" {
  description = "SNS topic of the pipeline's messages and alarms"
  value       = aws_sns_topic.alerts.arn
}
