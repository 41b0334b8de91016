# A bucket a zone. Landing is a prefix of the raw zone; its events start the ingest.

resource "aws_s3_bucket" "zone" {
  for_each = var.zones

  bucket        = "${var.name}-${each.key}-${var.account_id}"
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "zone" {
  for_each = aws_s3_bucket.zone

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# An upload that replaces a landing file before it was read must not replace its content: the ingest works on versions.
resource "aws_s3_bucket_versioning" "raw" {
  bucket = aws_s3_bucket.zone["raw"].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_notification" "raw" {
  bucket      = aws_s3_bucket.zone["raw"].id
  eventbridge = true

  depends_on = [aws_s3_bucket_versioning.raw]
}
