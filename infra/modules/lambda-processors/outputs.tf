output "functions" {
  description = "Function (the folder's name under lambdas/) → ARN"
  value       = { for name, function in aws_lambda_function.function : name => function.arn }
}

output "function_names" {
  description = "Function (the folder's name under lambdas/) → its name on AWS"
  value       = { for name, function in aws_lambda_function.function : name => function.function_name }
}

output "dead_letter_queue" {
  description = "Name of the queue of events that functions failed on"
  value       = aws_sqs_queue.dead_letters.name
}
