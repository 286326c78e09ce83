/** The realm file with the portal at `url` and nowhere else: whither codes may be sent, and who may ask for tokens. */
export function withPortalAt<
  C extends { readonly clientId: string },
  R extends { readonly clients: readonly C[] },
>(
  realm: R,
  url: string,
) {
  const at = { redirectUris: [`${url}/callback`], webOrigins: [url] };
  const clients = realm.clients.map((client) => client.clientId === "portal" ? { ...client, ...at } : client);
  return { ...realm, clients };
}
