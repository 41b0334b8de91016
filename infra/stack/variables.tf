# What environments differ in. Defaults are the careful choice; docs/PROMOTION.md shows them side by side.

variable "project" {
  description = "Name of the project, the beginning of every name"
  type        = string
  default     = "laketop"
}

variable "environment" {
  description = "Name of the environment, e.g. local, dev"
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "An environment's name has 2 to 12 small letters and digits: bucket names are made of it."
  }
}

variable "artifacts_dir" {
  description = "Folder of the artefacts, see infra/README.md"
  type        = string
}

# Data

variable "force_destroy" {
  description = "Whether destroying the stack deletes the data too"
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Whether the buckets refuse to be deleted, by whomever"
  type        = bool
  default     = true
}

variable "versioned_zones" {
  description = "Zones (and logs) that keep the versions of an object; raw always does"
  type        = set(string)
  default     = ["processed", "curated", "quarantine", "results", "artifacts", "logs"]
}

variable "noncurrent_days" {
  description = "Days that a version is kept after it was replaced or deleted; null: for ever"
  type        = number
  default     = 30
}

variable "incomplete_upload_days" {
  description = "Days after which the parts of an upload that was never completed are deleted; null: never"
  type        = number
  default     = 7
}

variable "retention" {
  description = "Zone → what becomes of its objects: storage class → age in days, and the age at which they are deleted (null: never)"
  type = map(object({
    storage_classes = optional(map(number), {})
    expire_days     = optional(number)
  }))
  default = {
    raw        = { storage_classes = { STANDARD_IA = 60, GLACIER_IR = 180 } }
    processed  = { storage_classes = { INTELLIGENT_TIERING = 30 } }
    quarantine = { storage_classes = { STANDARD_IA = 30 }, expire_days = 365 }
    results    = { expire_days = 30 }
    logs       = { storage_classes = { STANDARD_IA = 30 }, expire_days = 365 }
  }
}

variable "key_deletion_days" {
  description = "Days between the destruction of the key and its end, in which it can be had back"
  type        = number
  default     = 30
}

# Sizes

variable "job_workers" {
  description = "Type and number of a Glue job's workers"
  type        = object({ type = string, count = number })
  default     = { type = "G.1X", count = 2 }
}

variable "function_memory_mb" {
  description = "Memory of a function in MB"
  type        = number
  default     = 512
}

variable "reserved_concurrency" {
  description = "Concurrent executions that each function has for itself; null: what the account has left"
  type        = number
  default     = null
}

variable "scan_limit_bytes" {
  description = "Bytes that one Athena query may scan before it is cancelled; null: any number"
  type        = number
  default     = null
}

# Dashboard

variable "dashboard_limits" {
  description = "What callers of the dashboard's API may ask: requests a second for long (rate) and at one moment (burst), and a key's requests a day"
  type        = object({ rate = number, burst = number, requests_per_day = number })
  default     = { rate = 50, burst = 100, requests_per_day = 50000 }
}

variable "dashboard_user_pool_arn" {
  description = "ARN of the Cognito user pool whose people may call the dashboard's API; null: whoever has the key"
  type        = string
  default     = null
}

variable "api_gateway_account_logging" {
  description = "Whether this stack sets the role that API Gateway writes logs with in the whole account and region; one must be set, by whomever"
  type        = bool
  default     = false
}

# Clock

variable "transform_schedule" {
  description = "When the transform runs by itself, e.g. rate(1 hour); null: only on the event Batch Ready"
  type        = string
  default     = null
}

# Watching

variable "log_retention_days" {
  description = "Days that logs of functions and state machines are kept"
  type        = number
  default     = 30
}

variable "machine_log_level" {
  description = "What the state machines write to CloudWatch Logs: ALL, ERROR, FATAL or OFF"
  type        = string
  default     = "ALL"
}

variable "tracing" {
  description = "Whether X-Ray traces functions and executions"
  type        = bool
  default     = true
}

variable "request_metrics" {
  description = "Whether CloudWatch counts the requests to each bucket (AWS charges for these metrics)"
  type        = bool
  default     = false
}

variable "alert_emails" {
  description = "Addresses that hear of everything; each has to confirm its subscription"
  type        = set(string)
  default     = []
}

variable "alarms_enabled" {
  description = "Whether alarms speak to the topic; without, they only show on the dashboard"
  type        = bool
  default     = true
}

variable "freshness_hours" {
  description = "Hours without a successful transform that are an alarm; null: none"
  type        = number
  default     = null
}
