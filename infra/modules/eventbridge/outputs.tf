output "rules" {
  description = "State machine → name of the rule that starts it"
  value       = { for name, rule in aws_cloudwatch_event_rule.rule : name => rule.name }
}

output "dead_letter_queue" {
  description = "Name of the queue of events that no target took"
  value       = aws_sqs_queue.dead_letters.name
}

output "event_source" {
  description = "Source of the pipeline's own events"
  value       = local.event_source
}
