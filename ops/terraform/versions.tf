terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }

  # Bucket and key come with: terraform init -backend-config=production.s3.tfbackend
  backend "s3" {
    region       = "ap-southeast-3"
    encrypt      = true
    use_lockfile = true
  }
}

# Jakarta: personal data of a public registry stays in Indonesia (PP 71/2019, article 20).
provider "aws" {
  region = "ap-southeast-3"

  default_tags {
    tags = { system = "kependudukan", environment = var.environment }
  }
}

# CloudFront takes its certificate and its firewall from here only. Neither holds personal data.
provider "aws" {
  alias  = "global"
  region = "us-east-1"

  default_tags {
    tags = { system = "kependudukan", environment = var.environment }
  }
}
