# What dev has tested, under the conditions of prod.

locals {
  environment         = "staging"
  deletion_protection = false
}

module "lakehouse" {
  source = "../../stack"

  environment        = local.environment
  artifacts_dir      = var.artifacts_dir
  force_destroy      = !local.deletion_protection
  transform_schedule = "rate(6 hours)"
}
