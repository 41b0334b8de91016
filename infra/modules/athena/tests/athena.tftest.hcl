mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name           = "laketop-test"
  results_bucket = "results"
  key_arn        = "arn:aws:kms:eu-central-1:123456789012:key/1"
  queries        = { kpis = { database = "curated", sql = "-- The figures of a day.\nSELECT 1" } }
}

run "clients_cannot_choose" {
  command = apply

  variables {
    scan_limit_bytes = 1000000000
  }

  assert {
    condition     = one(aws_athena_workgroup.this.configuration).enforce_workgroup_configuration
    error_message = "The work group's settings come before the client's."
  }

  assert {
    condition     = one(one(one(aws_athena_workgroup.this.configuration).result_configuration).encryption_configuration).encryption_option == "SSE_KMS" && one(one(one(aws_athena_workgroup.this.configuration).result_configuration).encryption_configuration).kms_key_arn == var.key_arn
    error_message = "Results are encrypted with the lake's key."
  }

  assert {
    condition     = one(aws_athena_workgroup.this.configuration).bytes_scanned_cutoff_per_query == 1000000000
    error_message = "A query may scan so much and no more."
  }

  assert {
    condition     = aws_athena_named_query.this["kpis"].description == "The figures of a day." && aws_athena_named_query.this["kpis"].workgroup == "laketop-test"
    error_message = "A query is described by its first line."
  }

  assert {
    condition     = !aws_athena_workgroup.this.force_destroy
    error_message = "By default the history stays."
  }
}

run "the_least_limit" {
  command = plan

  variables {
    scan_limit_bytes = 1
  }

  expect_failures = [var.scan_limit_bytes]
}
