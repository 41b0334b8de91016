variable "name" {
  description = "Beginning of every name, e.g. laketop-local"
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name))
    error_message = "A name has 2 to 30 small letters, digits and hyphens, and begins with a letter."
  }
}

variable "zones" {
  description = "Zones of the lake; each is a bucket"
  type        = set(string)
  default     = ["raw", "processed", "curated", "quarantine", "results", "artifacts"]

  validation {
    condition     = contains(var.zones, "raw") && !contains(var.zones, "logs")
    error_message = "There must be a zone raw, where files land; logs is the name of the access logs' bucket."
  }
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

  validation {
    condition     = var.noncurrent_days == null ? true : var.noncurrent_days >= 1
    error_message = "S3 keeps a version for one day at least."
  }
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

  validation {
    condition     = alltrue([for rule in values(var.retention) : alltrue([for class, days in rule.storage_classes : days >= 30 || !endswith(class, "_IA")])])
    error_message = "S3 moves objects to STANDARD_IA and ONEZONE_IA after 30 days at the earliest."
  }

  validation {
    condition     = !contains(keys(var.retention), "curated")
    error_message = "The files of an Iceberg table belong to its snapshots: rules by age would break it. Expire snapshots instead."
  }
}

variable "key_deletion_days" {
  description = "Days between the destruction of the key and its end, in which it can be had back"
  type        = number
  default     = 30

  validation {
    condition     = var.key_deletion_days >= 7 && var.key_deletion_days <= 30
    error_message = "KMS takes 7 to 30 days."
  }
}

variable "logged_buckets" {
  description = "ARNs of other buckets whose access logs are kept with the zones' own"
  type        = list(string)
  default     = []
}

variable "request_metrics" {
  description = "Whether CloudWatch counts the requests to each bucket (AWS charges for these metrics)"
  type        = bool
  default     = false
}

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
