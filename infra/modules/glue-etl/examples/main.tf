# One dataset by its contract, its table and its job, on larger workers.

module "glue" {
  source = "../"

  name          = "shop-dev"
  artifacts_dir = "../../../tests/artefacts"
  buckets       = { for zone in ["raw", "processed", "curated", "quarantine", "results", "artifacts"] : zone => "shop-dev-${zone}" }
  key_arn       = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  worker_type   = "G.2X"
  workers       = 4
  datasets      = { orders = "etl" }

  contracts = {
    orders = { schema = [{
      description = "Orders of the shop"
      properties = [
        { name = "order_id", physicalType = "string", description = "The key" },
        { name = "order_month", physicalType = "string", description = "Month of the order", partitioned = true },
      ]
    }] }
  }
}
