# Stops floods and known attacks before they reach Jakarta. The edge has limits of its own, by user and by address: these
# are wider. No request is logged here: bodies and paths may name a person.

locals {
  managed_rules = {
    AWSManagedRulesAmazonIpReputationList = 20
    AWSManagedRulesKnownBadInputsRuleSet  = 30
    AWSManagedRulesCommonRuleSet          = 40
  }
}

resource "aws_wafv2_web_acl" "main" {
  provider = aws.global
  name     = local.name
  scope    = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "flood"
    priority = 10

    action {
      block {
        custom_response {
          response_code = 429
        }
      }
    }

    # An office of many officers behind one address sends less; 2,000 requests a second from one address are an attack.
    statement {
      rate_based_statement {
        aggregate_key_type    = "IP"
        evaluation_window_sec = 60
        limit                 = 120000
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "flood"
      sampled_requests_enabled   = false
    }
  }

  dynamic "rule" {
    for_each = local.managed_rules

    content {
      name     = rule.key
      priority = rule.value

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = false
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.name
    sampled_requests_enabled   = false
  }
}
