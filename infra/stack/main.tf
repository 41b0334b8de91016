# The lakehouse: the modules, put together once. Environments differ in values only.

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

  name                   = local.name
  versioned_zones        = var.versioned_zones
  noncurrent_days        = var.noncurrent_days
  incomplete_upload_days = var.incomplete_upload_days
  retention              = var.retention
  key_deletion_days      = var.key_deletion_days
  request_metrics        = var.request_metrics
  logged_buckets         = [module.dashboard.bucket_arn]
  force_destroy          = var.force_destroy
  deletion_protection    = var.deletion_protection
}

module "glue" {
  source = "../modules/glue-etl"

  name          = local.name
  buckets       = module.lake.buckets
  artifacts_dir = var.artifacts_dir
  contracts     = local.contracts
  datasets      = local.datasets
  key_arn       = module.lake.key_arn
  worker_type   = var.job_workers.type
  workers       = var.job_workers.count
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
  named_queries  = module.athena.named_queries
  page_bucket    = module.dashboard.bucket

  key_arn              = module.lake.key_arn
  memory_mb            = var.function_memory_mb
  reserved_concurrency = var.reserved_concurrency
  log_retention_days   = var.log_retention_days
  tracing              = var.tracing
}

module "athena" {
  source = "../modules/athena"

  name             = local.name
  results_bucket   = module.lake.buckets["results"]
  key_arn          = module.lake.key_arn
  scan_limit_bytes = var.scan_limit_bytes
  force_destroy    = var.force_destroy
  queries          = { for name, sql in local.sql["queries"] : name => { database = module.glue.databases["curated"], sql = sql } }
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

  key_arn            = module.lake.key_arn
  log_level          = var.machine_log_level
  log_retention_days = var.log_retention_days
  tracing            = var.tracing
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

  name               = local.name
  key_arn            = module.lake.key_arn
  state_machines     = module.machines.state_machines
  function_names     = module.lambdas.function_names
  dead_letter_queues = { functions = module.lambdas.dead_letter_queue, events = module.events.dead_letter_queue }
  work_group         = module.athena.work_group
  alert_emails       = var.alert_emails
  alarms_enabled     = var.alarms_enabled
  freshness_hours    = var.freshness_hours
}

module "dashboard" {
  source = "../modules/dashboard-api"

  name          = local.name
  function_name = "${local.name}-api-handler"
  function_arn  = module.lambdas.functions["api_handler"]
  files_dir     = "${var.artifacts_dir}/dashboard"
  key_arn       = module.lake.key_arn
  logs_bucket   = module.lake.logs_bucket

  requests_per_day       = var.dashboard_limits.requests_per_day
  rate_limit             = var.dashboard_limits.rate
  burst_limit            = var.dashboard_limits.burst
  user_pool_arn          = var.dashboard_user_pool_arn
  account_logging        = var.api_gateway_account_logging
  log_retention_days     = var.log_retention_days
  tracing                = var.tracing
  versioned              = contains(var.versioned_zones, "artifacts")
  noncurrent_days        = var.noncurrent_days
  incomplete_upload_days = var.incomplete_upload_days
  force_destroy          = var.force_destroy
  deletion_protection    = var.deletion_protection
}
