# The lakehouse on this machine. Credentials and endpoint come from outside, as on AWS.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Where the state lies is said at init: -backend-config=path=…
  backend "local" {}
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = {
      Project     = "laketop"
      Environment = "local"
      ManagedBy   = "terraform"
    }
  }
}

variable "artifacts_dir" {
  description = "Folder of the artefacts, see infra/README.md"
  type        = string
}

module "lakehouse" {
  source = "../../stack"

  environment   = "local"
  artifacts_dir = var.artifacts_dir

  force_destroy       = true
  deletion_protection = false
  key_deletion_days   = 7
  log_retention_days  = 7
  request_metrics     = true
  scan_limit_bytes    = 10 * pow(1000, 3)

  # Nothing grows old on a laptop: no rule would be carried out there, and old versions would stay for ever.
  versioned_zones        = ["raw"]
  noncurrent_days        = null
  incomplete_upload_days = null
  retention              = {}
}

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
