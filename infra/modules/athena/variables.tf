variable "name" {
  description = "Name of the work group"
  type        = string
}

variable "results_bucket" {
  description = "Bucket of the query results"
  type        = string
}

variable "key_arn" {
  description = "ARN of the KMS key that results are encrypted with"
  type        = string
}

variable "scan_limit_bytes" {
  description = "Bytes that one query may scan before it is cancelled; null: any number"
  type        = number
  default     = null

  validation {
    condition     = var.scan_limit_bytes == null ? true : var.scan_limit_bytes >= 10000000
    error_message = "Athena takes no limit below 10,000,000 bytes."
  }
}

variable "queries" {
  description = "Name of a query → its database and SQL text"
  type        = map(object({ database = string, sql = string }))
}

variable "force_destroy" {
  description = "Whether destroying the stack deletes the work group's history and queries too"
  type        = bool
  default     = false
}
