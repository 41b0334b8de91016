# The pipeline's functions from artefacts that `make build` made.

module "functions" {
  source = "../"

  name           = "shop-dev"
  artifacts_dir  = "../../../tests/artefacts"
  buckets        = { for zone in ["raw", "processed", "curated", "quarantine", "results", "artifacts"] : zone => "shop-dev-${zone}" }
  contracts      = { orders = "contracts/orders.json" }
  landing_prefix = "landing/"
  jobs           = { orders = "shop-dev-orders-etl" }
  databases      = { processed = "shop_dev_processed", curated = "shop_dev_curated" }
  work_group     = "shop-dev"
  work_group_arn = "arn:aws:athena:eu-central-1:123456789012:workgroup/shop-dev"
  named_queries  = { daily_kpis = "11111111-2222-3333-4444-555555555555" }
  page_bucket    = "shop-dev-page"
  key_arn        = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}
