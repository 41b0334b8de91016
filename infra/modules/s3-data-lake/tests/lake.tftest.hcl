mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name = "laketop-test"
}

run "encrypted_private_and_kept" {
  command = apply

  assert {
    condition     = toset(keys(aws_s3_bucket.zone)) == toset(["raw", "processed", "curated", "quarantine", "results", "artifacts", "logs"])
    error_message = "There is a bucket for each zone, and one for access logs."
  }

  assert {
    condition     = aws_s3_bucket.zone["raw"].bucket == "laketop-test-raw-123456789012"
    error_message = "Bucket names carry project, environment, zone and account."
  }

  assert {
    condition = alltrue([
      for zone, config in aws_s3_bucket_server_side_encryption_configuration.zone : alltrue([
        for rule in config.rule : zone == "logs"
        ? one(rule.apply_server_side_encryption_by_default).sse_algorithm == "AES256"
        : rule.bucket_key_enabled && one(rule.apply_server_side_encryption_by_default).sse_algorithm == "aws:kms" && one(rule.apply_server_side_encryption_by_default).kms_master_key_id == aws_kms_key.lake.arn
      ])
    ])
    error_message = "Zones are encrypted with the lake's key and a bucket key; access logs with S3's own, as S3 demands."
  }

  assert {
    condition = alltrue([
      for block in values(aws_s3_bucket_public_access_block.zone) : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets
    ]) && length(aws_s3_bucket_public_access_block.zone) == length(aws_s3_bucket.zone)
    error_message = "No bucket can be made public."
  }

  assert {
    condition     = toset(keys(aws_s3_bucket_versioning.zone)) == toset(keys(aws_s3_bucket.zone))
    error_message = "Every bucket keeps versions."
  }

  assert {
    condition = alltrue([
      for policy in values(aws_s3_bucket_policy.zone) : contains([
        for statement in jsondecode(policy.policy).Statement : statement.Effect if try(statement.Condition.Bool["aws:SecureTransport"], "") == "false" && statement.Principal == "*"
      ], "Deny")
    ])
    error_message = "Requests without TLS are denied."
  }

  assert {
    condition = alltrue([
      for policy in values(aws_s3_bucket_policy.zone) : contains([for statement in jsondecode(policy.policy).Statement : statement.Sid], "DeleteBucket")
    ])
    error_message = "Protected buckets refuse to be deleted."
  }

  assert {
    condition     = alltrue([for zone, bucket in aws_s3_bucket_logging.zone : bucket.target_bucket == aws_s3_bucket.zone["logs"].id && bucket.target_prefix == "s3/${zone}/"]) && length(aws_s3_bucket_logging.zone) == 6
    error_message = "Every zone's requests are logged."
  }

  assert {
    condition     = aws_kms_key.lake.enable_key_rotation && aws_kms_key.lake.deletion_window_in_days == 30
    error_message = "The key is rotated, and can be had back for a month."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_kms_key.lake.policy).Statement : !contains(statement.Action, "kms:*") && statement.Principal != "*"
    ])
    error_message = "No statement of the key's policy is for everybody or everything."
  }

  assert {
    condition     = aws_s3_bucket_notification.raw.eventbridge
    error_message = "EventBridge hears of new objects in raw."
  }

  assert {
    condition     = !aws_s3_bucket.zone["raw"].force_destroy && length(aws_s3_bucket_metric.zone) == 0
    error_message = "By default data is not destroyed with the stack, and metrics that cost are off."
  }
}

run "objects_age" {
  command = apply

  assert {
    condition = alltrue([
      for config in values(aws_s3_bucket_lifecycle_configuration.zone) : one([
        for rule in config.rule : one(rule.abort_incomplete_multipart_upload).days_after_initiation == 7 && one(rule.noncurrent_version_expiration).noncurrent_days == 30 if rule.id == "leftovers"
      ])
    ]) && length(aws_s3_bucket_lifecycle_configuration.zone) == 7
    error_message = "Every bucket gets rid of old versions and of uploads that were never completed."
  }

  assert {
    condition = tomap({ for transition in flatten([for rule in aws_s3_bucket_lifecycle_configuration.zone["raw"].rule : rule.transition[*] if rule.id == "ageing"]) : transition.storage_class => transition.days }) == tomap({
      GLACIER_IR = 180, STANDARD_IA = 60
    })
    error_message = "Raw files move to cheaper classes."
  }

  assert {
    condition     = one(flatten([for rule in aws_s3_bucket_lifecycle_configuration.zone["results"].rule : rule.expiration[*].days if rule.id == "ageing"])) == 30
    error_message = "Query results are deleted after a month."
  }

  assert {
    condition     = length([for rule in aws_s3_bucket_lifecycle_configuration.zone["curated"].rule : rule if rule.id == "ageing"]) == 0
    error_message = "Files of Iceberg tables never age by rule."
  }
}

run "without_rules" {
  command = apply

  variables {
    noncurrent_days        = null
    incomplete_upload_days = null
    retention              = {}
    versioned_zones        = []
    deletion_protection    = false
    force_destroy          = true
    request_metrics        = true
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.zone) == 0
    error_message = "Where nothing ages there is no configuration."
  }

  assert {
    condition     = keys(aws_s3_bucket_versioning.zone) == ["raw"]
    error_message = "Raw keeps versions whatever is said."
  }

  assert {
    condition     = alltrue([for policy in values(aws_s3_bucket_policy.zone) : !contains([for statement in jsondecode(policy.policy).Statement : statement.Sid], "DeleteBucket")])
    error_message = "Without protection buckets can be deleted."
  }

  assert {
    condition     = length(aws_s3_bucket_metric.zone) == 6 && aws_s3_bucket.zone["raw"].force_destroy
    error_message = "Metrics and destruction are as asked for."
  }
}

run "iceberg_files_do_not_age" {
  command = plan

  variables {
    retention = { curated = { expire_days = 30 } }
  }

  expect_failures = [var.retention]
}

run "infrequent_access_takes_a_month" {
  command = plan

  variables {
    retention = { raw = { storage_classes = { STANDARD_IA = 10 } } }
  }

  expect_failures = [var.retention]
}

run "a_name_that_buckets_cannot_have" {
  command = plan

  variables {
    name = "Laketop_Test"
  }

  expect_failures = [var.name]
}

run "a_lake_without_raw" {
  command = plan

  variables {
    zones = ["processed"]
  }

  expect_failures = [var.zones]
}

run "the_key_does_not_go_at_once" {
  command = plan

  variables {
    key_deletion_days = 1
  }

  expect_failures = [var.key_deletion_days]
}
