# Where a change meets AWS first; it may be destroyed and made anew at any time.

locals {
  environment         = "dev"
  deletion_protection = false
}

module "lakehouse" {
  source = "../../stack"

  environment        = local.environment
  artifacts_dir      = var.artifacts_dir
  force_destroy      = !local.deletion_protection
  transform_schedule = "rate(1 day)"
}
