# A plan against a played AWS: needs no account. `deno task test:deploy` runs it.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-southeast-3a", "ap-southeast-3b", "ap-southeast-3c"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

mock_provider "aws" {
  alias = "global"
}

variables {
  hosted_zone_id    = "Z0123456789"
  operator_networks = ["203.0.113.0/24"]
}

run "plan" {
  command = plan

  assert {
    condition     = length(aws_subnet.private) == 3 && length(aws_subnet.public) == 3 && length(aws_nat_gateway.main) == 3
    error_message = "Three zones have a private and a public subnet and a way out each"
  }
  assert {
    condition     = alltrue([for pool in aws_eks_node_group.main : startswith(one(pool.instance_types), "m6i.")])
    error_message = "The machines encrypt what passes between them"
  }
  assert {
    condition     = aws_eks_cluster.main.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "Only operators reach the Kubernetes API"
  }
  assert {
    condition     = aws_launch_template.node.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "No pod reads the node's credentials"
  }
  assert {
    condition     = aws_s3_bucket.backup.bucket == "kependudukan-cadangan" && aws_s3_bucket.backup.object_lock_enabled
    error_message = "The bucket of deploy.yml is locked"
  }
  assert {
    condition     = aws_s3_bucket_object_lock_configuration.backup.rule[0].default_retention[0].mode == "COMPLIANCE"
    error_message = "Not even an administrator shortens the lock"
  }
  assert {
    condition     = aws_cloudfront_distribution.main.aliases == toset(["layanan.kependudukan.example", "masuk.kependudukan.example"])
    error_message = "The public hosts are those of the Ingresses"
  }
  assert {
    condition = (
      [for rule in aws_cloudfront_distribution.main.ordered_cache_behavior : rule.path_pattern] ==
      ["/docs", "/openapi.json"]
    )
    error_message = "Only what is the same for everybody is kept"
  }
  assert {
    condition     = alltrue([for rule in aws_security_group.balancer.ingress : length(coalesce(rule.cidr_blocks, [])) == 0])
    error_message = "The load balancer takes connections from CloudFront alone"
  }
}

run "whole_internet" {
  command = plan

  variables {
    operator_networks = ["0.0.0.0/0"]
  }

  expect_failures = [var.operator_networks]
}
