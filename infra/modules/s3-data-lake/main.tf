# A bucket a zone, and one for their access logs. Landing is a prefix of the raw zone; its events start the ingest.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  # The access logs have a bucket of their own: a bucket that logs into itself never comes to rest.
  buckets = setunion(var.zones, ["logs"])
}

resource "aws_s3_bucket" "zone" {
  for_each = local.buckets

  bucket        = "${var.name}-${each.key}-${local.account}"
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_ownership_controls" "zone" {
  for_each = aws_s3_bucket.zone

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "zone" {
  for_each = aws_s3_bucket.zone

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Raw always: an upload that replaces a landing file before it was read must not replace its content.
resource "aws_s3_bucket_versioning" "zone" {
  for_each = setunion(var.versioned_zones, ["raw"])

  bucket = aws_s3_bucket.zone[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "zone" {
  for_each = aws_s3_bucket.zone

  bucket = each.value.id

  rule {
    # S3 delivers access logs to buckets of S3's own keys only.
    bucket_key_enabled = each.key != "logs"

    apply_server_side_encryption_by_default {
      sse_algorithm     = each.key == "logs" ? "AES256" : "aws:kms"
      kms_master_key_id = each.key == "logs" ? null : aws_kms_key.lake.arn
    }
  }
}

resource "aws_s3_bucket_logging" "zone" {
  for_each = var.zones

  bucket        = aws_s3_bucket.zone[each.key].id
  target_bucket = aws_s3_bucket.zone["logs"].id
  target_prefix = "s3/${each.key}/"

  depends_on = [aws_s3_bucket_policy.zone]
}

resource "aws_s3_bucket_metric" "zone" {
  for_each = var.request_metrics ? var.zones : []

  bucket = aws_s3_bucket.zone[each.key].id
  name   = "EntireBucket"
}

resource "aws_s3_bucket_notification" "raw" {
  bucket      = aws_s3_bucket.zone["raw"].id
  eventbridge = true

  depends_on = [aws_s3_bucket_versioning.zone]
}
