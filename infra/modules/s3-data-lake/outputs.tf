output "buckets" {
  description = "Zone → bucket name"
  value       = { for zone, bucket in aws_s3_bucket.zone : zone => bucket.bucket }
}
