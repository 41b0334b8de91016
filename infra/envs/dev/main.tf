# Where a change meets AWS first; it may be destroyed and made anew at any time.

locals {
  environment         = "dev"
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

  transform_schedule = "rate(1 day)"

  key_deletion_days  = 7
  noncurrent_days    = 7
  log_retention_days = 14
  scan_limit_bytes   = 10 * pow(1000, 3)
  alarms_enabled     = false
}
