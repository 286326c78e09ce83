# `deno task deploy` reads the first two, from: terraform -chdir=ops/terraform output -json > ops/terraform/outputs.json

output "kubernetes_context" {
  description = "Made by: aws eks update-kubeconfig --name THIS --alias THIS"
  value       = aws_eks_cluster.main.name
}

output "public_url" {
  value = "https://${local.domain}"
}

output "key_arns" {
  value = { for purpose, key in aws_kms_key.main : purpose => key.arn }
}

# Applied once, before the first deployment: terraform -chdir=ops/terraform output -raw storage_class | kubectl apply -f -
output "storage_class" {
  description = "The default StorageClass that deploy.yml counts on: encrypted, can grow, outlives a deleted claim"
  value = yamlencode({
    apiVersion           = "storage.k8s.io/v1"
    kind                 = "StorageClass"
    metadata             = { name = "gp3", annotations = { "storageclass.kubernetes.io/is-default-class" = "true" } }
    provisioner          = "ebs.csi.aws.com"
    volumeBindingMode    = "WaitForFirstConsumer"
    allowVolumeExpansion = true
    reclaimPolicy        = "Retain"
    parameters           = { type = "gp3", encrypted = "true", kmsKeyId = aws_kms_key.main["volumes"].arn }
  })
}
