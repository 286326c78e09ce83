import { z } from "zod";

/**
 * Reads what the embedded provider understands of a Keycloak realm file. Every object is strict, and every switch
 * that it could not honour is pinned to the one value that it does honour: a file that asks for more is refused, so
 * that development never runs on a weaker realm than production. Throws a sentence for each such place.
 */
export function parseRealmFile(json: unknown): RealmFile {
  const parsed = realmFile.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error(
    `Cannot read the realm file with the embedded identity provider\n${z.prettifyError(parsed.error)}`,
  );
}

const seconds = z.int().positive();
const yes = z.literal("true");

/** Every mapper fills access token and introspection alike. */
const flags = {
  "access.token.claim": yes,
  "introspection.token.claim": yes,
  "id.token.claim": z.enum(["true", "false"]),
};
const named = { name: z.string(), protocol: z.literal("openid-connect") };
const roleList = { "jsonType.label": z.literal("String"), multivalued: yes };

const mapper = z.discriminatedUnion("protocolMapper", [
  z.strictObject({
    ...named,
    protocolMapper: z.literal("oidc-audience-mapper"),
    config: z.strictObject({
      ...flags,
      "included.client.audience": z.string(),
      "id.token.claim": z.literal("false"),
    }),
  }),
  z.strictObject({
    ...named,
    protocolMapper: z.literal("oidc-sub-mapper"),
    config: z.strictObject(flags),
  }),
  z.strictObject({
    ...named,
    protocolMapper: z.literal("oidc-usermodel-realm-role-mapper"),
    config: z.strictObject({ ...flags, ...roleList, "claim.name": z.literal("realm_access.roles") }),
  }),
  z.strictObject({
    ...named,
    protocolMapper: z.literal("oidc-usermodel-client-role-mapper"),
    config: z.strictObject({
      ...flags,
      ...roleList,
      "usermodel.clientRoleMapping.clientId": z.string(),
      "claim.name": z.literal("resource_access.${client_id}.roles"),
    }),
  }),
  z.strictObject({
    ...named,
    protocolMapper: z.literal("oidc-usermodel-attribute-mapper"),
    config: z.discriminatedUnion("user.attribute", [
      z.strictObject({
        ...flags,
        "jsonType.label": z.literal("String"),
        "user.attribute": z.literal("username"),
        "claim.name": z.literal("preferred_username"),
      }),
      z.strictObject({
        ...flags,
        "jsonType.label": z.literal("String"),
        "user.attribute": z.literal("provinsi"),
        "claim.name": z.literal("provinsi"),
      }),
    ]),
  }),
]);

const clientScope = z.strictObject({
  name: z.string(),
  description: z.string(),
  protocol: z.literal("openid-connect"),
  attributes: z.strictObject({
    "include.in.token.scope": yes,
    "display.on.consent.screen": z.literal("false"),
  }),
  protocolMappers: z.array(mapper),
});

const clientCommon = {
  clientId: z.string(),
  name: z.string(),
  enabled: z.literal(true),
  protocol: z.literal("openid-connect"),
  implicitFlowEnabled: z.literal(false),
  fullScopeAllowed: z.literal(false),
  defaultClientScopes: z.array(z.string()),
  optionalClientScopes: z.array(z.never()),
  protocolMappers: z.array(mapper).default([]),
};

const client = z.discriminatedUnion("publicClient", [
  z.strictObject({
    ...clientCommon,
    publicClient: z.literal(true),
    standardFlowEnabled: z.literal(true),
    directAccessGrantsEnabled: z.literal(false),
    serviceAccountsEnabled: z.literal(false),
    redirectUris: z.array(z.url()),
    webOrigins: z.array(z.url()),
    attributes: z.strictObject({ "pkce.code.challenge.method": z.literal("S256") }),
  }),
  z.strictObject({
    ...clientCommon,
    publicClient: z.literal(false),
    clientAuthenticatorType: z.literal("client-secret"),
    secret: z.string(),
    standardFlowEnabled: z.literal(false),
    directAccessGrantsEnabled: z.boolean(),
    serviceAccountsEnabled: z.boolean(),
  }),
]);

