# A lake of three zones whose raw files move to a cheaper class after two months.

module "lake" {
  source = "../"

  name  = "shop-dev"
  zones = ["raw", "processed", "curated"]

  retention = {
    raw = { storage_classes = { STANDARD_IA = 60 } }
  }

  deletion_protection = false
}

output "buckets" {
  description = "Zone → bucket name"
  value       = module.lake.buckets
}
