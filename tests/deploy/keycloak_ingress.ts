import { z } from "zod";
import { all } from "./fleet.ts";

const Rule = z.object({
  host: z.string(),
  http: z.object({
    paths: z.array(z.object({
      path: z.string(),
      pathType: z.literal("Prefix"),
      backend: z.object({
        service: z.object({ name: z.string(), port: z.object({ name: z.string() }) }),
      }),
    })),
  }),
});
const Ingress = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()) }),
  spec: z.object({ tls: z.array(z.object({ hosts: z.array(z.string()) })), rules: z.tuple([Rule]) }),
});

/** What deploy.yml opens of Keycloak, path by path. */
export const OPEN: readonly OpenPath[] = all("Ingress", Ingress).flatMap(({ metadata, spec }) => {
  const [{ host, http }] = spec.rules;
  return http.paths.filter(({ backend }) => backend.service.name === "keycloak").map((
    { path, backend: { service } },
  ) => ({
    path,
    host,
    tls: spec.tls.flatMap(({ hosts }) => hosts),
    port: service.port.name,
    middlewares: metadata.annotations["traefik.ingress.kubernetes.io/router.middlewares"],
  }));
});

export interface OpenPath {
  readonly path: string;
  readonly host: string;
  readonly tls: readonly string[];
  readonly port: string;
  readonly middlewares: string | undefined;
}

/** Through which of them a path reaches Keycloak: `Prefix` matches whole elements of a path. */
export function way(path: string): OpenPath | undefined {
  return OPEN.find(({ path: prefix }) => path === prefix || path.startsWith(`${prefix}/`));
}
