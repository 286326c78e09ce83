/** A client of the edge who is signed in. */
export async function signIn(baseUrl: string, username: string): Promise<Client> {
  const login = await fetch(`${baseUrl}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password: `${username}-rahasia` }),
  });
  if (login.status !== 200) throw new Error(`Login of "${username}" was answered with ${login.status}`);
  const { access_token } = await login.json();
  const authorization = `Bearer ${access_token}`;
  return {
    authorization,
    get: (path) => fetch(baseUrl + path, { headers: { authorization } }),
    post: (path, body, headers = {}) =>
      fetch(baseUrl + path, {
        method: "POST",
        headers: { authorization, "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
  };
}

export interface Client {
  readonly authorization: string;
  get(path: string): Promise<Response>;
  /** A text is sent as it is, anything else as JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}
