variable "environment" {
  description = "Name of the environment, e.g. dev"
  type        = string
}

variable "bucket" {
  description = "Name of the bucket"
  type        = string
}

variable "adopt" {
  description = "Whether the bucket is there already and is taken over"
  type        = bool
  default     = false
}

variable "account_id" {
  description = "The AWS account that this is applied to; any other is refused"
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An AWS account has 12 digits."
  }
}

variable "s3_use_path_style" {
  description = "Whether buckets are part of the path and not of the host's name, as emulators need it"
  type        = bool
  default     = false
}
