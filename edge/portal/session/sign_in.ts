import * as oauth from "oauth4webapi";

/**
 * Authorization code with PKCE (RFC 6749, 4.1; RFC 7636) for the public client `portal`. Tokens are only ever returned,
 * never stored; what must outlive the way to the provider and back (verifier, state, nonce) is good once.
 */
export class SignIn {
  readonly #client: oauth.Client = { client_id: "portal" };
  readonly #http: { readonly [oauth.allowInsecureRequests]?: boolean };
  #discovered: Promise<oauth.AuthorizationServer> | undefined;

  constructor(readonly issuer: URL, readonly redirectUri: string, readonly kept: Storage) {
    // Only a provider on the same machine is spoken to in clear; production refuses an http:// address.
    this.#http = issuer.protocol === "http:" ? { [oauth.allowInsecureRequests]: true } : {};
  }

  /** The address to send the person to. */
  async begin(): Promise<URL> {
    const { authorization_endpoint } = await this.#provider();
    if (authorization_endpoint === undefined) throw new Error("Identity provider has no sign-in page");
    const attempt: Attempt = {
      verifier: oauth.generateRandomCodeVerifier(),
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
    };
    this.kept.setItem(ATTEMPT, JSON.stringify(attempt));
    const url = new URL(authorization_endpoint);
    const query = {
      client_id: this.#client.client_id,
      redirect_uri: this.redirectUri,
      response_type: "code",
      scope: "openid",
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  /** Redeems what the provider sent the person back with. Rejects when that is not the answer to our question. */
  async finish(callback: URL): Promise<Tokens> {
    const attempt = this.#attempt();
    const provider = await this.#provider();
    const params = oauth.validateAuthResponse(provider, this.#client, callback, attempt.state);
    const answer = await oauth.authorizationCodeGrantRequest(
      provider,
      this.#client,
      oauth.None(),
      params,
      this.redirectUri,
      attempt.verifier,
      { ...this.#http, signal: deadline() },
    );
    return toTokens(
      await oauth.processAuthorizationCodeResponse(provider, this.#client, answer, {
        expectedNonce: attempt.nonce,
        requireIdToken: true,
      }),
    );
  }

  async refresh(refreshToken: string): Promise<Tokens> {
    const provider = await this.#provider();
    const options = { ...this.#http, signal: deadline() };
    const answer = await oauth.refreshTokenGrantRequest(
      provider,
      this.#client,
      oauth.None(),
      refreshToken,
      options,
    );
    return toTokens(await oauth.processRefreshTokenResponse(provider, this.#client, answer));
  }

  /** Ends the session at the provider, by Keycloak's form of logout that needs no further page. */
  async end(refreshToken: string): Promise<void> {
    const { end_session_endpoint } = await this.#provider();
    if (end_session_endpoint === undefined) return;
    const { client_id } = this.#client;
    const body = new URLSearchParams({ client_id, refresh_token: refreshToken });
    // `keepalive`: it goes out also when the page is closed at once.
    await fetch(end_session_endpoint, {
      method: "POST",
      body,
      signal: AbortSignal.timeout(3_000),
      keepalive: true,
    });
  }

  /** Asked once, and again after a failure. */
  #provider(): Promise<oauth.AuthorizationServer> {
    this.#discovered ??= this.#discover().catch((error) => {
      this.#discovered = undefined;
      throw error;
    });
    return this.#discovered;
  }

  async #discover(): Promise<oauth.AuthorizationServer> {
    const options = { ...this.#http, signal: deadline() };
    return await oauth.processDiscoveryResponse(
      this.issuer,
      await oauth.discoveryRequest(this.issuer, options),
    );
  }

  #attempt(): Attempt {
    const text = this.kept.getItem(ATTEMPT);
    this.kept.removeItem(ATTEMPT);
    if (text === null) throw new Error("No sign-in was begun in this tab");
    return JSON.parse(text);
  }
}

/** Whether the provider answered and said no, in contrast to not answering. */
export function isRefusal(error: unknown): boolean {
  return error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** In seconds. */
  readonly expiresIn: number;
}

function toTokens(answer: oauth.TokenEndpointResponse): Tokens {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresIn: answer.expires_in ?? 60,
  };
}

const ATTEMPT = "sign-in";
const deadline = () => AbortSignal.timeout(15_000);

interface Attempt {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}
