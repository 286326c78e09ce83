import { z } from "zod";
import { SYNTHETIC } from "../../shared/penduduk/synthetic.ts";
import { backoffMs } from "../../shared/resilience/backoff.ts";
import { problemCode } from "../tasks/simulate/edge_client.ts";
import { type Answer, send } from "../tasks/simulate/http.ts";
import { type Credentials, Refused, type World } from "./world.ts";

/**
 * Asks the public URL whether what was deployed works, part by part, by one synthetic registration that is taken back.
 * Throws `Refused` at the first part that does not within a minute. Without a user it tries what needs none and says so.
 */
export async function smokeTest(url: string, world: SmokeWorld): Promise<void> {
  const test = new SmokeTest(url, world.stop, world);
  await test.expect("edge answers", "/openapi.json", {}, (answer) => answer.status === 200);
  await test.expect("edge refuses strangers", "/stats", {}, problem(401, "UNAUTHENTICATED"));
  await test.expect("auth answers", "/login", post({}), problem(400, "INVALID_INPUT"));
  if (world.smokeUser === undefined) {
    world.say("  not tried  what needs a user: set SMOKE_USERNAME and SMOKE_PASSWORD");
    return;
  }
  const { access_token, refresh_token } = await logIn(test, world.smokeUser);
  const headers = { authorization: `Bearer ${access_token}` };
  await test.expect("token stands", "/protected", { headers }, (answer) => answer.status === 200);
  await test.expect(
    "statistics answer",
    "/stats",
    { headers },
    ({ body }) => Provinces.safeParse(body).success,
  );
  await test.expect("registration refuses", "/penduduk", post({}, headers), problem(400, "INVALID_INPUT"));
  await registerAndTakeBack(test, headers);
  await test.expect("logout", "/logout", post({ refresh_token }), (answer) => answer.status === 204);
}

/** Its officers hear nothing of the synthetic person: see `isSynthetic`. */
async function registerAndTakeBack(test: SmokeTest, headers: Headers): Promise<void> {
  const { say } = test.world;
  const moved = await movement(test, headers);
  // Whoever repeats a request whose answer was lost is told of the same registration by the key.
  const init = post(SYNTHETIC, { ...headers, "idempotency-key": crypto.randomUUID() });
  const answer = await test.expect("registration stores", "/penduduk", init, (answer) => {
    return answer.status === 201 || problem(409, "NIK_REGISTERED")(answer);
  });
  if (answer.status === 409) {
    say("  LEFT       a deployment that was killed left its synthetic person: see ops/runbooks/upgrade.md");
    return;
  }
  const { id } = Person.parse(answer.body);
  let movedBack: () => Promise<unknown>;
  try {
    await test.expect("registry reads", `/penduduk/${id}`, { headers }, ({ status }) => status === 200);
    await moved();
    movedBack = await movement(test, headers);
  } catch (error) {
    await takeBack(test, id, headers).catch((left: unknown) => {
      say(`  LEFT       synthetic person ${id}: ${left instanceof Error ? left.message : left}`);
    });
    throw error;
  }
  await takeBack(test, id, headers);
  await movedBack();
}

/** Also after Ctrl-C, unless it comes again. */
async function takeBack({ url, world }: SmokeTest, id: string, headers: Headers): Promise<void> {
  const test = new SmokeTest(url, world.abandon, world);
  const path = `/penduduk/${id}`;
  // When the answer to the first was lost, the second finds nobody.
  await test.expect("registration taken back", path, { method: "DELETE", headers }, ({ status }) => {
    return status === 204 || status === 404;
  });
  await test.expect("registry forgot", path, { headers }, ({ status }) => status === 404);
}

/** Call it before the registry is changed; what it answers waits until the statistics have counted something since. */
async function movement(test: SmokeTest, headers: Headers): Promise<() => Promise<unknown>> {
  const moved = (since?: string | null) => ({ body }: Answered) => {
    const { success, data } = Statistics.safeParse(body);
    return success && data.asOf !== since;
  };
  const { body } = await test.expect("statistics count", "/stats/00", { headers }, moved());
  const { asOf } = Statistics.parse(body);
  return () => test.expect("statistics moved", "/stats/00", { headers }, moved(asOf));
}

async function logIn(test: SmokeTest, user: Credentials): Promise<z.output<typeof Tokens>> {
  const answer = await test.expect("login", "/login", post(user), (answer) => {
    return answer.status === 401 || Tokens.safeParse(answer.body).success;
  });
  if (answer.status === 401) {
    throw new Refused("Smoke test: login is refused, look at SMOKE_USERNAME and SMOKE_PASSWORD");
  }
  return Tokens.parse(answer.body);
}

class SmokeTest {
  constructor(readonly url: string, readonly signal: AbortSignal, readonly world: SmokeWorld) {}

  /** Tries again while nothing or something unexpected answers: load balancers need a while to see new pods. */
  async expect(
    name: string,
    path: string,
    init: RequestInit,
    accept: (answer: Answered) => boolean,
  ): Promise<Answered> {
    const { now, say, sleep } = this.world;
    const deadline = now() + PATIENCE_MS;
    for (let attempt = 0;; attempt++) {
      this.signal.throwIfAborted();
      const answer = await send(this.url + path, init, this.world);
      if (answer.kind === "answered" && accept(answer)) {
        say(`  ok         ${name}`);
        return answer;
      }
      const wait = backoffMs(attempt, { baseMs: 500, capMs: 5_000 });
      if (now() + wait >= deadline) {
        const asked = `${init.method ?? "GET"} ${this.url}${
          path.replace(/^\/penduduk\/.*/, "/penduduk/{id}")
        }`;
        throw new Refused(`Smoke test "${name}" failed: ${asked} answered ${problemCode(answer)}`);
      }
      await sleep(wait, this.signal);
    }
  }
}

function problem(status: number, code: string) {
  return (answer: Answered) => answer.status === status && problemCode(answer) === code;
}

function post(body: unknown, headers: Headers = {}): RequestInit {
  return {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

type SmokeWorld = Pick<World, "fetch" | "now" | "sleep" | "say" | "smokeUser" | "stop" | "abandon">;
type Answered = Extract<Answer, { kind: "answered" }>;
type Headers = Readonly<Record<string, string>>;

const PATIENCE_MS = 60_000;

const Tokens = z.object({ access_token: z.string(), refresh_token: z.string() });
const Provinces = z.array(z.unknown()).length(38);
const Statistics = z.object({ asOf: z.string().nullable() });
const Person = z.object({ id: z.string().regex(/^[\w-]+$/) });
