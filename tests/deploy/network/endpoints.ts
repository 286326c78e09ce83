import { JOBS, WORKLOADS } from "../fleet.ts";
import type { Endpoint } from "./policy.ts";

/** Every kind of pod and address that the network policies must tell apart, by name. */
export const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  ...Object.fromEntries(
    [...WORKLOADS, ...JOBS].map((
      { metadata: { name, namespace }, spec },
    ) => [name, { namespace, labels: spec.template.metadata.labels }]),
  ),

  // Made by operators, which label their pods so: CloudNativePG docs/src/labels_annotations.md, Strimzi "Labels",
  // MongoDB Community controllers/construct/mongodbstatefulset.go.
  "postgres": { namespace: "data", labels: { "cnpg.io/cluster": "postgres" } },
  "kafka": { namespace: "data", labels: { "strimzi.io/cluster": "kafka", "strimzi.io/name": "kafka-kafka" } },
  "kafka-entity-operator": {
    namespace: "data",
    labels: { "strimzi.io/cluster": "kafka", "strimzi.io/name": "kafka-entity-operator" },
  },
  "mongodb": { namespace: "data", labels: { app: "mongodb-svc" } },
  "prometheus": { namespace: "monitoring", labels: { "app.kubernetes.io/name": "prometheus" } },
  "kube-state-metrics": {
    namespace: "monitoring",
    labels: { "app.kubernetes.io/name": "kube-state-metrics" },
  },
  "otel-collector": { namespace: "monitoring", labels: { "app.kubernetes.io/name": "otel-collector" } },

  // What stands in the cluster before: the head comment of deploy.yml.
  "traefik": { namespace: "ingress", labels: { "app.kubernetes.io/name": "traefik" } },
  "dns": { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
  "cnpg-operator": { namespace: "cnpg-system", labels: { "app.kubernetes.io/name": "cloudnative-pg" } },
  "strimzi-operator": { namespace: "strimzi", labels: { "strimzi.io/kind": "cluster-operator" } },
  "keda-operator": { namespace: "keda", labels: { app: "keda-operator" } },
  "mongodb-operator": { namespace: "mongodb", labels: { name: "mongodb-kubernetes-operator" } },

  // Intruders: in our namespaces, beside our friends, and elsewhere with our own names on.
  "stranger in edge": { namespace: "edge", labels: {} },
  "stranger in services": { namespace: "services", labels: {} },
  "stranger in data": { namespace: "data", labels: {} },
  "stranger in monitoring": { namespace: "monitoring", labels: {} },
  "stranger in ingress": { namespace: "ingress", labels: {} },
  "stranger in kube-system": { namespace: "kube-system", labels: {} },
  "stranger in keda": { namespace: "keda", labels: {} },
  "stranger called edge": { namespace: "default", labels: { "app.kubernetes.io/name": "edge" } },
  "stranger called prometheus": { namespace: "default", labels: { "app.kubernetes.io/name": "prometheus" } },

  "internet": { labels: {}, ip: "203.0.113.9" },
  "api-server": { labels: {}, ip: "10.0.32.7" },
  "pod-identity": { labels: {}, ip: "169.254.170.23" },
  "metadata service": { labels: {}, ip: "169.254.169.254" },
  "office network": { labels: {}, ip: "192.168.3.4" },
  "another private network": { labels: {}, ip: "10.9.0.1" },
};
