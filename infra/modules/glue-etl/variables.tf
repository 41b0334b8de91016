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

variable "glue_version" {
  description = "AWS Glue version of the jobs"
  type        = string
  default     = "6.0"
}

variable "workers" {
  description = "Workers of a job, of type G.1X"
  type        = number
  default     = 2
}

variable "shuffle_partitions" {
  description = "Partitions of a Spark shuffle; Spark's own default of 200 is for far larger data"
  type        = number
  default     = 8
}
