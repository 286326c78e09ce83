import { deploy } from "../../ops/deploy/deploy.ts";
import type { Options } from "../../ops/deploy/options.ts";
import type { Ran, Run } from "../../ops/deploy/run.ts";
import type { World } from "../../ops/deploy/world.ts";

/**
 * A deployment whose outside is played: each command is recorded and answered, the public URL answers as the edge does,
 * and time passes in `sleep` only. Without more words everything goes well.
 */
export class Rehearsal {
  readonly commands: string[] = [];
  /** Standard input by command, in the order given. */
  readonly given: (readonly [command: string, stdin: string])[] = [];
  readonly said: string[] = [];
  readonly files = new Map(FILES);
  readonly stop = new AbortController();
  readonly abandon = new AbortController();
  /** Requests to the public URL. */
  readonly asked: Asked[] = [];
  /** What the person types. */
  typed: string | undefined = "production";
  smokeUser: World["smokeUser"] = { username: "uji", password: "rahasia-uji" };
  #now = 0;
  readonly #plays: Play[] = [...WELL];
  readonly #answers: Responder[] = [answerWell()];

  /** From now on plays the commands that begin so. */
  play(begin: string, answer: Answer): this {
    this.#plays.unshift([begin, answer]);
    return this;
  }

  /** From now on answers requests so, unless with `undefined`. */
  answer(answer: Responder): this {
    this.#answers.unshift(answer);
    return this;
  }

  deploy(options: Partial<Options> = {}): Promise<number> {
    return deploy({ ...OPTIONS, ...options }, {
      run: this.#run,
      fetch: (input, init) => this.#fetch(new Request(input, init)),
      read: (path) => Promise.resolve(this.files.get(path)),
      write: (path, text) => Promise.resolve(void this.files.set(path, text)),
      temporaryFolder: () =>
        Promise.resolve({ path: "/tmp/edge", [Symbol.asyncDispose]: () => Promise.resolve() }),
      sleep: (ms) => Promise.resolve(void (this.#now += ms)),
      now: () => this.#now,
      say: (line) => void this.said.push(line),
      ask: () => this.typed,
      smokeUser: this.smokeUser,
      stop: this.stop.signal,
      abandon: this.abandon.signal,
    });
  }

  /** Everything that was said, for a search. */
  get text(): string {
    return this.said.join("\n");
  }

  /** The commands that change something outside of this machine. */
  get changes(): readonly string[] {
    return this.commands.filter((command) => /kubectl.* apply | --prod /.test(command));
  }

  readonly #run: Run = async (program, args, { stdin, onLine, signal } = {}) => {
    signal?.throwIfAborted();
    const command = [program, ...args].join(" ");
    this.commands.push(command);
    if (stdin !== undefined) this.given.push([command, stdin]);
    const [, answer] = this.#plays.find(([begin]) => command.startsWith(begin)) ?? [];
    if (answer === undefined) throw new Error(`Nobody plays "${command}"`);
    const ran = await (typeof answer === "function" ? answer(command) : answer);
    if (ran === "hangs") {
      await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    }
    signal?.throwIfAborted();
    if (ran === "missing" || ran === "late" || ran === "hangs") {
      return { kind: ran === "missing" ? ran : "late" };
    }
    for (const line of (ran.stdout ?? "").split("\n")) if (line !== "") onLine?.(line);
    return { kind: "ended", code: 0, stdout: "", stderr: "", ...ran };
  };

  async #fetch(request: Request): Promise<Response> {
    const asked: Asked = {
      what: `${request.method} ${new URL(request.url).pathname}`,
      url: request.url,
      token: request.headers.get("authorization"),
      body: await request.text(),
    };
    this.asked.push(asked);
    for (const answer of this.#answers) {
      const response = answer(asked);
      if (response) return response;
    }
    return problem(404, "NOT_FOUND");
  }
}

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const TAG = "0123456789ab";

const OPTIONS: Options = {
  target: "fleet",
  dryRun: false,
  image: undefined,
  context: undefined,
  yes: false,
  url: undefined,
  timeoutMs: 15 * 60_000,
};

export const MANIFEST = `apiVersion: v1
kind: Namespace
metadata: { name: services }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: postgres, namespace: services }
spec: { instances: 3 }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: auth
  namespace: services
spec:
  selector: { matchLabels: { app: auth } }
  template:
    metadata: { labels: { app: auth } }
    spec:
      containers:
        - name: auth
          image: registry.example/auth:IMAGE_TAG
          env:
            - { name: A, valueFrom: { secretKeyRef: { name: auth, key: A } } }
            - { name: B, valueFrom: { secretKeyRef: { name: auth-tls, key: tls.crt } } }
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: auth, namespace: services }
spec: { secretName: auth-tls, issuerRef: { name: internal } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: edge, namespace: services }
spec:
  tls: [{ hosts: [layanan.example], secretName: edge-tls }]
`;

/** The release before: the same manifest with the tag v1, and one object more. */
export function released(gone?: "Service services/alt") {
  const more = gone
    ? "---\napiVersion: v1\nkind: Service\nmetadata: { name: alt, namespace: services }\n"
    : "";
  const manifest = MANIFEST.replace("IMAGE_TAG", "v1") + more;
  return { stdout: JSON.stringify({ data: { commit: "f".repeat(40), tag: "v1", manifest } }) };
}

