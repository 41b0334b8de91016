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
