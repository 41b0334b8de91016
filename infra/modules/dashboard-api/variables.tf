variable "name" {
  description = "Beginning of every name, e.g. laketop-local"
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name))
    error_message = "A name has 2 to 30 small letters, digits and hyphens, and begins with a letter."
  }
}

variable "function_name" {
  description = "Name of the function that answers; a text that depends on no resource, see main.tf"
  type        = string
}

variable "function_arn" {
  description = "ARN of the function that answers, when it is there"
  type        = string
}

variable "files_dir" {
  description = "Folder of the page's files: index.html, styles.css, app.js"
  type        = string
}

variable "key_arn" {
  description = "ARN of the KMS key for the page's files and the access log"
  type        = string
}

variable "logs_bucket" {
  description = "Bucket of the access logs of buckets"
  type        = string
}

variable "stage" {
  description = "Name of the stage, the first part of the address's path"
  type        = string
  default     = "v1"

  validation {
    condition     = can(regex("^[a-z0-9_-]{1,64}$", var.stage))
    error_message = "A stage's name has 1 to 64 small letters, digits, hyphens and underscores."
  }
}

variable "requests_per_day" {
  description = "Requests that the holder of a key may send a day"
  type        = number
  default     = 50000

  validation {
    condition     = var.requests_per_day >= 1 && floor(var.requests_per_day) == var.requests_per_day
    error_message = "A quota is a whole number of requests, one at least."
  }
}

variable "rate_limit" {
  description = "Requests a second, for long: for each key, and for all callers together"
  type        = number
  default     = 50

  validation {
    condition     = var.rate_limit > 0 && var.rate_limit <= 10000
    error_message = "A rate lies above 0 and at 10,000 requests a second, an account's own limit, at most."
  }
}

variable "burst_limit" {
  description = "Requests at one moment, before rate_limit holds"
  type        = number
  default     = 100

  validation {
    condition     = var.burst_limit >= 1 && var.burst_limit <= 5000 && floor(var.burst_limit) == var.burst_limit
    error_message = "A burst is a whole number from 1 to 5,000, an account's own limit."
  }
}

variable "user_pool_arn" {
  description = "ARN of the Cognito user pool whose people may call the API, with the key besides; null: the key alone"
  type        = string
  default     = null

  validation {
    condition     = var.user_pool_arn == null ? true : can(regex("^arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[A-Za-z0-9_-]+$", var.user_pool_arn))
    error_message = "A user pool is named by its ARN: arn:aws:cognito-idp:<region>:<account>:userpool/<id>."
  }
}

variable "account_logging" {
  description = "Whether to set the role that API Gateway writes logs with, which holds for the whole account and region; without one in the account, a stage with an access log is refused"
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "How long the access log is kept"
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for certain numbers of days only, e.g. 7, 14, 30, 90, 365."
  }
}

variable "tracing" {
  description = "Whether X-Ray traces the requests"
  type        = bool
  default     = true
}

variable "versioned" {
  description = "Whether the page's bucket keeps the versions of a file"
  type        = bool
  default     = true
}

variable "noncurrent_days" {
  description = "Days that a version of a file is kept after it was replaced; null: for ever"
  type        = number
  default     = 30
}

variable "incomplete_upload_days" {
  description = "Days after which the parts of an upload that was never completed are deleted; null: never"
  type        = number
  default     = 7
}

variable "force_destroy" {
  description = "Whether destroying the dashboard deletes the page's files with all versions"
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Whether the page's bucket refuses to be deleted, by whomever"
  type        = bool
  default     = true
}
