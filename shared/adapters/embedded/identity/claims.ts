import type { Client, User } from "./realm.ts";

/** The claims that the client's mappers add, named as Keycloak names them. */
export function claimsOf(user: User, client: Client, token: "access" | "id"): MappedClaims {
  const claims: MappedClaims = {};
  const audience: string[] = [];
  for (const mapper of client.mappers) {
    if (token === "id" && mapper.config["id.token.claim"] === "false") continue;
    switch (mapper.protocolMapper) {
      case "oidc-audience-mapper":
        audience.push(mapper.config["included.client.audience"]);
        break;
      case "oidc-sub-mapper":
        claims.sub = user.id;
        break;
      case "oidc-usermodel-attribute-mapper":
        if (mapper.config["user.attribute"] === "username") claims.preferred_username = user.username;
        else if (user.provinsi !== undefined) claims.provinsi = user.provinsi;
        break;
      case "oidc-usermodel-realm-role-mapper": {
        const roles = user.realmRoles.filter((role) => client.allowedRealmRoles.has(role));
        if (roles.length > 0) claims.realm_access = { roles };
        break;
      }
      case "oidc-usermodel-client-role-mapper": {
        const owner = mapper.config["usermodel.clientRoleMapping.clientId"];
        const allowed = client.allowedClientRoles.get(owner);
        const roles = (user.clientRoles[owner] ?? []).filter((role) => allowed?.has(role));
        if (roles.length > 0) claims.resource_access = { ...claims.resource_access, [owner]: { roles } };
        break;
      }
    }
  }
  const [only] = audience;
  if (only !== undefined) claims.aud = audience.length === 1 ? only : audience;
  return claims;
}

export interface MappedClaims {
  aud?: string | string[];
  sub?: string;
  preferred_username?: string;
  provinsi?: string;
  realm_access?: { roles: string[] };
  resource_access?: Record<string, { roles: string[] }>;
}
