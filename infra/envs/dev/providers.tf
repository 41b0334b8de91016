# The same text in every environment of AWS. Credentials come from outside.

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Which bucket is said at init: -backend-config=bucket=laketop-<environment>-terraform-<account>, see infra/bootstrap.
  backend "s3" {
    key          = "terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = [var.account_id]
  s3_use_path_style   = var.s3_use_path_style

  default_tags {
    tags = {
      Project     = "laketop"
      Environment = local.environment
      ManagedBy   = "terraform"
    }
  }
}
