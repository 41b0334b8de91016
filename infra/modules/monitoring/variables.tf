variable "name" {
  description = "Beginning of every name, e.g. laketop-local"
  type        = string
}

variable "state_machines" {
  description = "Name → ARN of the state machines to watch"
  type        = map(string)
}

variable "function_names" {
  description = "Function → name of the Lambda functions to watch"
  type        = map(string)
}
