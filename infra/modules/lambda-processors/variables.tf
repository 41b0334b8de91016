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
