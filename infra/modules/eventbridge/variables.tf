variable "name" {
  description = "Beginning of every name, e.g. laketop-local"
  type        = string
}

variable "raw_bucket" {
  description = "Bucket whose new objects start the ingest"
  type        = string
}

variable "landing_prefix" {
  description = "Prefix of the raw zone where files land"
  type        = string
}

variable "state_machines" {
  description = "Name (ingest, transform) → ARN"
  type        = map(string)
}

variable "schedule" {
  description = "When the transform runs by itself, e.g. rate(1 hour); null: only on the event"
  type        = string
  default     = null

  validation {
    condition     = var.schedule == null ? true : can(regex("^(rate|cron)\\(.+\\)$", var.schedule))
    error_message = "A schedule is rate(…) or cron(…)."
  }
}

variable "topic_arn" {
  description = "SNS topic that hears of failures"
  type        = string
}

variable "job_names" {
  description = "Names of the Glue jobs whose failures are told"
  type        = list(string)
}
