output "buckets" {
  description = "Zone → bucket name"
  value       = module.lake.buckets
}

output "landing" {
  description = "Dataset → where its files land"
  value       = { for dataset, _ in local.datasets : dataset => "s3://${module.lake.buckets["raw"]}/${local.landing_prefix}${dataset}/" }
}

output "databases" {
  description = "Zone → Glue database name"
  value       = module.glue.databases
}

output "work_group" {
  description = "Athena work group"
  value       = module.athena.work_group
}

output "named_queries" {
  description = "Name → id of the Athena named query"
  value       = module.athena.named_queries
}

output "state_machines" {
  description = "Name (ingest, transform) → ARN"
  value       = module.machines.state_machines
}

output "event_source" {
  description = "Source of the event \"Batch Ready\", which starts the transform"
  value       = module.events.event_source
}

output "alerts_topic_arn" {
  description = "SNS topic of the pipeline's messages and alarms"
  value       = module.monitoring.alerts_topic_arn
}

output "key_arn" {
  description = "ARN of the key that everything is encrypted with"
  value       = module.lake.key_arn
}

output "jobs" {
  description = "Script (a file below jobs/, without .py) → Glue job name"
  value       = module.glue.jobs
}

output "dashboard_url" {
  description = "Address of the dashboard; its last slash belongs to it"
  value       = module.dashboard.url
}

output "dashboard_key_id" {
  description = "Id of the key of the dashboard's API; `aws apigateway get-api-key --include-value` tells its value"
  value       = module.dashboard.key_id
}
