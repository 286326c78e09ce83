# The public way in: CloudFront with a firewall, then a load balancer that only CloudFront reaches, then Traefik, where
# TLS ends. It hands on bytes and appends to no header: TRUSTED_PROXIES in deploy.yml counts on that.

locals {
  # Of Traefik's Service: NodePort, externalTrafficPolicy Local, so that Traefik sees the addresses of CloudFront.
  ingress_node_port = 30443
}

resource "aws_lb" "main" {
  name               = local.name
  load_balancer_type = "network"
  subnets            = [for subnet in aws_subnet.public : subnet.id]
  security_groups    = [aws_security_group.balancer.id]

  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = true
}

resource "aws_lb_listener" "tls" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.ingress.arn
  }
}

resource "aws_lb_target_group" "ingress" {
  name                 = local.name
  vpc_id               = aws_vpc.main.id
  port                 = local.ingress_node_port
  protocol             = "TCP"
  deregistration_delay = 60
}

resource "aws_autoscaling_attachment" "ingress" {
  autoscaling_group_name = aws_eks_node_group.main["services"].resources[0].autoscaling_groups[0].name
  lb_target_group_arn    = aws_lb_target_group.ingress.arn
}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

resource "aws_security_group" "balancer" {
  name_prefix = "${local.name}-balancer-"
  description = "Takes TLS from CloudFront only"
  vpc_id      = aws_vpc.main.id

  ingress {
    description     = "CloudFront"
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    prefix_list_ids = [data.aws_ec2_managed_prefix_list.cloudfront.id]
  }

  egress {
    description = "Ingress controller on the nodes"
    from_port   = local.ingress_node_port
    to_port     = local.ingress_node_port
    protocol    = "tcp"
    cidr_blocks = [for subnet in aws_subnet.private : subnet.cidr_block]
  }
}

resource "aws_route53_record" "origin" {
  zone_id = var.hosted_zone_id
  name    = "origin.${local.domain}"
  type    = "A"

  alias {
    name                   = aws_lb.main.dns_name
    zone_id                = aws_lb.main.zone_id
    evaluate_target_health = true
  }
}
