# The lakehouse: the modules, put together once. Environments differ in values only.

data "aws_caller_identity" "current" {}

locals {
  name           = "${var.project}-${var.environment}"
  landing_prefix = "landing/"

  # A dataset is a file below contracts/; it names the Glue script that fills its table.
  contracts = { for file in fileset("${var.artifacts_dir}/contracts", "*.odcs.yaml") : trimsuffix(file, ".odcs.yaml") => yamldecode(file("${var.artifacts_dir}/contracts/${file}")) }
  datasets  = { for dataset, contract in local.contracts : dataset => one([for custom in contract.schema[0].customProperties : custom.value if custom.property == "job"]) }
  jobs      = { for dataset, script in local.datasets : dataset => module.glue.jobs[script] }

  # The SQL files, with the name of the processed zone's database in its place.
  sql = { for folder in ["views", "queries"] : folder => {
    for file in fileset("${var.artifacts_dir}/sql/${folder}", "*.sql") : trimsuffix(file, ".sql") => templatefile("${var.artifacts_dir}/sql/${folder}/${file}", { processed = module.glue.databases["processed"] })
  } }
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
  contracts     = local.contracts
  datasets      = local.datasets
}

module "lambdas" {
  source = "../modules/lambda-processors"

  name           = local.name
  buckets        = module.lake.buckets
  artifacts_dir  = var.artifacts_dir
  contracts      = module.glue.contracts
  landing_prefix = local.landing_prefix
  jobs           = local.jobs
  databases      = module.glue.databases
  work_group     = module.athena.work_group
  work_group_arn = module.athena.work_group_arn
}

module "athena" {
  source = "../modules/athena"

  name           = local.name
  results_bucket = module.lake.buckets["results"]
  force_destroy  = var.force_destroy
  queries        = { for name, sql in local.sql["queries"] : name => { database = module.glue.databases["curated"], sql = sql } }
}

module "machines" {
  source = "../modules/step-functions"

  name           = local.name
  functions      = module.lambdas.functions
  jobs           = distinct(values(local.jobs))
  merge_job      = module.glue.jobs["master_data_merge"]
  views          = local.sql["views"]
  work_group     = module.athena.work_group
  work_group_arn = module.athena.work_group_arn
  databases      = module.glue.databases
  buckets        = module.lake.buckets
  topic_arn      = module.monitoring.alerts_topic_arn
}

module "events" {
  source = "../modules/eventbridge"

  name           = local.name
  raw_bucket     = module.lake.buckets["raw"]
  landing_prefix = local.landing_prefix
  state_machines = module.machines.state_machines
  schedule       = var.transform_schedule
  topic_arn      = module.monitoring.alerts_topic_arn
  job_names      = values(module.glue.jobs)
}

module "monitoring" {
  source = "../modules/monitoring"

  name           = local.name
  state_machines = module.machines.state_machines
  function_names = module.lambdas.function_names
}
