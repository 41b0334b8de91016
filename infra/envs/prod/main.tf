# What people rely on.

locals {
  environment         = "prod"
  deletion_protection = true
}

module "lakehouse" {
  source = "../../stack"

  environment        = local.environment
  artifacts_dir      = var.artifacts_dir
  force_destroy      = !local.deletion_protection
  transform_schedule = "rate(1 hour)"
}
