# What people rely on.

locals {
  environment         = "prod"
  deletion_protection = true
}

module "lakehouse" {
  source = "../../stack"

  environment         = local.environment
  artifacts_dir       = var.artifacts_dir
  deletion_protection = local.deletion_protection
  force_destroy       = !local.deletion_protection
  alert_emails        = var.alert_emails

  dashboard_user_pool_arn     = var.dashboard_user_pool_arn
  api_gateway_account_logging = var.api_gateway_account_logging

  transform_schedule = "rate(1 hour)"
  freshness_hours    = 3

  job_workers        = { type = "G.1X", count = 5 }
  function_memory_mb = 1024

  noncurrent_days    = 90
  log_retention_days = 365
  machine_log_level  = "ERROR"
  scan_limit_bytes   = 1000 * pow(1000, 3)
}
