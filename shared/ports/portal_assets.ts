/** The built page of officers, admins and auditors: by path, for instance `/assets/portal-1a2b3c4d.js`. */
export type PortalAssets = ReadonlyMap<string, PortalAsset>;

export interface PortalAsset {
  /** Of its text or image, for `Content-Type`. */
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The same, compressed by Brotli (RFC 7932) at the build. */
  readonly brotli?: Uint8Array<ArrayBuffer>;
}

/** The same as a value of a module, for runtimes without files: what is bytes there is base64 (RFC 4648, 4) here. */
export type PortalModule = Readonly<Record<string, PortalModuleAsset>>;

export interface PortalModuleAsset {
  readonly type: string;
  readonly body: string;
  readonly brotli?: string;
}

/** The one that is the page itself; all others are named after their content. */
export const PORTAL_PAGE = "/index.html";
