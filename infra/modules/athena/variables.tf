variable "name" {
  description = "Name of the work group"
  type        = string
}

variable "results_bucket" {
  description = "Bucket of the query results"
  type        = string
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
