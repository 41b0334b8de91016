output "rules" {
  description = "State machine → name of the rule that starts it"
  value       = { for name, rule in aws_cloudwatch_event_rule.rule : name => rule.name }
}
