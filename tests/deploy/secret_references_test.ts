import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { basename, dirname } from "node:path";
import { PARTS } from "../../shared/config/config.ts";
import { SECRET_VARIABLES } from "../../shared/config/secrets.ts";
import { all, JOBS, Metadata, OBJECTS, onlyContainer, SOURCE, WORKLOADS } from "./fleet.ts";

const CERTIFICATES = all(
  "Certificate",
  z.object({ metadata: Metadata, spec: z.object({ secretName: z.string() }) }),
)
  .map(({ metadata, spec }) => `${metadata.namespace}/${spec.secretName}`);
const POD_MAKERS = [...WORKLOADS, ...JOBS];
/** Each has a Secret of its own, by its name. */
const HOLDERS = [...PARTS, ...JOBS.map(({ metadata }) => metadata.name)];

describe("secrets of deploy.yml", () => {
  it("are referred to, never written: what holds one takes it from a Secret", () => {
    assert.deepEqual(OBJECTS.filter(({ kind }) => kind === "Secret"), []);
    const literal = POD_MAKERS.flatMap(({ spec: { template } }) =>
      template.spec.containers.flatMap(({ env }) => env)
    )
      .filter((variable) =>
        "value" in variable && SECRET_NAME.test(variable.name) && !variable.name.endsWith("_FILE")
      );
    assert.deepEqual(literal.map(({ name }) => name), []);
    const text = SOURCE.replaceAll(/^#.*$/gm, "");
    assert.doesNotMatch(text, /:\/\/[^\s/:@]+:[^\s/@]+@/, "a URL with a password");
  });

  it("are all named at the top of the file, with their keys and nothing more", () => {
    const told = SOURCE.split("# Secrets, by")[1]?.split("# The URLs verify")[0] ?? "";
    const listed = [...told.matchAll(/^# {3}(\S+\/\S+) +(.+)$/gm)].flatMap(([, secret, keys = ""]) =>
      keys.trim().split(/\s+/).map((key) => `${secret} ${key}`)
    );
    assert.deepEqual(listed.sort(), [...new Set(secretKeys())].sort());
  });

  it("are each for one part alone", () => {
    for (const part of HOLDERS) {
      const workload = holder(part);
      const { env, volumeMounts } = onlyContainer(workload);
      const taken = env.flatMap((variable) =>
        "valueFrom" in variable ? [variable.valueFrom.secretKeyRef.name] : []
      );
      // What another container of the pod mounts, such as the migrator's URL, this one does not see.
      const mounted = workload.spec.template.spec.volumes.filter((volume) =>
        volumeMounts.some(({ name }) => name === volume.name)
      ).flatMap(({ secret }) => secret?.secretName ?? []);
      const foreign = [...taken, ...mounted].filter((name) => name !== part && name !== "encryption-keys");
      assert.deepEqual(foreign, [], part);
    }
  });

  it("that a part holds for itself are files that it can follow, and nobody else can read", () => {
    for (const part of HOLDERS) {
      const workload = holder(part);
      const { env, volumeMounts } = onlyContainer(workload);
      const inVariables = env.filter(({ name }) => SECRET_VARIABLES.some((secret) => secret === name));
      assert.deepEqual(inVariables.filter(({ name }) => name !== "KAFKA_USERNAME"), [], part);
      assert.ok(credentialsOf(part).length > 0, part);
      assert.deepEqual(
        volumeMounts.filter(({ name }) => name === "credentials").map(({ mountPath }) => mountPath),
        [
          CREDENTIALS,
        ],
      );
      const modes = workload.spec.template.spec.volumes.flatMap(({ secret }) =>
        secret ? [secret.defaultMode] : []
      );
      assert.ok(modes.every((mode) => mode === 0o440), part);
      assert.equal(
        workload.spec.template.spec.securityContext["fsGroup"],
        workload.spec.template.spec.securityContext["runAsGroup"],
      );
    }
  });

  it("and ConfigMaps that are mounted are made here, by cert-manager and trust-manager, or before", () => {
    const configMaps = all("ConfigMap", z.object({ metadata: Metadata }));
    const made = [
      ...CERTIFICATES,
      ...configMaps.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      ...["edge/internal-ca", "services/internal-ca", "services/keycloak-realm"],
      ...["services/encryption-keys", "services/migrator", "data/redis"],
      ...HOLDERS.map((part) => part === "edge" ? "edge/edge" : `services/${part}`),
    ];
    for (const { metadata: { namespace }, spec: { template: { spec } } } of POD_MAKERS) {
      const mounted = spec.volumes.flatMap(({ secret, configMap }) =>
        secret?.secretName ?? configMap?.name ?? []
      );
      for (const name of mounted) assert.ok(made.includes(`${namespace}/${name}`), `${namespace}/${name}`);
      const names = spec.volumes.map(({ name }) => name);
      for (const { volumeMounts } of [...spec.initContainers, ...spec.containers]) {
        assert.deepEqual(volumeMounts.filter(({ name }) => !names.includes(name)), []);
      }
    }
  });
});

/** `namespace/secret key` of each reference to a Secret that is not made by cert-manager. */
function secretKeys(): string[] {
  return OBJECTS.flatMap(({ metadata: { namespace = "" }, body }) =>
    references(body).filter(({ name }) => !CERTIFICATES.includes(`${namespace}/${name}`))
      .flatMap(({ name, keys }) => keys.map((key) => `${namespace}/${name} ${key}`))
  );
}

function references(value: unknown): Reference[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]) => referenceOf(field, inner) ?? references(inner));
}

