import { describe, expect, it } from "vitest";
import { InternalError } from "../errors.ts";
import { buildAuthorizeUrl } from "./authorize-url.ts";
import { commas, lenient, strict } from "./test-vendors.ts";

const common = {
  endpoints: { auth: "https://vendor.example/base" },
  clientId: "islet & co",
  redirectUri: "https://islet.example/oauth/x/callback?a=1",
  state: "s-1_2",
};

describe("buildAuthorizeUrl", () => {
  it("[E2][P1] gives every parameter of a PKCE flow, encoded", () => {
    expect(buildAuthorizeUrl({ ...common, auth: lenient, scopes: lenient.scopes, challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" })).toBe(
      "https://vendor.example/base/v3/oauth2/login?response_type=code&client_id=islet%20%26%20co" +
        "&redirect_uri=https%3A%2F%2Fislet.example%2Foauth%2Fx%2Fcallback%3Fa%3D1&scope=offline_access%20egv&state=s-1_2" +
        "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    );
  });

  it("[P1] joins scopes by comma and adds the vendor's own parameters where it says so", () => {
    const { searchParams } = new URL(buildAuthorizeUrl({ ...common, auth: commas, scopes: commas.scopes }));
    expect(Object.fromEntries(searchParams)).toEqual({
      approval_prompt: "auto",
      response_type: "code",
      client_id: "islet & co",
      redirect_uri: common.redirectUri,
      scope: "read,activity:read_all",
      state: "s-1_2",
    });
  });

  it("[P1] asks for the scopes it is given, whatever the vendor has by default", () => {
    expect(new URL(buildAuthorizeUrl({ ...common, auth: commas, scopes: ["read", "food"] })).searchParams.get("scope")).toBe("read,food");
  });

  it("[P1] sends no scope to a vendor without scopes, and no challenge where PKCE is switched off", () => {
    expect(new URL(buildAuthorizeUrl({ ...common, auth: strict, scopes: strict.scopes, challenge: "c" })).searchParams.has("scope")).toBe(false);
    expect(new URL(buildAuthorizeUrl({ ...common, auth: lenient, scopes: lenient.scopes })).searchParams.has("code_challenge")).toBe(false);
  });

  it("[OA-09] never lets a vendor's extra parameter replace ours", () => {
    const auth = { ...commas, extraAuthorizeParameters: { state: "fixed", redirect_uri: "https://evil.example", response_type: "token" } };
    const { searchParams } = new URL(buildAuthorizeUrl({ ...common, auth, scopes: auth.scopes }));
    expect(searchParams.getAll("state")).toEqual(["s-1_2"]);
    expect(searchParams.getAll("redirect_uri")).toEqual([common.redirectUri]);
    expect(searchParams.getAll("response_type")).toEqual(["code"]);
  });

  it("keeps a plus sign apart from a space", () => {
    expect(buildAuthorizeUrl({ ...common, auth: commas, scopes: commas.scopes, state: "a+b c" })).toMatch(/state=a%2Bb%20c$/);
  });

  it("[OA-08] refuses to lose PKCE where it is required, or to send it where there is none", () => {
    expect(() => buildAuthorizeUrl({ ...common, auth: strict, scopes: strict.scopes })).toThrow(InternalError);
    expect(() => buildAuthorizeUrl({ ...common, auth: commas, scopes: commas.scopes, challenge: "c" })).toThrow(InternalError);
  });
});
