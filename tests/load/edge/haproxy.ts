/** Verifies tokens as far as HAProxy can: algorithm, issuer, end and signature; limits by `sub`; keeps its connections. */
export function haproxyConfiguration({ port, issuer, key, origin, limit }: HaproxyOptions): string {
  return `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 10s
frontend edge
  bind 127.0.0.1:${port}
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')
  http-request set-var(txn.iss) var(txn.token),jwt_payload_query('$.iss')
  http-request set-var(txn.sub) var(txn.token),jwt_payload_query('$.sub')
  http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless { var(txn.alg) -m str RS256 }
  http-request deny deny_status 401 unless { var(txn.iss) -m str ${issuer} }
  http-request deny deny_status 401 if { var(txn.exp),sub(txn.now) -m int lt 0 }
  http-request deny deny_status 401 unless { var(txn.token),jwt_verify(txn.alg,"${key}") 1 }
  http-request track-sc0 var(txn.sub) table users
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt ${limit} }
  default_backend origin
backend users
  stick-table type string len 64 size 100k expire 60s store http_req_rate(60s)
backend origin
  http-reuse always
  server origin ${origin}
`;
}

interface HaproxyOptions {
  readonly port: number;
  readonly issuer: string;
  /** PEM file of the public key. */
  readonly key: string;
  /** Host and port. */
  readonly origin: string;
  /** Requests of a user a minute. */
  readonly limit: number;
}