/** Only an administrator may edit an attribute: a user who could, would choose the own province. */
const attribute = z.object({
  name: z.enum(["username", "email", "firstName", "lastName", "provinsi"]),
  permissions: z.object({ edit: z.tuple([z.literal("admin")]) }),
});
const userProfile = z.strictObject({
  providerId: z.literal("declarative-user-profile"),
  config: z.strictObject({
    "kc.user.profile.config": z.tuple([
      z.string().transform((text): unknown => JSON.parse(text)).pipe(
        z.strictObject({ attributes: z.array(attribute) }),
      ),
    ]),
  }),
});

const user = z.strictObject({
  username: z.string().regex(/^[a-z0-9-]+$/),
  enabled: z.boolean(),
  emailVerified: z.boolean(),
  firstName: z.string(),
  lastName: z.string(),
  email: z.email(),
  credentials: z.tuple([
    z.strictObject({ type: z.literal("password"), value: z.string(), temporary: z.literal(false) }),
  ]),
  realmRoles: z.array(z.string()),
  attributes: z.strictObject({ provinsi: z.tuple([z.string()]) }).optional(),
});

const serviceAccount = z.strictObject({
  username: z.string(),
  enabled: z.boolean(),
  serviceAccountClientId: z.string(),
  realmRoles: z.array(z.string()).default([]),
  clientRoles: z.record(z.string(), z.array(z.string())).default({}),
});

const realmFile = z.strictObject({
  realm: z.string().regex(/^[\w-]+$/),
  enabled: z.literal(true),
  displayName: z.string(),

  // Of no consequence in a process of its own: only Keycloak acts on these.
  sslRequired: z.enum(["none", "external", "all"]),
  internationalizationEnabled: z.boolean(),
  supportedLocales: z.array(z.string()),
  defaultLocale: z.string(),
  eventsEnabled: z.boolean(),
  eventsExpiration: z.int(),
  adminEventsEnabled: z.boolean(),
  adminEventsDetailsEnabled: z.boolean(),

  registrationAllowed: z.literal(false),
  resetPasswordAllowed: z.literal(false),
  editUsernameAllowed: z.literal(false),
  loginWithEmailAllowed: z.literal(false),
  duplicateEmailsAllowed: z.literal(false),

  bruteForceProtected: z.literal(true),
  permanentLockout: z.literal(false),
  failureFactor: z.int().positive(),
  waitIncrementSeconds: seconds,
  maxFailureWaitSeconds: seconds,
  maxDeltaTimeSeconds: seconds,
  quickLoginCheckMilliSeconds: z.literal(0),
  passwordPolicy: z.string().regex(/^length\(\d+\) and notUsername\(undefined\)$/),

  accessTokenLifespan: seconds,
  ssoSessionIdleTimeout: seconds,
  ssoSessionMaxLifespan: seconds,
  accessCodeLifespan: seconds,
  revokeRefreshToken: z.literal(true),
  refreshTokenMaxReuse: z.literal(0),
  defaultSignatureAlgorithm: z.enum(["RS256", "ES256", "EdDSA"]),

  roles: z.strictObject({ realm: z.array(z.strictObject({ name: z.string(), description: z.string() })) }),
  components: z.strictObject({
    "org.keycloak.userprofile.UserProfileProvider": z.tuple([userProfile]),
  }),
  clientScopes: z.array(clientScope),
  clients: z.array(client),
  scopeMappings: z.array(z.strictObject({ client: z.string(), roles: z.array(z.string()) })),
  clientScopeMappings: z.record(
    z.string(),
    z.array(z.strictObject({ client: z.string(), roles: z.array(z.string()) })),
  ),
  users: z.array(z.union([user, serviceAccount])),
});

export type RealmFile = z.output<typeof realmFile>;
export type Mapper = z.output<typeof mapper>;
