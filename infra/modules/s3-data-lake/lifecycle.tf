# What becomes of objects with time: leftovers of every zone, and zones of var.retention by age. A zone without a rule has
# no configuration, and keeps everything for ever.

locals {
  cleanup = var.noncurrent_days != null || var.incomplete_upload_days != null
  ageing  = local.cleanup ? local.buckets : toset([for zone in local.buckets : zone if contains(keys(var.retention), zone)])
}

resource "aws_s3_bucket_lifecycle_configuration" "zone" {
  for_each = local.ageing

  bucket = aws_s3_bucket.zone[each.key].id

  dynamic "rule" {
    for_each = local.cleanup ? [1] : []

    content {
      id     = "leftovers"
      status = "Enabled"

      filter {}

      dynamic "abort_incomplete_multipart_upload" {
        for_each = var.incomplete_upload_days[*]

        content {
          days_after_initiation = abort_incomplete_multipart_upload.value
        }
      }

      dynamic "noncurrent_version_expiration" {
        for_each = var.noncurrent_days[*]

        content {
          noncurrent_days = noncurrent_version_expiration.value
        }
      }
    }
  }

  dynamic "rule" {
    for_each = contains(keys(var.retention), each.key) ? [var.retention[each.key]] : []

    content {
      id     = "ageing"
      status = "Enabled"

      filter {}

      dynamic "transition" {
        for_each = rule.value.storage_classes

        content {
          storage_class = transition.key
          days          = transition.value
        }
      }

      dynamic "expiration" {
        for_each = rule.value.expire_days[*]

        content {
          days = expiration.value
        }
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.zone]
}
