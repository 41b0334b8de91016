# The two state machines over functions and jobs that are there already.

locals {
  functions = ["file_validator", "file_router", "batch_control", "data_quality_check"]
}

module "machines" {
  source = "../"

  name           = "shop-dev"
  functions      = { for name in local.functions : name => "arn:aws:lambda:eu-central-1:123456789012:function:shop-dev-${name}" }
  jobs           = ["shop-dev-orders-etl"]
  merge_job      = "shop-dev-master-data-merge"
  views          = { orders_by_day = "SELECT day, count(*) AS orders FROM orders GROUP BY day" }
  work_group     = "shop-dev"
  work_group_arn = "arn:aws:athena:eu-central-1:123456789012:workgroup/shop-dev"
  databases      = { processed = "shop_dev_processed", curated = "shop_dev_curated" }
  buckets        = { for zone in ["raw", "processed", "curated", "quarantine", "results"] : zone => "shop-dev-${zone}" }
  topic_arn      = "arn:aws:sns:eu-central-1:123456789012:shop-dev-alerts"
  key_arn        = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}
