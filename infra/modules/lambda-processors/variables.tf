variable "name" {
  description = "Beginning of every name, e.g. laketop-local"
  type        = string
}

variable "buckets" {
  description = "Zone → bucket name"
  type        = map(string)
}

variable "artifacts_dir" {
  description = "Folder of the artefacts, see infra/README.md"
  type        = string
}

variable "contracts" {
  description = "Dataset → S3 key of its contract as JSON, in the artifacts bucket"
  type        = map(string)
}

variable "landing_prefix" {
  description = "Prefix of the raw zone where files land, a folder a dataset below it"
  type        = string
}

variable "log_retention_days" {
  description = "How long the functions' logs are kept"
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for certain numbers of days only, e.g. 7, 14, 30, 90, 365."
  }
}

variable "jobs" {
  description = "Dataset → name of the Glue job that fills its table"
  type        = map(string)
}

variable "databases" {
  description = "Zone (processed, curated) → Glue database name"
  type        = map(string)
}

variable "work_group" {
  description = "Name of the Athena work group"
  type        = string
}

variable "work_group_arn" {
  description = "ARN of the Athena work group"
  type        = string
}

variable "named_queries" {
  description = "Name → id of the work group's named queries, which the dashboard asks"
  type        = map(string)
}

variable "page_bucket" {
  description = "Bucket of the dashboard's page"
  type        = string
}

variable "claim_seconds" {
  description = "How long a file that is being taken in keeps others with the same content waiting"
  type        = number
  default     = 900
}

variable "lock_seconds" {
  description = "How long a run of the transform may have the lake; longer than the state machine's own time-out"
  type        = number
  default     = 7500
}

variable "key_arn" {
  description = "ARN of the KMS key for logs, environment variables, queues and the zones"
  type        = string
}

variable "memory_mb" {
  description = "Memory of a function in MB; its share of processor grows with it"
  type        = number
  default     = 512

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "Lambda gives 128 to 10,240 MB."
  }
}

variable "reserved_concurrency" {
  description = "Concurrent executions that each function has for itself; null: what the account has left (10 in all in a fresh one)"
  type        = number
  default     = null
}

variable "tracing" {
  description = "Whether X-Ray traces the functions"
  type        = bool
  default     = true
}
