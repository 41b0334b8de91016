# Crawlers and triggers, where somebody wants them: by default there are none.

resource "aws_iam_role" "crawler" {
  for_each = var.crawlers

  name = "${var.name}-crawler-${each.key}"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "glue.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "crawler" {
  for_each = var.crawlers

  name = "crawler"
  role = aws_iam_role.crawler[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Read", Effect = "Allow", Action = "s3:GetObject", Resource = "${local.s3}${var.buckets[each.value.zone]}/${each.value.prefix}*" },
      { Sid = "List", Effect = "Allow", Action = ["s3:ListBucket", "s3:GetBucketLocation"], Resource = "${local.s3}${var.buckets[each.value.zone]}" },
      {
        Sid    = "Catalog"
        Effect = "Allow"
        Action = [
          "glue:BatchCreatePartition", "glue:BatchGetPartition", "glue:CreateTable", "glue:GetDatabase", "glue:GetPartitions",
          "glue:GetTable", "glue:GetTables", "glue:UpdatePartition", "glue:UpdateTable",
        ]
        Resource = [
          "${local.catalog}:catalog",
          "${local.catalog}:database/${aws_glue_catalog_database.zone[each.value.zone].name}",
          "${local.catalog}:table/${aws_glue_catalog_database.zone[each.value.zone].name}/*",
        ]
      },
      { Sid = "Logs", Effect = "Allow", Action = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey"], Resource = "${local.logs}:log-group:/aws-glue/crawlers*" },
      { Sid = "Key", Effect = "Allow", Action = "kms:Decrypt", Resource = var.key_arn, Condition = { StringEquals = { "kms:ViaService" = "s3.${data.aws_region.current.name}.amazonaws.com" } } },
      { Sid = "Security", Effect = "Allow", Action = "glue:GetSecurityConfiguration", Resource = "${local.catalog}:catalog" },
    ]
  })
}

resource "aws_glue_crawler" "this" {
  for_each = var.crawlers

  name                   = "${var.name}-${each.key}"
  database_name          = aws_glue_catalog_database.zone[each.value.zone].name
  role                   = aws_iam_role.crawler[each.key].arn
  schedule               = each.value.schedule
  security_configuration = aws_glue_security_configuration.this.name

  s3_target {
    path = "${local.folder[each.value.zone]}/${each.value.prefix}"
  }

  depends_on = [aws_iam_role_policy.crawler]
}

resource "aws_glue_trigger" "this" {
  for_each = var.triggers

  name     = "${var.name}-${each.key}"
  type     = "SCHEDULED"
  schedule = each.value.schedule

  actions {
    job_name = aws_glue_job.etl[each.value.script].name
  }
}
