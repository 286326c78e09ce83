variable "environment" {
  description = "Part of every name; also of the name of kubectl's context"
  type        = string
  default     = "production"
}

variable "hosted_zone_id" {
  description = "Route 53 zone that holds the host of the Ingress in deploy.yml"
  type        = string
}

variable "operator_networks" {
  description = "Networks from which operators reach the Kubernetes API"
  type        = list(string)

  validation {
    condition     = length(var.operator_networks) > 0 && !contains(var.operator_networks, "0.0.0.0/0")
    error_message = "Name the operators' networks; the Kubernetes API is not for the whole internet."
  }
}

variable "node_pools" {
  description = "By pool: its machines. Set in pools.auto.tfvars.json, which capacity.ts reads too"
  type = map(object({
    instance_type = string
    nodes         = number
    most          = number
  }))
}

variable "backup_days" {
  description = "For how many days nobody can delete or change a backup"
  type        = number
  default     = 30
}
