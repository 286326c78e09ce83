# Keeps what the annotation of the Ingress says it may keep, and hands on the rest: method, query, body and every header.

locals {
  cached_rules = { for rule in local.cdn_rules : rule.path => rule if rule.ttlSeconds > 0 }
}

data "aws_cloudfront_cache_policy" "nothing" {
  name = "Managed-CachingDisabled"
}

data "aws_cloudfront_origin_request_policy" "everything" {
  name = "Managed-AllViewer"
}

resource "aws_cloudfront_cache_policy" "path" {
  for_each    = local.cached_rules
  name        = "${local.name}${replace(replace(each.key, "/", "-"), ".", "-")}"
  min_ttl     = 0
  default_ttl = each.value.ttlSeconds
  max_ttl     = each.value.ttlSeconds

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_gzip   = true
    enable_accept_encoding_brotli = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

resource "aws_cloudfront_distribution" "main" {
  enabled         = true
  comment         = local.name
  aliases         = local.domains
  http_version    = "http2and3"
  is_ipv6_enabled = true
  web_acl_id      = aws_wafv2_web_acl.main.arn

  origin {
    origin_id   = "ingress"
    domain_name = aws_route53_record.origin.fqdn

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      origin_read_timeout    = 60 # between two packets: an open stream says every few seconds that it lives
    }
  }

  # The last rule, for "/*".
  default_cache_behavior {
    target_origin_id         = "ingress"
    viewer_protocol_policy   = "redirect-to-https"
    allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods           = ["GET", "HEAD"]
    cache_policy_id          = data.aws_cloudfront_cache_policy.nothing.id
    origin_request_policy_id = data.aws_cloudfront_origin_request_policy.everything.id
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.cached_rules

    content {
      path_pattern             = ordered_cache_behavior.key
      target_origin_id         = "ingress"
      viewer_protocol_policy   = "redirect-to-https"
      allowed_methods          = ordered_cache_behavior.value.methods
      cached_methods           = ["GET", "HEAD"]
      compress                 = true
      cache_policy_id          = aws_cloudfront_cache_policy.path[ordered_cache_behavior.key].id
      origin_request_policy_id = data.aws_cloudfront_origin_request_policy.everything.id
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.main.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}

resource "aws_route53_record" "public" {
  for_each = { for pair in setproduct(local.domains, ["A", "AAAA"]) : join(" ", pair) => pair }
  zone_id  = var.hosted_zone_id
  name     = each.value[0]
  type     = each.value[1]

  alias {
    name                   = aws_cloudfront_distribution.main.domain_name
    zone_id                = aws_cloudfront_distribution.main.hosted_zone_id
    evaluate_target_health = false
  }
}

resource "aws_acm_certificate" "main" {
  provider                  = aws.global
  domain_name               = local.domain
  subject_alternative_names = setsubtract(local.domains, [local.domain])
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "certificate" {
  for_each = local.domains
  zone_id  = var.hosted_zone_id
  name     = one([for asked in aws_acm_certificate.main.domain_validation_options : asked.resource_record_name if asked.domain_name == each.key])
  type     = one([for asked in aws_acm_certificate.main.domain_validation_options : asked.resource_record_type if asked.domain_name == each.key])
  records  = [for asked in aws_acm_certificate.main.domain_validation_options : asked.resource_record_value if asked.domain_name == each.key]
  ttl      = 300
}

resource "aws_acm_certificate_validation" "main" {
  provider                = aws.global
  certificate_arn         = aws_acm_certificate.main.arn
  validation_record_fqdns = [for record in aws_route53_record.certificate : record.fqdn]
}
