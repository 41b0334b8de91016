mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name          = "laketop-test"
  buckets       = { for zone in ["raw", "processed", "curated", "quarantine", "results", "artifacts"] : zone => "laketop-test-${zone}" }
  artifacts_dir = "../../tests/artefacts"
  key_arn       = "arn:aws:kms:eu-central-1:123456789012:key/1"
  datasets      = { orders = "etl", returns = "etl" }
  contracts = { for dataset in ["orders", "returns"] : dataset => {
    schema = [{
      description = "Rows of ${dataset}"
      properties = [
        { name = "id", physicalType = "string", description = "The key" },
        { name = "amount", physicalType = "decimal(10,2)", description = "In euro" },
        { name = "month", physicalType = "string", description = "Month of the order", partitioned = true },
      ]
    }]
  } }
}

run "tables_are_what_contracts_say" {
  command = apply

  assert {
    condition     = [for column in one(aws_glue_catalog_table.processed["orders"].storage_descriptor).columns : [column.name, column.type]] == [["id", "string"], ["amount", "decimal(10,2)"]]
    error_message = "Columns come from the contract."
  }

  assert {
    condition     = one(aws_glue_catalog_table.processed["orders"].partition_keys).name == "month"
    error_message = "Partitions come from the contract."
  }

  assert {
    condition     = { for zone, database in aws_glue_catalog_database.zone : zone => database.name } == { processed = "laketop_test_processed", curated = "laketop_test_curated" }
    error_message = "Databases have no hyphens: Athena would want quotes."
  }
}

run "jobs_are_encrypted_and_bounded" {
  command = apply

  assert {
    condition     = toset(keys(aws_glue_job.etl)) == toset(["etl", "master_data_merge"])
    error_message = "A job a script, however many datasets it fills, and the merge."
  }

  assert {
    condition = alltrue([for job in values(aws_glue_job.etl) : alltrue([
      job.security_configuration == aws_glue_security_configuration.this.name, job.timeout == 60, job.number_of_workers == 2,
      one(job.execution_property).max_concurrent_runs == 1, startswith(one(job.command).script_location, "s3://laketop-test-artifacts/jobs/"),
    ])])
    error_message = "Runs are encrypted, end after an hour, and never two of a job at once."
  }

  assert {
    condition = alltrue([
      one(one(aws_glue_security_configuration.this.encryption_configuration).s3_encryption).s3_encryption_mode == "SSE-KMS",
      one(one(aws_glue_security_configuration.this.encryption_configuration).cloudwatch_encryption).cloudwatch_encryption_mode == "SSE-KMS",
      one(one(aws_glue_security_configuration.this.encryption_configuration).job_bookmarks_encryption).job_bookmarks_encryption_mode == "CSE-KMS",
    ])
    error_message = "Objects, logs and bookmarks are encrypted with the lake's key."
  }

  assert {
    condition     = length(aws_glue_crawler.this) == 0 && length(aws_glue_trigger.this) == 0
    error_message = "Tables come from contracts, and the state machine starts the jobs."
  }
}

run "a_job_may_do_what_it_does" {
  command = apply

  assert {
    condition = alltrue(flatten([
      for policy in values(aws_iam_role_policy.job) : [for statement in jsondecode(policy.policy).Statement : [for action in flatten([statement.Action]) : !strcontains(action, "*")]]
    ]))
    error_message = "No action is a pattern."
  }

  assert {
    condition = alltrue([
      for policy in values(aws_iam_role_policy.job) : length([for statement in jsondecode(policy.policy).Statement : statement if contains(flatten([statement.Resource]), "*")]) == 0
    ])
    error_message = "Nothing is allowed on everything."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.job["master_data_merge"].policy, "laketop-test-raw/orders")
    error_message = "The merge reads no raw file."
  }
}

run "a_crawler_and_a_trigger" {
  command = apply

  variables {
    crawlers = { found = { zone = "processed", prefix = "found/", schedule = "cron(0 3 * * ? *)" } }
    triggers = { nightly = { schedule = "cron(0 4 * * ? *)", script = "etl" } }
  }

  assert {
    condition     = aws_glue_crawler.this["found"].database_name == "laketop_test_processed" && one(aws_glue_crawler.this["found"].s3_target).path == "s3://laketop-test-processed/found/"
    error_message = "A crawler looks at its prefix."
  }

  assert {
    condition     = one(aws_glue_trigger.this["nightly"].actions).job_name == aws_glue_job.etl["etl"].name
    error_message = "A trigger starts its job."
  }
}

run "one_worker_is_none" {
  command = plan

  variables {
    workers = 1
  }

  expect_failures = [var.workers]
}

run "no_such_size" {
  command = plan

  variables {
    worker_type = "Standard"
  }

  expect_failures = [var.worker_type]
}

run "raw_has_no_database" {
  command = plan

  variables {
    crawlers = { wrong = { zone = "raw", prefix = "" } }
  }

  expect_failures = [var.crawlers]
}
