variable "name" {
  description = "Beginning of every name, e.g. laketop-local"
  type        = string
}

variable "functions" {
  description = "Function (the folder's name under lambdas/) → ARN"
  type        = map(string)
}

variable "jobs" {
  description = "Names of the Glue jobs from raw to processed"
  type        = list(string)
}

variable "merge_job" {
  description = "Name of the Glue job from processed to curated"
  type        = string
}

variable "views" {
  description = "Name → SQL text of the views over the curated zone"
  type        = map(string)
}

variable "parallel_runs" {
  description = "How many Glue runs and queries of one transform may go on at once"
  type        = number
  default     = 4
}

variable "work_group" {
  description = "Name of the Athena work group"
  type        = string
}

variable "work_group_arn" {
  description = "ARN of the Athena work group"
  type        = string
}

variable "databases" {
  description = "Zone (processed, curated) → Glue database name"
  type        = map(string)
}

variable "buckets" {
  description = "Zone → bucket name"
  type        = map(string)
}

variable "topic_arn" {
  description = "SNS topic of the pipeline's messages"
  type        = string
}

variable "key_arn" {
  description = "ARN of the KMS key of the zones, the topic and the machines' logs"
  type        = string
}

variable "log_level" {
  description = "What the machines write to CloudWatch Logs: ALL, ERROR, FATAL or OFF"
  type        = string
  default     = "ALL"

  validation {
    condition     = contains(["ALL", "ERROR", "FATAL", "OFF"], var.log_level)
    error_message = "Step Functions knows ALL, ERROR, FATAL and OFF."
  }
}

variable "log_retention_days" {
  description = "How long the machines' logs are kept"
  type        = number
  default     = 30
}

variable "tracing" {
  description = "Whether X-Ray traces the executions"
  type        = bool
  default     = true
}
