# The page's files, in a bucket that only the function reads: as strict as the lake's own buckets.

locals {
  files = {
    "index.html" = "text/html; charset=utf-8"
    "styles.css" = "text/css; charset=utf-8"
    "app.js"     = "text/javascript; charset=utf-8"
  }
}

resource "aws_s3_bucket" "page" {
  bucket        = "${var.name}-page-${local.account}"
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_ownership_controls" "page" {
  bucket = aws_s3_bucket.page.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "page" {
  bucket                  = aws_s3_bucket.page.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "page" {
  count = var.versioned ? 1 : 0

  bucket = aws_s3_bucket.page.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "page" {
  bucket = aws_s3_bucket.page.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

resource "aws_s3_bucket_logging" "page" {
  bucket        = aws_s3_bucket.page.id
  target_bucket = var.logs_bucket
  target_prefix = "s3/page/"
}

resource "aws_s3_bucket_lifecycle_configuration" "page" {
  count = var.noncurrent_days != null || var.incomplete_upload_days != null ? 1 : 0

  bucket = aws_s3_bucket.page.id

  rule {
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

  depends_on = [aws_s3_bucket_versioning.page]
}

resource "aws_s3_bucket_policy" "page" {
  bucket = aws_s3_bucket.page.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "WithoutTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:*"]
        Resource  = [aws_s3_bucket.page.arn, "${aws_s3_bucket.page.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      !var.deletion_protection ? [] : [{
        Sid       = "DeleteBucket"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:DeleteBucket"]
        Resource  = [aws_s3_bucket.page.arn]
      }],
    )
  })

  depends_on = [aws_s3_bucket_public_access_block.page]
}

resource "aws_s3_object" "page" {
  for_each = local.files

  bucket       = aws_s3_bucket.page.id
  key          = each.key
  source       = "${var.files_dir}/${each.key}"
  source_hash  = filesha256("${var.files_dir}/${each.key}")
  content_type = each.value

  # S3 takes ten tags an object; the provider's belong to the bucket.
  override_provider {
    default_tags { tags = {} }
  }

  depends_on = [aws_s3_bucket_server_side_encryption_configuration.page]
}