export const KUBECTL = "kubectl --context production";
/** How everything is applied. */
export const APPLY = [
  `${KUBECTL} --request-timeout=30s apply`,
  "--server-side --force-conflicts --field-manager=kependudukan-deploy --filename=-",
].join(" ");
export const PUBLISH = "deno deploy --json --non-interactive --org negara --app layanan --prod .";

const FILES: readonly (readonly [string, string])[] = [
  ["deploy.yml", MANIFEST],
  ["deno.json", `{ "deploy": { "org": "negara", "app": "layanan" } }`],
  ["ops/keycloak/gov-realm-realm.json", `{ "realm": "gov-realm" }`],
  [".artifacts/ok", `${COMMIT}\n`],
];

const WELL: readonly Play[] = [
  ["git status", {}],
  ["git rev-parse HEAD", { stdout: `${COMMIT}\n` }],
  ["deno task ok", { stdout: "412 passed, 0 failed\n" }],
  ["kubectl config current-context", { stdout: "production\n" }],
  ["kubectl config view", { stdout: "https://10.0.0.1:6443" }],
  [`${KUBECTL} --request-timeout=30s api-versions`, {
    stdout: "v1\napps/v1\nnetworking.k8s.io/v1\npostgresql.cnpg.io/v1\ncert-manager.io/v1\n",
  }],
  [`${KUBECTL} --request-timeout=30s get namespaces`, { stdout: "namespace/default\nnamespace/services\n" }],
  [`${KUBECTL} --request-timeout=30s get secrets`, {
    stdout: "auth      Opaque   1     3d\nother   Opaque   2   3d\n",
  }],
  [`${KUBECTL} --request-timeout=30s get configmap`, {}],
  [`${KUBECTL} --request-timeout=30s diff`, {}],
  [`${KUBECTL} --request-timeout=30s apply`, {}],
  [`${KUBECTL} wait`, { stdout: "cluster.postgresql.cnpg.io/postgres condition met\n" }],
  [`${KUBECTL} rollout status`, { stdout: 'deployment "auth" successfully rolled out\n' }],
  ["deno deploy whoami", { stdout: `{"authenticated":true,"user":null,"orgs":[]}` }],
  ["deno deploy deployments list", { stdout: revisions("rev_old") }],
  ["deno deploy --json", { stdout: publication("rev_new") }],
  ["git archive", {}],
  ["tar", {}],
  ["rm", {}],
  ["git tag", {}],
  ["git rev-parse --verify", { stdout: "fedcba9876543210fedcba9876543210fedcba98\n" }],
];

export function revisions(...ids: readonly string[]): string {
  const items = ids.map((id) => ({ id, status: "routed", prod: true, lastStep: "deployed" }));
  return JSON.stringify({ items, nextCursor: null, org: "negara", app: "layanan" });
}

export function publication(revisionId: string): string {
  const timelines = [{ partition: "production", domains: ["https://layanan.deno.example"] }];
  return JSON.stringify({ org: "negara", app: "layanan", revisionId, status: "ready", timelines });
}

/** As the real edge answers what the smoke test asks: smoke_test.ts asks the real one. */
function answerWell(): Responder {
  let registered = false;
  let changes = 0;
  return ({ what, token, body }) => {
    if (what === "GET /openapi.json") return Response.json({ openapi: "3.1.0" });
    if (what === "POST /login" && body === "{}") return problem(400, "INVALID_INPUT");
    if (what === "POST /login") return Response.json({ access_token: "token", refresh_token: "refresh" });
    if (what === "POST /logout") return new Response(null, { status: 204 });
    if (token !== "Bearer token") return problem(401, "UNAUTHENTICATED");
    if (what === "GET /protected") return Response.json({ message: "Akses diotorisasi" });
    if (what === "GET /stats") return Response.json(Array.from({ length: 38 }, () => ({})));
    if (what === "GET /stats/00") return Response.json({ asOf: String(changes) });
    if (what === `GET /penduduk/${ID}` && registered) return Response.json({});
    if (what === "POST /penduduk" && body === "{}") return problem(400, "INVALID_INPUT");
    if (what === "POST /penduduk") {
      registered = true;
      changes++;
      return Response.json({ id: ID }, { status: 201 });
    }
    if (what === `DELETE /penduduk/${ID}`) {
      registered = false;
      changes++;
      return new Response(null, { status: 204 });
    }
    return undefined;
  };
}

/** Of whom the smoke test registers. */
export const ID = "01a2-b3";

export function problem(status: number, code: string): Response {
  return Response.json({ code }, { status });
}

export interface Asked {
  /** Such as `POST /login`. */
  readonly what: string;
  readonly url: string;
  readonly token: string | null;
  readonly body: string;
}

type Responder = (asked: Asked) => Response | undefined;
type Answer = Outcome | ((command: string) => Outcome | Promise<Outcome>);
type Outcome = Partial<Omit<Extract<Ran, { kind: "ended" }>, "kind">> | "missing" | "late" | "hangs";
type Play = readonly [begin: string, answer: Answer];
