/**
 * Who may open a connection to whom, as DESIGN.md draws it, and nobody else. `everyone` stands for every pod of our
 * four namespaces, known or not.
 */
export const ARROWS: readonly Arrow[] = [
  // client → edge → services
  ["traefik", "edge", 8000],
  ["edge", "auth", 8001],
  ["edge", "registration", 8002],
  ["edge", "statistics", 8003],
  ["edge", "notification", 8004],

  // Browsers sign in, at the paths of the Ingress alone
  ["traefik", "keycloak", 8443],
  // Tokens: keys, introspection, grants
  ["edge", "keycloak", 8443],
  ["auth", "keycloak", 8443],
  ["registration", "keycloak", 8443],
  ["statistics", "keycloak", 8443],
  ["notification", "keycloak", 8443],
  ["probe", "keycloak", 8443],

  // registration → PostgreSQL → relay → Kafka → statistics and notification
  ["registration", "postgres", 5432],
  ["relay", "postgres", 5432],
  ["relay", "kafka", 9093],
  ["statistics", "kafka", 9093],
  ["notification", "kafka", 9093],
  ["statistics", "mongodb", 27017],
  ["notification", "mongodb", 27017],
  ["notification", "internet", 443], // Twilio
  ["edge", "redis", 6379],
  ["keycloak", "postgres", 5432],

  // A synthetic registration, as a client's
  ["probe", "edge", 8000],

  // What was registered against what is counted
  ["reconcile", "postgres", 5432],
  ["reconcile", "kafka", 9093],
  ["reconcile", "mongodb", 27017],

  // Replicas among themselves
  ["keycloak", "keycloak", 7800],
  ["keycloak", "keycloak", 57800],
  ["postgres", "postgres", 5432],
  ["postgres", "postgres", 8000],
  ["kafka", "kafka", 9090],
  ["kafka", "kafka", 9091],
  ["mongodb", "mongodb", 27017],

  // Operators, and what their pods need
  ["cnpg-operator", "postgres", 5432],
  ["cnpg-operator", "postgres", 8000],
  ["strimzi-operator", "kafka", 9090],
  ["strimzi-operator", "kafka", 9091],
  ["strimzi-operator", "kafka", 8443],
  ["kafka-entity-operator", "kafka", 9091],
  ["keda-operator", "kafka", 9093],
  ["postgres", "api-server", 443],
  ["postgres", "api-server", 6443],
  ["kafka", "api-server", 443],
  ["kafka", "api-server", 6443],
  ["kafka-entity-operator", "api-server", 443],
  ["kafka-entity-operator", "api-server", 6443],
  ["mongodb", "api-server", 443],
  ["mongodb", "api-server", 6443],

  // Backups
  ["postgres", "internet", 443],
  ["postgres", "pod-identity", 80],

  // Metrics
  ["prometheus", "edge", 9000],
  ["prometheus", "auth", 8001],
  ["prometheus", "registration", 8002],
  ["prometheus", "statistics", 8003],
  ["prometheus", "notification", 8004],
  ["prometheus", "relay", 8005],
  ["prometheus", "probe", 8006],
  ["prometheus", "kube-state-metrics", 8080],
  ["prometheus", "keycloak", 9000],
  ["prometheus", "postgres", 9187],
  ["prometheus", "kafka", 9404],
  ["prometheus", "api-server", 443],
  ["prometheus", "api-server", 6443],

  // Traces
  ["edge", "otel-collector", 4318],
  ["auth", "otel-collector", 4318],
  ["registration", "otel-collector", 4318],
  ["relay", "otel-collector", 4318],
  ["statistics", "otel-collector", 4318],
  ["notification", "otel-collector", 4318],

  ["everyone", "dns", 53],
  ["everyone", "dns", 53, "UDP"],
];

type Arrow = readonly [from: string, to: string, port: number, protocol?: "UDP"];
