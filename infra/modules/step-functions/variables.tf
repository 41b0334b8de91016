variable "name" {
  description = "Beginning of every name, e.g. laketop-local"
  type        = string
}

variable "functions" {
  description = "Function (the folder's name under lambdas/) → ARN"
  type        = map(string)
}

variable "job" {
  description = "Name of the Glue job of the transform"
  type        = string
}

variable "work_group" {
  description = "Name of the Athena work group"
  type        = string
}

variable "work_group_arn" {
  description = "ARN of the Athena work group"
  type        = string
}

variable "database" {
  description = "Glue database that the queries read"
  type        = string
}

variable "kpi_sql" {
  description = "SQL text of the daily figures"
  type        = string
}

variable "buckets" {
  description = "Zone → bucket name"
  type        = map(string)
}

variable "topic_arn" {
  description = "SNS topic of the pipeline's messages"
  type        = string
}
