output "state_machines" {
  description = "Name (ingest, transform) → ARN"
  value       = { for name, machine in aws_sfn_state_machine.machine : name => machine.arn }
}

output "log_groups" {
  description = "Name (ingest, transform) → log group of its executions"
  value       = { for name, group in aws_cloudwatch_log_group.machine : name => group.name }
}
