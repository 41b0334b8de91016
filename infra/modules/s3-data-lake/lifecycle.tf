# What becomes of objects with time. Zones that are not in var.retention keep their current objects for ever.

resource "aws_s3_bucket_lifecycle_configuration" "zone" {
  for_each = aws_s3_bucket.zone

  bucket = each.value.id

  rule {
    id     = "leftovers"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = var.incomplete_upload_days
    }

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
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
