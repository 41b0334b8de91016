variable "name" {
  description = "Beginning of every name, e.g. laketop-local"
  type        = string
}

variable "key_arn" {
  description = "ARN of the KMS key of the topic; its policy lets CloudWatch and EventBridge use it"
  type        = string
}

variable "state_machines" {
  description = "Name → ARN of the state machines to watch; transform is among them"
  type        = map(string)
}

variable "function_names" {
  description = "Function → name of the Lambda functions to watch"
  type        = map(string)
}

variable "dead_letter_queues" {
  description = "What gave the events up → name of the queue that they wait in"
  type        = map(string)
}

variable "work_group" {
  description = "Name of the Athena work group to watch"
  type        = string
}

variable "alert_emails" {
  description = "Addresses that hear of everything; each has to confirm its subscription"
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "An address is name@domain."
  }
}

variable "alarms_enabled" {
  description = "Whether alarms speak to the topic; without, they only show on the dashboard"
  type        = bool
  default     = true
}

variable "throttles_tolerated" {
  description = "Throttled calls of a function within five minutes that are no alarm: the callers try again"
  type        = number
  default     = 10
}

variable "freshness_hours" {
  description = "Hours without a successful transform that are an alarm; null: none"
  type        = number
  default     = null

  validation {
    condition     = var.freshness_hours == null ? true : var.freshness_hours >= 1 && var.freshness_hours <= 24
    error_message = "CloudWatch looks back 1 to 24 hours here."
  }
}
