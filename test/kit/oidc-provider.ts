/** A small OpenID Connect provider on loopback: discovery, authorization, tokens and keys, and the mistakes that one can make. */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CompactSign } from "jose";

/** Who is signed in at the provider, as it tells of them. */
export type Claims = Readonly<Record<string, unknown>>;

export interface OidcProvider {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Answers the authorization request as this person; gives where it leads the browser. */
  authorize(authorizeUrl: string, who: Claims): string;
  /** Changes the ID tokens from now on; null for good ones. */
  spoil(how: ((claims: Record<string, unknown>) => { claims?: Record<string, unknown>; key?: KeyObject; header?: Record<string, unknown> }) | null): void;
  /** How often codes were exchanged. */
  readonly exchanges: () => number;
  setAway(isAway: boolean): void;
  close(): Promise<void>;
}

interface Grant {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly claims: Record<string, unknown>;
}

export async function startOidcProvider(now: () => number): Promise<OidcProvider> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const client = { id: "islet-here", secret: randomBytes(24).toString("base64url") };
  const grants = new Map<string, Grant>();
  let spoiling: Parameters<OidcProvider["spoil"]>[0] = null;
  let isAway = false;
  let exchanges = 0;

  const answers: Readonly<Record<string, (request: IncomingMessage) => Promise<[number, object]> | [number, object]>> = {
    "/.well-known/openid-configuration": () => [200, {
      issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`, response_types_supported: ["code"],
      subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["ES256"], code_challenge_methods_supported: ["S256"], authorization_response_iss_parameter_supported: true,
    }],
    "/keys": () => [200, { keys: [{ ...createPublicKey(privateKey).export({ format: "jwk" }), kid: "p-1", use: "sig", alg: "ES256" }] }],
    "/token": async (request) => {
      const form = new URLSearchParams(await textOf(request));
      const code = form.get("code") ?? "";
      const grant = grants.get(code);
      grants.delete(code);
      const isClient = form.get("client_id") === client.id && form.get("client_secret") === client.secret;
      const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
      if (!grant || !isClient || challenge !== grant.challenge || form.get("redirect_uri") !== grant.redirectUri) return [400, { error: "invalid_grant" }];
      exchanges += 1;
      const spoilt = spoiling?.(grant.claims) ?? {};
      const idToken = await new CompactSign(Buffer.from(JSON.stringify(spoilt.claims ?? grant.claims))).setProtectedHeader({ alg: "ES256", kid: "p-1", ...spoilt.header }).sign(spoilt.key ?? privateKey);
      return [200, { access_token: "opaque", token_type: "Bearer", expires_in: 300, id_token: idToken }];
    },
  };
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [status, body] = (await answers[new URL(request.url!, "http://x").pathname]?.(request)) ?? [404, {}];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    if (isAway) request.socket.destroy();
    else void reply(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    issuer, client,
    authorize: (authorizeUrl, who) => {
      const asked = new URL(authorizeUrl).searchParams;
      const code = randomBytes(16).toString("base64url");
      const nowS = Math.floor(now() / 1_000);
      grants.set(code, {
        challenge: asked.get("code_challenge")!, redirectUri: asked.get("redirect_uri")!,
        claims: { iss: issuer, aud: asked.get("client_id"), iat: nowS, exp: nowS + 300, nonce: asked.get("nonce"), ...who },
      });
      const back = new URL(asked.get("redirect_uri")!);
      for (const [name, value] of Object.entries({ code, state: asked.get("state")!, iss: issuer })) back.searchParams.set(name, value);
      return back.href;
    },
    spoil: (how) => (spoiling = how),
    exchanges: () => exchanges,
    setAway: (away) => (isAway = away),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
