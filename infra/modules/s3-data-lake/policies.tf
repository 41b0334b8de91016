# Who may not: nobody without TLS, and nobody deletes a protected bucket. Who may is the roles' business.

locals {
  denied = {
    WithoutTls = {
      actions    = ["s3:*"]
      objects    = true
      conditions = { Bool = { "aws:SecureTransport" = "false" } }
      on         = true
    }
    DeleteBucket = {
      actions    = ["s3:DeleteBucket"]
      objects    = false
      conditions = {}
      on         = var.deletion_protection
    }
  }
}

resource "aws_s3_bucket_policy" "zone" {
  for_each = aws_s3_bucket.zone

  bucket = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        for sid, rule in local.denied : merge(
          {
            Sid       = sid
            Effect    = "Deny"
            Principal = "*"
            Action    = rule.actions
            Resource  = rule.objects ? [each.value.arn, "${each.value.arn}/*"] : [each.value.arn]
          },
          length(rule.conditions) == 0 ? {} : { Condition = rule.conditions },
        ) if rule.on
      ],
      each.key != "logs" ? [] : [{
        Sid       = "AccessLogs"
        Effect    = "Allow"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Action    = ["s3:PutObject"]
        Resource  = ["${each.value.arn}/s3/*"]
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account }
          ArnLike      = { "aws:SourceArn" = concat([for zone in sort(var.zones) : aws_s3_bucket.zone[zone].arn], var.logged_buckets) }
        }
      }],
    )
  })

  depends_on = [aws_s3_bucket_public_access_block.zone]
}
