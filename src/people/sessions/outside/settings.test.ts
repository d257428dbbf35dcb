import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../errors.ts";
import { parseSignInProviders, parseTokenIssuers } from "./settings.ts";

const ORGANIZATION = "11111111-2222-4333-8444-555555555555";
const SHARED = "a secret that only two of us know";
const provider = { id: "clinic", name: "Our clinic", issuer: "https://id.example.org", clientId: "islet", clientSecret: SHARED };

describe("issuers of tokens [R7]", () => {
  it("are none unless the operator says so", () => expect([parseTokenIssuers("", false), parseTokenIssuers(" [] ", false)]).toEqual([[], []]));

  it("of a Supabase project are told in one line, with published keys or the shared secret", () => {
    const issuer = "https://abc.supabase.co/auth/v1";
    const [published, shared] = parseTokenIssuers(JSON.stringify([
      { issuer, audience: "authenticated", jwksUrl: `${issuer}/.well-known/jwks.json`, create: { role: "patient", organization: ORGANIZATION } },
      { issuer: "another", audience: "authenticated", sharedSecret: SHARED },
    ]), false);
    expect(published).toEqual({
      issuer, audience: "authenticated", userClaim: "sub", newcomers: { role: "patient", organizationId: ORGANIZATION },
      keys: { kind: "published", url: `${issuer}/.well-known/jwks.json`, algorithms: ["ES256", "RS256"] },
    });
    expect(shared).toMatchObject({ newcomers: null, keys: { kind: "shared" } });
    expect(JSON.stringify(shared)).not.toContain(SHARED);
  });

  it.each([
    ["no JSON", "{", "ISLET_TOKEN_ISSUERS must be a JSON list"],
    ["no list", "{}", "ISLET_TOKEN_ISSUERS is not as described"],
    ["keys of both kinds", JSON.stringify([{ issuer: "x", audience: "y", jwksUrl: "https://x.example", sharedSecret: SHARED }]), "Entry 1 of ISLET_TOKEN_ISSUERS needs either jwksUrl or sharedSecret"],
    ["keys of neither kind", JSON.stringify([{ issuer: "x", audience: "y" }]), "needs either"],
    ["algorithms for a shared secret", JSON.stringify([{ issuer: "x", audience: "y", sharedSecret: SHARED, algorithms: ["RS256"] }]), "whose algorithm is HS256"],
    ["HS256 for published keys", JSON.stringify([{ issuer: "x", audience: "y", jwksUrl: "https://x.example", algorithms: ["HS256"] }]), "(algorithms.0)"],
    ["a short secret", JSON.stringify([{ issuer: "x", audience: "y", sharedSecret: "short" }]), "(sharedSecret)"],
    ["plain http", JSON.stringify([{ issuer: "x", audience: "y", jwksUrl: "http://x.example" }]), "must be reached by https://"],
    ["another scheme", JSON.stringify([{ issuer: "x", audience: "y", jwksUrl: "file:///etc/passwd" }]), "(jwksUrl)"],
    ["a role that gives rights", JSON.stringify([{ issuer: "x", audience: "y", sharedSecret: SHARED, create: { role: "admin", organization: ORGANIZATION } }]), "(create.role)"],
    ["a misspelt name", JSON.stringify([{ issuer: "x", audience: "y", sharedSecret: SHARED, audiences: "z" }]), "Entry 1"],
    ["an issuer twice", JSON.stringify([{ issuer: "x", audience: "y", sharedSecret: SHARED }, { issuer: "x", audience: "z", sharedSecret: SHARED }]), "names an issuer twice"],
  ])("with %s stop the start, and repeat no secret", (_name, text, message) => {
    expect(() => parseTokenIssuers(text, false)).toThrow(ConfigError);
    expect(() => parseTokenIssuers(text, false)).toThrow(message);
    expect(() => parseTokenIssuers(text, false)).not.toThrow(SHARED);
  });
});

describe("providers of sign-in", () => {
  it("ask for openid, e-mail and name, make nobody and link nobody unless told", () => {
    expect(parseSignInProviders(JSON.stringify([provider]), false)).toMatchObject([{ id: "clinic", scope: "openid email profile", linksByVerifiedEmail: false, newcomers: null }]);
    expect(parseSignInProviders(JSON.stringify([{ ...provider, linkByVerifiedEmail: true }]), false)).toMatchObject([{ linksByVerifiedEmail: true }]);
  });

  it.each([
    ["an id that is no part of an address", [{ ...provider, id: "Our Clinic" }], "(id)"], ["an id twice", [provider, { ...provider, issuer: "https://x.example" }], "same id twice"],
    ["an issuer twice", [provider, { ...provider, id: "b" }], "same issuer twice"], ["plain http", [{ ...provider, issuer: "http://id.example.org" }], "must be reached by https://"],
  ])("with %s stop the start", (_name, list, message) => {
    expect(() => parseSignInProviders(JSON.stringify(list), false)).toThrow(message);
  });
});
