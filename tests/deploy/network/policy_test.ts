import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { allows, type Endpoint, Policy } from "./policy.ts";

const namespaces = { a: { name: "a", team: "red" }, b: { name: "b", team: "blue" } };
const front: Endpoint = { namespace: "a", labels: { app: "front" } };
const back: Endpoint = { namespace: "b", labels: { app: "back" } };
const other: Endpoint = { namespace: "b", labels: { app: "other" } };
const web: Endpoint = { labels: {}, ip: "198.51.100.7" };
const HTTP = { port: 80, protocol: "TCP" } as const;

describe("a network policy", () => {
  it("leaves open what no policy speaks of", () => {
    assert.equal(passes([], front, back), true);
    assert.equal(
      passes([policy("b", { podSelector: app("other"), policyTypes: ["Ingress"] })], front, back),
      true,
    );
  });

  it("closes only the directions that it names", () => {
    const closed = policy("b", { podSelector: {}, policyTypes: ["Ingress"] });
    assert.equal(passes([closed], front, back), false);
    assert.equal(passes([closed], back, front), true);
  });

  it("holds in its own namespace only", () => {
    assert.equal(passes([policy("a", { podSelector: {}, policyTypes: ["Ingress"] })], front, back), true);
  });

  it("needs the word of both ends", () => {
    const out = policy("a", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [{ namespaceSelector: {} }] }],
    });
    const closed = policy("b", { podSelector: {}, policyTypes: ["Ingress"] });
    assert.equal(passes([out], front, back), true);
    assert.equal(passes([out, closed], front, back), false);
  });

  it("adds to what others allow", () => {
    const closed = policy("b", { podSelector: {}, policyTypes: ["Ingress"] });
    const open = policy("b", {
      podSelector: app("back"),
      policyTypes: ["Ingress"],
      ingress: [{ ports: [{ port: 80 }] }],
    });
    assert.equal(passes([closed, open], front, back), true);
    assert.equal(passes([closed, open], front, other), false);
  });

  it("means a pod of such a namespace when both selectors stand in one entry", () => {
    const into = (
      from: object[],
    ) => [policy("b", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from }] })];
    const red = { matchLabels: { team: "red" } };
    assert.equal(passes(into([{ namespaceSelector: red, podSelector: app("front") }]), front, back), true);
    assert.equal(passes(into([{ namespaceSelector: red, podSelector: app("other") }]), front, back), false);
    assert.equal(
      passes(into([{ namespaceSelector: red }, { podSelector: app("other") }]), other, back),
      true,
    );
  });

  it("means pods of its own namespace by a pod selector alone", () => {
    const from = [{ podSelector: {} }];
    const inside = [policy("b", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from }] })];
    assert.equal(passes(inside, other, back), true);
    assert.equal(passes(inside, front, back), false);
  });

  it("knows ranges of addresses with exceptions, and ranges of ports", () => {
    const out = (ipBlock: object, ports: object[] = []) => [
      policy("a", { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ ipBlock }], ports }] }),
    ];
    assert.equal(passes(out({ cidr: "0.0.0.0/0" }), front, web), true);
    assert.equal(passes(out({ cidr: "0.0.0.0/0", except: ["198.51.100.0/24"] }), front, web), false);
    assert.equal(passes(out({ cidr: "198.51.100.8/30" }), front, web), false);
    assert.equal(passes(out({ cidr: "198.51.100.4/30" }, [{ port: 70, endPort: 80 }]), front, web), true);
    assert.equal(passes(out({ cidr: "198.51.100.4/30" }, [{ port: 70, endPort: 79 }]), front, web), false);
    assert.equal(
      passes(out({ cidr: "198.51.100.4/30" }, [{ port: 80, protocol: "UDP" }]), front, web),
      false,
    );
  });

  it("selects by expressions", () => {
    const only = (operator: string, values?: string[]) => [
      policy("b", {
        podSelector: { matchExpressions: [{ key: "app", operator, ...(values && { values }) }] },
        policyTypes: ["Ingress"],
      }),
    ];
    assert.equal(passes(only("In", ["back"]), front, back), false);
    assert.equal(passes(only("NotIn", ["back"]), front, back), true);
    assert.equal(passes(only("Exists"), front, back), false);
    assert.equal(passes(only("DoesNotExist"), front, back), true);
  });
});

function policy(namespace: string, spec: object): Policy {
  return Policy.parse({ metadata: { name: "tried", namespace }, spec });
}

function passes(policies: Policy[], from: Endpoint, to: Endpoint): boolean {
  return allows({ policies, namespaces }, from, to, HTTP);
}

const app = (name: string) => ({ matchLabels: { app: name } });
