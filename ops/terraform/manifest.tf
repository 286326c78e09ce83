# What deploy.yml says already is read from it, so that cloud and fleet cannot disagree.

locals {
  documents = [for text in split("\n---\n", file("${path.module}/../../deploy.yml")) : yamldecode(text)]

  ingresses = { for document in local.documents : document.metadata.name => document if document.kind == "Ingress" }
  domain    = local.ingresses["edge"].spec.tls[0].hosts[0]
  domains   = toset(flatten([for ingress in local.ingresses : ingress.spec.tls[*].hosts]))
  cdn_rules = jsondecode(local.ingresses["edge"].metadata.annotations["kependudukan.example/cdn-cache-rules"])

  backup_store  = one([for document in local.documents : document if document.kind == "ObjectStore"])
  backup_bucket = regex("^s3://([^/]+)/", local.backup_store.spec.configuration.destinationPath)[0]
}
