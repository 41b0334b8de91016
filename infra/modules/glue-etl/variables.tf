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
  description = "Dataset → its contract, decoded"
  type        = any
}

variable "datasets" {
  description = "Dataset → the Glue script that fills its table (a file below jobs/, without .py)"
  type        = map(string)
}

variable "merge_script" {
  description = "The Glue script that makes the curated zone from the processed one"
  type        = string
  default     = "master_data_merge"
}

variable "key_arn" {
  description = "ARN of the KMS key of the zones, of the jobs' logs and bookmarks"
  type        = string
}

variable "glue_version" {
  description = "AWS Glue version of the jobs"
  type        = string
  default     = "6.0"
}

variable "worker_type" {
  description = "Size of a worker: G.1X (1 DPU), G.2X, G.4X, G.8X"
  type        = string
  default     = "G.1X"

  validation {
    condition     = contains(["G.1X", "G.2X", "G.4X", "G.8X"], var.worker_type)
    error_message = "Spark jobs of this stack take G.1X, G.2X, G.4X or G.8X."
  }
}

variable "workers" {
  description = "Workers of a job, one of them the driver"
  type        = number
  default     = 2

  validation {
    condition     = var.workers >= 2
    error_message = "A Glue job of worker type G has two workers at least."
  }
}

variable "timeout_minutes" {
  description = "Minutes after which a run is stopped"
  type        = number
  default     = 60
}

variable "shuffle_partitions" {
  description = "Partitions of a Spark shuffle; Spark's own default of 200 is for far larger data"
  type        = number
  default     = 8
}

variable "triggers" {
  description = "Name → schedule (cron expression of Glue) and the script whose job it starts. Empty: the state machine starts the jobs, and a second starter would only find them running"
  type        = map(object({ schedule = string, script = string }))
  default     = {}
}

variable "crawlers" {
  description = "Name → zone and prefix that a crawler looks at, and its schedule (null: by hand). Empty: the tables come from the contracts"
  type        = map(object({ zone = string, prefix = string, schedule = optional(string) }))
  default     = {}

  validation {
    condition     = alltrue([for crawler in values(var.crawlers) : contains(["processed", "curated"], crawler.zone)])
    error_message = "Only the zones processed and curated have a database that a crawler could fill."
  }
}
