import { z } from "zod";
import { one } from "./fleet.ts";

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
  spec: z.object({
    tls: z.array(z.object({ hosts: z.array(z.string()) })),
    rules: z.tuple([Rule]),
  }),
});

const { tls, rules: [{ host, http }] } = one("Ingress", "keycloak", Ingress).spec;
const paths = http.paths.map(({ path }) => path);

/** The public host of Keycloak in deploy.yml, and whither its paths lead. */
export const KEYCLOAK_INGRESS = {
  host,
  tls: tls.flatMap(({ hosts }) => hosts),
  backends: http.paths.map(({ backend: { service } }) => `${service.name}:${service.port.name}`),
};

/** Whether the Ingress hands a path on to Keycloak: `Prefix` matches whole elements of a path. */
export function opens(path: string): boolean {
  return paths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}
