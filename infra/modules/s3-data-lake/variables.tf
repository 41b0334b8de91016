variable "name" {
  description = "Beginning of every name, e.g. laketop-local"
  type        = string
}

variable "account_id" {
  description = "AWS account id; part of the bucket names, which are unique in the world"
  type        = string
}

variable "zones" {
  description = "Zones of the lake; each is a bucket"
  type        = set(string)
  default     = ["raw", "processed", "curated", "quarantine", "results", "artifacts"]
}

variable "force_destroy" {
  description = "Whether destroying the stack deletes the data too"
  type        = bool
  default     = false
}
