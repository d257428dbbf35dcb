/** Four ways of doing OAuth, for the tests of this room. */
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

/** Answers HTTP 200 to everything, and wraps it. */
export const wrapping: OAuth2Auth = {
  ...commas,
  tokenPath: "/v2/oauth2",
  sendsRedirectUriWithCode: true,
  refreshTokenRotates: true,
  extraTokenParameters: { action: "requesttoken" },
  answerEnvelope: {
    statusField: "status", bodyField: "body", wordsField: "error",
    refusals: [
      { statuses: [401, 503], words: /client/i, meaning: "operator" },
      { statuses: [503], words: /code|token/i, meaning: "person" },
      { statuses: [401], meaning: "person" },
      { statuses: [601], meaning: "limit" },
      { statuses: [522], meaning: "time" },
    ],
  },
};
