import { check } from "k6";
import { SharedArray } from "k6/data";
import exec from "k6/execution";
import http from "k6/http";

// The floor of the mission, as a scenario of k6: so many registrations by officers who work at the same time, after a
// warm-up of other people, since new processes are slow until they have compiled what runs. Its thresholds, which leave
// the warm-up out, decide the exit code. `deno task bench:k6` starts the system and gives the variables.
const tokens = new SharedArray("tokens", () => open(__ENV.TOKENS).trim().split("\n"));
const provinces = new SharedArray("provinces", () => open(__ENV.PROVINCES).trim().split("\n"));

const [vus, iterations] = [Number(__ENV.VUS), Number(__ENV.REGISTRATIONS)];
const { P95_MS, ERROR_PERCENT } = __ENV;
const counted = (metric) => `${metric}{scenario:registrations}`;

export const options = {
  scenarios: {
    "warm-up": { executor: "constant-vus", vus, duration: "15s", gracefulStop: "10s" },
    registrations: {
      ...{ executor: "shared-iterations", vus, iterations, maxDuration: "3m" },
      startTime: "30s",
    },
  },
  thresholds: {
    [counted("http_req_duration")]: [`p(95)<${P95_MS}`],
    [counted("http_req_failed")]: [`rate<${ERROR_PERCENT / 100}`],
    [counted("checks")]: [`rate>${1 - ERROR_PERCENT / 100}`],
    [counted("iterations")]: [`count==${iterations}`],
  },
  summaryTrendStats: ["avg", "med", "p(95)", "p(99)", "max"],
};

export default function register() {
  const nth = exec.scenario.iterationInTest + (exec.scenario.name === "warm-up" ? WARM_UP_FROM : 0);
  const [kode, ...name] = provinces[nth % provinces.length].split(" ");
  const response = http.post(
    `${__ENV.EDGE}/penduduk`,
    JSON.stringify({
      nik: nik(kode, Math.floor(nth / provinces.length)),
      nama: "Warga Uji",
      alamat: `Jl. Merdeka No. ${nth % 500 + 1} RT 01 RW 02, Kelurahan Contoh`,
      provinsi: name.join(" "),
    }),
    {
      headers: { "content-type": "application/json", authorization: `Bearer ${tokens[nth % tokens.length]}` },
    },
  );
  if (!check(response, { "is 201": ({ status }) => status === 201 })) {
    console.warn(`Registration failed: ${response.status} ${response.body && response.json("code")}`);
  }
}

/** More people than are registered after the warm-up. */
const WARM_UP_FROM = 1000000;

// Valid, and of nobody: serials this high are never issued. As in registration/penduduk.lua.
function nik(kode, n) {
  const digits = (value, length) => String(value).padStart(length, "0");
  const day = n % 28 + 1 + (n % 2) * 40;
  const months = Math.floor(n / 28);
  const years = Math.floor(months / 12);
  const serial = 9000 + Math.floor(years / 100) % 1000;
  return `${kode}0101${digits(day, 2)}${digits(months % 12 + 1, 2)}${digits(years % 100, 2)}${serial}`;
}
