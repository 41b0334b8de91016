# The lakehouse: the modules, put together once. Environments differ in values only.

data "aws_caller_identity" "current" {}

locals {
  name           = "${var.project}-${var.environment}"
  landing_prefix = "landing/"

  # Dataset → its Glue job. A dataset has a contract of its name under contracts/.
  datasets = { transactions = "transaction_etl.py" }

  kpi_sql = file("${var.artifacts_dir}/sql/daily_kpis.sql")
}

module "lake" {
  source = "../modules/s3-data-lake"

  name          = local.name
  account_id    = data.aws_caller_identity.current.account_id
  force_destroy = var.force_destroy
}

module "glue" {
  source = "../modules/glue-etl"

  name          = local.name
  buckets       = module.lake.buckets
  artifacts_dir = var.artifacts_dir
  datasets      = local.datasets
}

module "lambdas" {
  source = "../modules/lambda-processors"

  name           = local.name
  buckets        = module.lake.buckets
  artifacts_dir  = var.artifacts_dir
  contracts      = module.glue.contracts
  landing_prefix = local.landing_prefix
}

module "athena" {
  source = "../modules/athena"

  name           = local.name
  results_bucket = module.lake.buckets["results"]
  force_destroy  = var.force_destroy
  queries        = { daily_kpis = { database = module.glue.databases["processed"], sql = local.kpi_sql } }
}

module "machines" {
  source = "../modules/step-functions"

  name           = local.name
  functions      = module.lambdas.functions
  job            = module.glue.jobs["transactions"]
  work_group     = module.athena.work_group
  work_group_arn = module.athena.work_group_arn
  database       = module.glue.databases["processed"]
  kpi_sql        = local.kpi_sql
  buckets        = module.lake.buckets
  topic_arn      = module.monitoring.alerts_topic_arn
}

module "events" {
  source = "../modules/eventbridge"

  name           = local.name
  raw_bucket     = module.lake.buckets["raw"]
  landing_prefix = local.landing_prefix
  state_machines = module.machines.state_machines
}

module "monitoring" {
  source = "../modules/monitoring"

  name           = local.name
  state_machines = module.machines.state_machines
  function_names = module.lambdas.function_names
}
