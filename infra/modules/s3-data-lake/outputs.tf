output "buckets" {
  description = "Zone → bucket name"
  value       = { for zone in var.zones : zone => aws_s3_bucket.zone[zone].bucket }
}

output "logs_bucket" {
  description = "Bucket of the access logs, which takes them"
  value       = aws_s3_bucket_policy.zone["logs"].bucket
}

output "key_arn" {
  description = "ARN of the key that everything is encrypted with"
  value       = aws_kms_key.lake.arn
}
