/**
 * The production table of the specification (DESIGN.md, section "Operations"), to the number. GB and TB are counted as
 * machines count them: in powers of two. CPU and memory are those of one replica; so is the storage.
 */
export const PRODUCTION_TABLE = {
  "edge": { replicas: 3, cpu: 2, memory: "4 GB" },
  "auth": { replicas: 2, cpu: 1, memory: "2 GB" },
  "registration": { replicas: 5, cpu: 2, memory: "4 GB" },
  "PostgreSQL": { replicas: 3, cpu: 4, memory: "16 GB", storage: "500 GB" },
  "Kafka": { replicas: 5, cpu: 4, memory: "16 GB", storage: "2 TB" },
  "MongoDB": { replicas: 3, cpu: 4, memory: "16 GB", storage: "1 TB" },
} as const satisfies Record<string, TableRow>;

/** Kafka's settings in the same table. */
export const KAFKA_SETTINGS = { "num.partitions": 10, replication: 3, "min.insync.replicas": 2 } as const;

interface TableRow {
  readonly replicas: number;
  readonly cpu: number;
  readonly memory: Size;
  readonly storage?: Size;
}

type Size = `${number} ${"GB" | "TB"}`;
