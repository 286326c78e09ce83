# A server of 4 CPU and 16 GB does not fit on a machine of that size, of which Kubernetes keeps a part: hence 8 and 32.
# One data server a machine; its priority class takes the place of others when it must. The sixth generation encrypts
# what passes between machines by itself, which deploy.yml asks of the network.

resource "aws_eks_node_group" "main" {
  for_each        = var.node_pools
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = each.key
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [for subnet in aws_subnet.private : subnet.id]
  instance_types  = [each.value.instance_type]
  labels          = { "kependudukan/pool" = each.key }

  scaling_config {
    min_size     = each.value.nodes
    desired_size = each.value.nodes
    max_size     = each.value.most
  }

  update_config {
    max_unavailable = 1
  }

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size] # the autoscaler's
  }

  depends_on = [aws_iam_role_policy_attachment.node]
}

resource "aws_launch_template" "node" {
  name                   = "${local.name}-node"
  vpc_security_group_ids = [aws_eks_cluster.main.vpc_config[0].cluster_security_group_id, aws_security_group.node.id]

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size = 100
      volume_type = "gp3"
      encrypted   = true
    }
  }

  # One hop: a pod cannot ask for the node's credentials.
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

resource "aws_iam_role" "node" {
  name               = "${local.name}-node"
  assume_role_policy = data.aws_iam_policy_document.assumed_by["ec2.amazonaws.com"].json
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each   = toset(["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"])
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_security_group" "node" {
  name_prefix = "${local.name}-node-"
  description = "Lets the load balancer reach the ingress controller"
  vpc_id      = aws_vpc.main.id

  ingress {
    description     = "TLS of the ingress controller"
    from_port       = local.ingress_node_port
    to_port         = local.ingress_node_port
    protocol        = "tcp"
    security_groups = [aws_security_group.balancer.id]
  }
}
