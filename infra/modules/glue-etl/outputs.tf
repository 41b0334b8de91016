output "databases" {
  description = "Zone → Glue database name"
  value       = { for zone, database in aws_glue_catalog_database.zone : zone => database.name }
}

output "jobs" {
  description = "Script (a file below jobs/, without .py) → Glue job name"
  value       = { for script, job in aws_glue_job.etl : script => job.name }
}

output "contracts" {
  description = "Dataset → S3 key of its contract as JSON, in the artifacts bucket"
  value       = { for dataset, object in aws_s3_object.contract : dataset => object.key }
}
