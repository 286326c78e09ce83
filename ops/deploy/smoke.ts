import { z } from "zod";
import { backoffMs } from "../../shared/resilience/backoff.ts";
import { problemCode } from "../tasks/simulate/edge_client.ts";
import { type Answer, send } from "../tasks/simulate/http.ts";
import { type Credentials, Refused, type World } from "./world.ts";

/**
 * Asks the public URL whether what was deployed works, part by part. Throws `Refused` at the first that does not
 * within a minute. Without a user it tries what needs none and says so; only `registration` writes anything.
 */
export async function smokeTest(url: string, options: SmokeOptions, world: SmokeWorld): Promise<void> {
  const test = new SmokeTest(url, options.signal, world);
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
  if (options.registration) await register(test, headers, world);
  await test.expect("logout", "/logout", post({ refresh_token }), (answer) => answer.status === 204);
}

/**
 * One synthetic person for all deployments for ever: the first registers it, the later ones are told that it is there.
 * It cannot be taken out again: a registration has been published, counted and announced, and the domain has no event
 * that takes it back. Deleting the row alone would leave the statistics one ahead of the registry.
 */
async function register(test: SmokeTest, headers: Headers, { say }: SmokeWorld): Promise<void> {
  const before = await countOf(test, headers);
  const init = post(SYNTHETIC, headers);
  const answer = await test.expect("registration stores", "/penduduk", init, (answer) => {
    return answer.status === 201 || problem(409, "NIK_REGISTERED")(answer);
  });
  if (answer.status === 409) {
    say("  known      the synthetic person is there since an earlier deployment");
    return;
  }
  const { id } = Person.parse(answer.body);
  await test.expect("registry reads", `/penduduk/${id}`, { headers }, ({ status }) => status === 200);
  await test.expect("statistics moved", "/stats/00", { headers }, ({ body }) => {
    const now = Statistics.safeParse(body);
    return now.success && now.data.jumlah > before;
  });
}

async function countOf(test: SmokeTest, headers: Headers): Promise<number> {
  const parses = ({ body }: Answered) => Statistics.safeParse(body).success;
  const answer = await test.expect("statistics count", "/stats/00", { headers }, parses);
  return Statistics.parse(answer.body).jumlah;
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

export interface SmokeOptions {
  readonly registration: boolean;
  readonly signal: AbortSignal;
}

type SmokeWorld = Pick<World, "fetch" | "now" | "sleep" | "say" | "smokeUser">;
type Answered = Extract<Answer, { kind: "answered" }>;
type Headers = Readonly<Record<string, string>>;

const PATIENCE_MS = 60_000;

// The serial is never issued.
const SYNTHETIC = {
  nik: "3171010101019990",
  nama: "Uji Penyebaran",
  alamat: "Jalan Uji Nomor 0",
  provinsi: "DKI Jakarta",
};

const Tokens = z.object({ access_token: z.string(), refresh_token: z.string() });
const Provinces = z.array(z.unknown()).length(38);
const Statistics = z.object({ jumlah: z.number() });
const Person = z.object({ id: z.string().regex(/^[\w-]+$/) });
