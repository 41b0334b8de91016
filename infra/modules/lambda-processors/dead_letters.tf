# Events that a function failed on where it was called asynchronously, with the error, for as long as SQS keeps them. State
# machines call functions and wait: what fails then is theirs.

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-functions-dead-letters"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
}

resource "aws_lambda_function_event_invoke_config" "dead_letters" {
  for_each = local.functions

  function_name          = aws_lambda_function.function[each.key].function_name
  maximum_retry_attempts = 2

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters.arn
    }
  }
}
