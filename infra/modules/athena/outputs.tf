output "work_group" {
  description = "Name of the work group"
  value       = aws_athena_workgroup.this.name
}

output "work_group_arn" {
  description = "ARN of the work group"
  value       = aws_athena_workgroup.this.arn
}

output "named_queries" {
  description = "Name → id of the named query"
  value       = { for name, query in aws_athena_named_query.this : name => query.id }
}
