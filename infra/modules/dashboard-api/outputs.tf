output "url" {
  description = "Address of the page; its last slash belongs to it"
  value       = "${aws_api_gateway_stage.this.invoke_url}/"
}

output "key_id" {
  description = "Id of the API key; `aws apigateway get-api-key --include-value` tells its value"
  value       = aws_api_gateway_api_key.this.id
}

output "bucket" {
  description = "Bucket of the page's files"
  value       = aws_s3_bucket.page.bucket
}

output "bucket_arn" {
  description = "ARN of the bucket of the page's files"
  value       = aws_s3_bucket.page.arn
}

output "deployment" {
  description = "Hash of the routes that are deployed"
  value       = aws_api_gateway_deployment.this.triggers["routes"]
}
