import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { PROVINSI } from "../penduduk/provinsi.ts";
import { decode, encode, type PendudukEvent } from "./penduduk_event.ts";

const EVENT = {
  specversion: "1.0",
  id: "0190a6f2-7c1e-7b4a-9d2e-3f5a6b7c8d9e",
  source: "/pendaftaran",
  type: "penduduk.terdaftar",
  subject: "0190a6f2-7c1e-7b4a-9d2e-3f5a6b7c8d9f",
  time: "2026-11-22T05:00:00.000Z",
  datacontenttype: "application/json",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  data: { kode: "31", jenisKelamin: "perempuan", tahunLahir: 1990, personal: "e30..AAAA.AAAA.AAAA" },
};

const CANCELLED = {
  ...EVENT,
  type: "penduduk.dibatalkan",
  data: { kode: "31", jenisKelamin: "perempuan", tahunLahir: 1990 },
};

describe("encode", () => {
  it("writes a CloudEvent 1.0 in structured JSON", () => {
    for (const event of [EVENT, CANCELLED]) {
      assert.deepEqual(JSON.parse(new TextDecoder().decode(encode(decoded(event)))), event);
    }
  });

  it("leaves traceparent out when there is none", () => {
    const { traceparent: _, ...rest } = EVENT;
    assert.deepEqual(JSON.parse(new TextDecoder().decode(encode(decoded(rest)))), rest);
  });

  it("is undone by decode", () => {
    fc.assert(fc.property(anyEvent(), (event) => {
      assert.deepEqual(decode(encode(event)), { kind: "event", event });
    }));
  });
});

describe("decode", () => {
  it("leaves out what it does not know", () => {
    const event = decoded(EVENT);
    assert.deepEqual(decoded({ ...EVENT, tracestate: "a=1", data: { ...EVENT.data, agama: "-" } }), event);
  });

  it("leaves a personal part out of a cancellation, whoever put it there", () => {
    assert.deepEqual(decoded({ ...EVENT, type: "penduduk.dibatalkan" }), decoded(CANCELLED));
  });

  it("reads the time with any offset", () => {
    assert.deepEqual(decoded({ ...EVENT, time: "2026-11-22T12:00:00+07:00" }), decoded(EVENT));
  });

  it("keeps an event whose trace is broken", () => {
    for (const traceparent of ["", "00-xyz", 1, null]) {
      assert.deepEqual(decoded({ ...EVENT, traceparent }), { ...decoded(EVENT), traceparent: undefined });
    }
  });

  it("names the poison", () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    assert.deepEqual(decode(null), { kind: "poison", code: "NO_VALUE" });
    assert.deepEqual(decode(new Uint8Array()), { kind: "poison", code: "NO_VALUE" });
    for (
      const value of [bytes("{"), bytes("x"), Uint8Array.of(0xff), Uint8Array.of(0x22, 0xc3, 0x28, 0x22)]
    ) {
      assert.deepEqual(decode(value), { kind: "poison", code: "NOT_JSON" });
    }
    const { id: _, ...anonymous } = EVENT;
    for (
      const value of [null, [], "x", {}, anonymous, { ...EVENT, specversion: "0.3" }, {
        ...EVENT,
        source: "",
      }]
    ) {
      assert.equal(poison(value), "NOT_CLOUDEVENT");
    }
    assert.equal(poison({ ...EVENT, type: "penduduk.pindah" }), "UNKNOWN_TYPE");
  });

  it("calls every missing or wrong part of ours bad data", () => {
    const wrong = {
      kode: ["54", "3", 31, null],
      jenisKelamin: ["pria", "", null],
      tahunLahir: ["1990", 1990.5, 1899, 10_000, null],
      personal: ["", 1, null],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of [...values, undefined]) {
        assert.equal(poison({ ...EVENT, data: { ...EVENT.data, [name]: value } }), "BAD_DATA", name);
        if (name === "personal") continue;
        assert.equal(poison({ ...CANCELLED, data: { ...CANCELLED.data, [name]: value } }), "BAD_DATA", name);
      }
    }
    for (
      const part of [{ id: "1" }, { subject: "1" }, { time: "kemarin" }, { datacontenttype: "text/xml" }, {
        data: null,
      }]
    ) {
      assert.equal(poison({ ...EVENT, ...part }), "BAD_DATA");
    }
  });

  it("answers for any bytes and any JSON", () => {
    fc.assert(fc.property(fc.uint8Array(), (value) => assert.equal(decode(value).kind, "poison")));
    fc.assert(fc.property(fc.jsonValue(), (value) => assert.notEqual(poison(value), "NOT_JSON")));
    const deep = "[".repeat(100_000);
    assert.deepEqual(decode(new TextEncoder().encode(deep)), { kind: "poison", code: "NOT_JSON" });
  });
});

function decoded(value: unknown): PendudukEvent {
  const result = decode(new TextEncoder().encode(JSON.stringify(value)));
  assert.ok(result.kind === "event");
  return result.event;
}

function poison(value: unknown): string {
  const result = decode(new TextEncoder().encode(JSON.stringify(value)));
  assert.ok(result.kind === "poison");
  return result.code;
}

function anyEvent(): fc.Arbitrary<PendudukEvent> {
  const envelope = {
    id: fc.uuid(),
    subject: fc.uuid(),
    time: fc.date({
      noInvalidDate: true,
      min: new Date("2000-01-01T00:00:00Z"),
      max: new Date("2100-01-01T00:00:00Z"),
    }),
    traceparent: fc.option(fc.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/), { nil: undefined }),
  };
  const counted = {
    kode: fc.constantFrom(...PROVINSI).map(({ kode }) => kode),
    jenisKelamin: fc.constantFrom<"laki-laki" | "perempuan">("laki-laki", "perempuan"),
    tahunLahir: fc.integer({ min: 1900, max: 2100 }),
  };
  const personal = fc.stringMatching(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
  return fc.oneof(
    fc.record({
      ...envelope,
      type: fc.constant("penduduk.terdaftar" as const),
      data: fc.record({ ...counted, personal }, { noNullPrototype: true }),
    }, { noNullPrototype: true }),
    fc.record({
      ...envelope,
      type: fc.constant("penduduk.dibatalkan" as const),
      data: fc.record(counted, { noNullPrototype: true }),
    }, { noNullPrototype: true }),
  );
}
