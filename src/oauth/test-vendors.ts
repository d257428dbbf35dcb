/** Three ways of doing OAuth, for the tests of this room. */
import type { OAuth2Auth } from "./types.ts";

export const strict: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/oauth2Confirm",
  tokenPath: "/di-oauth2-service/oauth/token",
  scopes: [],
  scopeSeparator: " ",
  pkce: "required",
  clientAuthentication: "body",
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 3_600,
  refreshTokenRotates: true,
};

export const commas: OAuth2Auth = {
  ...strict,
  authorizePath: "/oauth/authorize",
  tokenPath: "/oauth/token",
  scopes: ["read", "activity:read_all"],
  scopeSeparator: ",",
  pkce: "none",
  extraAuthorizeParameters: { approval_prompt: "auto" },
  sendsRedirectUriWithCode: false,
  refreshTokenRotates: false,
};

export const lenient: OAuth2Auth = {
  ...strict,
  authorizePath: "/v3/oauth2/login",
  tokenPath: "/v3/oauth2/token",
  scopes: ["offline_access", "egv"],
  pkce: "default-on",
  bareRefusalEndsGrant: true,
};