/** In the words of each kind. CloudNativePG takes Secrets of the type kubernetes.io/basic-auth. */
function referenceOf(field: string, value: unknown): Reference[] | undefined {
  switch (field) {
    case "secretKeyRef":
    case "passwordSecretRef":
      return [Key.parse(value)].map(({ name, key }) => ({ name, keys: [key] }));
    case "secretTargetRef":
      return z.array(Key).parse(value).map(({ name, key }) => ({ name, keys: [key] }));
    case "passwordSecret":
      return [{ ...Named.parse(value), keys: ["username", "password"] }];
    case "secret": {
      const named = Named.safeParse(value);
      if (named.success) return [{ ...named.data, keys: ["username", "password"] }];
      const mounted = Mounted.safeParse(value);
      return mounted.success
        ? [{ name: mounted.data.secretName, keys: filesOf(mounted.data.secretName) }]
        : undefined;
    }
    default:
      return undefined;
  }
}

interface Reference {
  readonly name: string;
  readonly keys: readonly string[];
}

const Key = z.object({ name: z.string(), key: z.string() });
const Named = z.strictObject({ name: z.string() });
const Mounted = z.object({ secretName: z.string() });

function filesOf(secret: string): readonly string[] {
  return HOLDERS.includes(secret) ? credentialsOf(secret) : FILES[secret] ?? [];
}

/** The files of the part's own Secret that its variables name. */
function credentialsOf(part: string): readonly string[] {
  return onlyContainer(holder(part)).env.flatMap((variable) =>
    "value" in variable && dirname(variable.value) === CREDENTIALS ? [basename(variable.value)] : []
  );
}

function holder(part: string): typeof POD_MAKERS[number] {
  const found = POD_MAKERS.find(({ metadata }) => metadata.name === part);
  if (found === undefined) throw new Error(`Find the pods of "${part}" failed`);
  return found;
}

const CREDENTIALS = "/run/credentials";

/** What mounted Secrets of no part hold. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  "encryption-keys": ["keys.json"],
  "migrator": ["DATABASE_URL"],
  "redis": ["users.acl"],
};
const SECRET_NAME = /SECRET|PASSWORD|TOKEN|SID|URI|PHONE|DATABASE_URL|REDIS_URL/;
