output "state_machines" {
  description = "Name (ingest, transform) → ARN"
  value       = { for name, machine in aws_sfn_state_machine.machine : name => machine.arn }
}
