import { check } from "k6";
import { SharedArray } from "k6/data";
import exec from "k6/execution";
import http from "k6/http";

// The floor of the mission, as a scenario of k6: 10,000 registrations by officers who work at the same time. Its
// thresholds decide the exit code. `deno task bench:k6` starts the system and gives the variables.
const tokens = new SharedArray("tokens", () => open(__ENV.TOKENS).trim().split("\n"));
const provinces = new SharedArray("provinces", () => open(__ENV.PROVINCES).trim().split("\n"));

export const options = {
  scenarios: {
    registrations: {
      executor: "shared-iterations",
      vus: Number(__ENV.VUS || 100),
      iterations: Number(__ENV.REGISTRATIONS || 10000),
      maxDuration: "5m",
    },
  },
  thresholds: {
    http_req_duration: ["p(95)<500"],
    http_req_failed: ["rate<0.001"],
    checks: ["rate>0.999"],
    iterations: [`count==${__ENV.REGISTRATIONS || 10000}`],
  },
  summaryTrendStats: ["avg", "med", "p(95)", "p(99)", "max"],
  discardResponseBodies: true,
};

export default function register() {
  const nth = exec.scenario.iterationInTest;
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
  check(response, { "is 201": ({ status }) => status === 201 });
}

// Valid, and of nobody: serials this high are never issued. As in registration/penduduk.lua.
function nik(kode, n) {
  const digits = (value, length) => String(value).padStart(length, "0");
  const day = n % 28 + 1 + (n % 2) * 40;
  const months = Math.floor(n / 28);
  const years = Math.floor(months / 12);
  const serial = 9000 + Math.floor(years / 100) % 1000;
  return `${kode}0101${digits(day, 2)}${digits(months % 12 + 1, 2)}${digits(years % 100, 2)}${serial}`;
}
