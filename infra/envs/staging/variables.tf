# The same text in every environment of AWS: what differs from one apply to the next. Values of the environment are in
# main.tf.

variable "account_id" {
  description = "The AWS account that this is applied to; any other is refused. A file account.auto.tfvars fixes it"
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An AWS account has 12 digits."
  }
}

variable "artifacts_dir" {
  description = "Folder of the artefacts, see infra/README.md"
  type        = string
}

variable "release" {
  description = "Name of the release whose artefacts these are, to be told by the output of the same name"
  type        = string
  default     = ""
}

variable "s3_use_path_style" {
  description = "Whether buckets are part of the path and not of the host's name, as emulators need it"
  type        = bool
  default     = false
}

variable "alert_emails" {
  description = "Addresses that hear of alarms and messages; each has to confirm its subscription"
  type        = set(string)
  default     = []
}

variable "dashboard_user_pool_arn" {
  description = "ARN of the Cognito user pool whose people may call the dashboard's API; null: whoever has the key"
  type        = string
  default     = null
}

variable "api_gateway_account_logging" {
  description = "Whether to set the role that API Gateway writes logs with in the whole account and region; true where the account has none"
  type        = bool
  default     = false
}
