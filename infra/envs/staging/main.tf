# What dev has tested, under the conditions of prod.

locals {
  environment         = "staging"
  deletion_protection = false
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

  transform_schedule = "rate(6 hours)"
  freshness_hours    = 13

  noncurrent_days    = 30
  log_retention_days = 90
  scan_limit_bytes   = 100 * pow(1000, 3)
}
