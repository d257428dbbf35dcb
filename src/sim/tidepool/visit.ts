import { CHALLENGE, type Flow, VERIFIER } from "../testing.ts";

const REALM = "/realms/tidepool/protocol/openid-connect";

export const flow: Flow = {
  page: `${REALM}/auth`, token: `${REALM}/token`, permissions: [],
  query: { scope: "openid offline_access", code_challenge: CHALLENGE, code_challenge_method: "S256" }, proof: { code_verifier: VERIFIER },
};
