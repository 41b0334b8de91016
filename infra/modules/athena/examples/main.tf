# A work group whose queries may scan ten gigabytes, with one named query.

module "athena" {
  source = "../"

  name             = "shop-dev"
  results_bucket   = "shop-dev-results"
  key_arn          = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  scan_limit_bytes = 10 * pow(1000, 3)

  queries = {
    orders = { database = "shop_dev_curated", sql = "-- Orders of a day.\nSELECT count(*) FROM orders WHERE day = ?" }
  }
}
