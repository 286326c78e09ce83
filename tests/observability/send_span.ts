import { randomBytes } from "node:crypto";

/** Sends one span that ends now, as OTLP in JSON: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export async function sendSpan(otlp: string, { service, name, attributes }: SentSpan): Promise<void> {
  const now = `${BigInt(Date.now()) * 1_000_000n}`;
  const list = (values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const span = {
    traceId: randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    name,
    kind: 2,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
    attributes: list(attributes),
  };
  const resource = { attributes: list({ "service.name": service }) };
  const answer = await fetch(`${otlp}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    signal: AbortSignal.timeout(10_000),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`Send a span to "${otlp}" failed with status ${answer.status}`);
}

interface SentSpan {
  readonly service: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}
