# The same text in every environment of AWS.

output "buckets" {
  description = "Zone → bucket name"
  value       = module.lakehouse.buckets
}

output "landing" {
  description = "Dataset → where its files land"
  value       = module.lakehouse.landing
}

output "databases" {
  description = "Zone → Glue database name"
  value       = module.lakehouse.databases
}

output "work_group" {
  description = "Athena work group"
  value       = module.lakehouse.work_group
}

output "named_queries" {
  description = "Name → id of the Athena named query"
  value       = module.lakehouse.named_queries
}

output "state_machines" {
  description = "Name (ingest, transform) → ARN"
  value       = module.lakehouse.state_machines
}

output "event_source" {
  description = "Source of the event \"Batch Ready\", which starts the transform"
  value       = module.lakehouse.event_source
}

output "alerts_topic_arn" {
  description = "SNS topic of the pipeline's messages and alarms"
  value       = module.lakehouse.alerts_topic_arn
}

output "dashboard_url" {
  description = "Address of the dashboard; its last slash belongs to it"
  value       = module.lakehouse.dashboard_url
}

output "dashboard_key_id" {
  description = "Id of the key of the dashboard's API; `aws apigateway get-api-key --include-value` tells its value"
  value       = module.lakehouse.dashboard_key_id
}

output "release" {
  description = "The release that was deployed last"
  value       = var.release
}

output "deletion_protection" {
  description = "Whether destroying the environment is refused"
  value       = local.deletion_protection
}
