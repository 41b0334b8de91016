variable "project" {
  description = "Name of the project, the beginning of every name"
  type        = string
  default     = "laketop"
}

variable "environment" {
  description = "Name of the environment, e.g. local, dev"
  type        = string
}

variable "artifacts_dir" {
  description = "Folder of the artefacts, see infra/README.md"
  type        = string
}

variable "force_destroy" {
  description = "Whether destroying the stack deletes the data too"
  type        = bool
  default     = false
}

variable "transform_schedule" {
  description = "When the transform runs by itself, e.g. rate(1 hour); null: only on the event Batch Ready"
  type        = string
  default     = null
}
