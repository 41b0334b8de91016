# Files that land start the ingest; every hour, and when somebody says so, the transform runs.

module "events" {
  source = "../"

  name           = "shop-dev"
  raw_bucket     = "shop-dev-raw"
  landing_prefix = "landing/"
  schedule       = "rate(1 hour)"
  topic_arn      = "arn:aws:sns:eu-central-1:123456789012:shop-dev-alerts"
  job_names      = ["shop-dev-orders-etl"]

  state_machines = {
    ingest    = "arn:aws:states:eu-central-1:123456789012:stateMachine:shop-dev-ingest"
    transform = "arn:aws:states:eu-central-1:123456789012:stateMachine:shop-dev-transform"
  }
}
