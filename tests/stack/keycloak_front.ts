import { way } from "../deploy/keycloak_ingress.ts";

/**
 * Keycloak's public address as deploy.yml opens it, played before the stack's Keycloak: hands on the paths of the
 * Ingress, those of the realm `gov-realm` to the realm of the test, and nothing else.
 */
export function openFront(keycloak: string): Front {
  let realm = "";
  const refused: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    const own = `/realms/${realm}/`;
    const inManifest = pathname.startsWith(own)
      ? `/realms/gov-realm/${pathname.slice(own.length)}`
      : pathname.replace("/realms/gov-realm", "/realms/another");
    if (!way(inManifest)) {
      refused.push(pathname);
      return new Response("404 page not found", { status: 404 });
    }
    return fetch(new Request(keycloak + pathname + search, request), { redirect: "manual" });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    refused,
    serve(name) {
      realm = name;
    },
    close: () => server.shutdown(),
  };
}

export interface Front {
  readonly url: string;
  /** Paths that somebody asked for and the Ingress does not open. */
  readonly refused: readonly string[];
  serve(realm: string): void;
  close(): Promise<void>;
}
