import { describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { CALLBACK, CHALLENGE, client, flowOf, VERIFIER, visitSim } from "./testing.ts";
import type { Tokens, Visit } from "./testing.ts";

type Vendor = "dexcom" | "garmin" | "strava";

const YEAR_MS = 365 * 86_400_000;

async function redeem(visit: Visit, vendor: Vendor, code: string, more: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  return visit.form(`/${vendor}${(await flowOf(vendor)).token}`, { ...client(vendor), grant_type: "authorization_code", code, redirect_uri: CALLBACK, ...more });
}

async function refresh(visit: Visit, vendor: Vendor, token: string): Promise<LightMyRequestResponse> {
  return visit.form(`/${vendor}${(await flowOf(vendor)).token}`, { ...client(vendor), grant_type: "refresh_token", refresh_token: token });
}

const PROBES: Record<Vendor, string> = {
  dexcom: "/dexcom/v3/users/self/dataRange", garmin: "/garmin/wellness-api/rest/user/id", strava: "/strava/api/v3/athlete",
};

describe("consent pages", () => {
  it("offer people, allow and deny without script, and escape what they are given", async () => {
    const visit = await visitSim();
    const query = new URLSearchParams({ ...client("dexcom"), redirect_uri: CALLBACK, response_type: "code", scope: "offline_access", state: '"><script>x</script>' });
    const answer = await visit.get(`/dexcom/v3/oauth2/login?${query.toString()}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toContain("text/html");
    expect(answer.body).toContain("&lt;script&gt;");
    expect(answer.body).not.toContain("<script");
    expect(answer.body.match(/<option value=/g)?.length).toBe(6);
    expect(answer.body.indexOf('value="ana"')).toBeLessThan(answer.body.indexOf('value="liam"'));
    expect(answer.headers["content-security-policy"]).toContain("form-action 'self' http://127.0.0.1:3000");
    expect(answer.body).not.toContain("dexcom-secret");
  });

  it("lead back with code and the unchanged state, or with access_denied", async () => {
    const visit = await visitSim();
    const allowed = await visit.consent("dexcom");
    expect(allowed.searchParams.get("state")).toBe("st&te");
    expect(allowed.searchParams.get("code")).toMatch(/^US_[0-9a-f-]{36}\.[0-9a-f-]{36}\.[0-9a-f-]{36}$/);
    const answer = await visit.form("/dexcom/v2/oauth2/login", {
      ...client("dexcom"), redirect_uri: CALLBACK, response_type: "code", scope: "offline_access", state: "s", decision: "deny",
    });
    expect(answer.statusCode).toBe(302);
    expect(answer.headers.location).toBe(`${CALLBACK}?error=access_denied&state=s`);
  });

  it("redirect nowhere for an unknown client or an unregistered address", async () => {
    const visit = await visitSim();
    for (const wrong of [{ client_id: "other" }, { redirect_uri: `${CALLBACK}/` }, { redirect_uri: "https://evil.example/" }]) {
      for (const [path, extra] of [["/dexcom/v3/oauth2/login", {}], ["/garmin/oauth2Confirm", { code_challenge: CHALLENGE, code_challenge_method: "S256" }]] as const) {
        const vendor = path.startsWith("/dexcom") ? "dexcom" : "garmin";
        const query = new URLSearchParams({ client_id: `${vendor}-id`, redirect_uri: CALLBACK, response_type: "code", scope: "offline_access", ...extra, ...wrong });
        const answer = await visit.get(`${path}?${query.toString()}`);
        expect(answer.statusCode).toBe(400);
        expect(answer.headers.location).toBeUndefined();
      }
    }
    const strava = new URLSearchParams({ client_id: "strava-id", redirect_uri: "https://evil.example/cb", response_type: "code", scope: "read" });
    expect((await visit.get(`/strava/oauth/authorize?${strava.toString()}`)).statusCode).toBe(400);
  });

  it("of Garmin insist on PKCE and leave historical data unticked", async () => {
    const visit = await visitSim();
    const query = { client_id: "garmin-id", redirect_uri: CALLBACK, response_type: "code", state: "s" };
    const refused = await visit.get(`/garmin/oauth2Confirm?${new URLSearchParams(query).toString()}`);
    expect(refused.headers.location).toBe(`${CALLBACK}?error=invalid_request&state=s`);
    const page = await visit.get(`/garmin/oauth2Confirm?${new URLSearchParams({ ...query, code_challenge: CHALLENGE, code_challenge_method: "S256" }).toString()}`);
    expect(page.body).toMatch(/value="HEALTH_EXPORT" checked/);
    expect(page.body).toMatch(/value="HISTORICAL_DATA_EXPORT">/);
  });

  it("of Strava return the scopes left ticked", async () => {
    const visit = await visitSim();
    const back = await visit.consent("strava", { permissions: ["read"] });
    expect(back.searchParams.get("scope")).toBe("read");
  });
});

describe.each(["dexcom", "garmin", "strava"] as const)("tokens of %s", (vendor) => {
  const proof = vendor === "garmin" ? { code_verifier: VERIFIER } : {};

  it("come for a code once", async () => {
    const visit = await visitSim();
    const code = (await visit.consent(vendor)).searchParams.get("code") ?? "";
    expect((await redeem(visit, vendor, code, proof)).statusCode).toBe(200);
    expect((await redeem(visit, vendor, code, proof)).statusCode).toBe(400);
  });

  it("do not come for a code past its life", async () => {
    const visit = await visitSim();
    const code = (await visit.consent(vendor)).searchParams.get("code") ?? "";
    visit.pass(vendor === "dexcom" ? 60_000 : 600_000);
    expect((await redeem(visit, vendor, code, proof)).statusCode).toBe(400);
  });

  it("do not come for wrong client credentials", async () => {
    const visit = await visitSim();
    const code = (await visit.consent(vendor)).searchParams.get("code") ?? "";
    expect([400, 401]).toContain((await redeem(visit, vendor, code, { ...proof, client_secret: "wrong" })).statusCode);
  });

  it("open the data until they expire, and a refresh opens it again", async () => {
    const visit = await visitSim();
    const tokens = await visit.connect(vendor);
    expect((await visit.get(PROBES[vendor], tokens.access_token)).statusCode).toBe(200);
    expect((await visit.get(PROBES[vendor])).statusCode).toBe(401);
    expect((await visit.get(PROBES[vendor], `${tokens.access_token.slice(0, -1)}x`)).statusCode).toBe(401);
    visit.pass(tokens.expires_in * 1000);
    expect((await visit.get(PROBES[vendor], tokens.access_token)).statusCode).toBe(401);
    const renewed = (await refresh(visit, vendor, tokens.refresh_token)).json<Tokens>();
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token);
    expect((await visit.get(PROBES[vendor], renewed.access_token)).statusCode).toBe(200);
    expect((await refresh(visit, vendor, tokens.refresh_token)).statusCode).toBe(400);
  });

  it("are of no use for another cloud", async () => {
    const visit = await visitSim();
    const tokens = await visit.connect(vendor);
    const other = vendor === "dexcom" ? "strava" : "dexcom";
    expect((await visit.get(PROBES[other], tokens.access_token)).statusCode).toBe(401);
  });
});

describe("token rules of their own", () => {
  it("Dexcom's live two hours, and its consent a year", async () => {
    const visit = await visitSim();
    const tokens = await visit.connect("dexcom");
    expect(tokens.expires_in).toBe(7200);
    visit.pass(YEAR_MS - 1000);
    const renewed = (await refresh(visit, "dexcom", tokens.refresh_token)).json<Tokens>();
    visit.pass(2000);
    expect((await refresh(visit, "dexcom", renewed.refresh_token)).statusCode).toBe(400);
  });

  it("Dexcom's PKCE is optional, and binding once begun", async () => {
    const query = { code_challenge: CHALLENGE, code_challenge_method: "S256" };
    for (const [verifier, status] of [[VERIFIER, 200], [VERIFIER.replace("v", "w"), 400], [null, 400]] as const) {
      const visit = await visitSim();
      const code = (await visit.consent("dexcom", { query })).searchParams.get("code") ?? "";
      expect((await redeem(visit, "dexcom", code, verifier === null ? {} : { code_verifier: verifier })).statusCode).toBe(status);
    }
  });

  it("Dexcom wants the same redirect address, in a form body with the secret in it", async () => {
    const visit = await visitSim();
    const code = (await visit.consent("dexcom")).searchParams.get("code") ?? "";
    expect((await redeem(visit, "dexcom", code, { redirect_uri: `${CALLBACK}2` })).json()).toMatchObject({ error: "invalid_grant" });
    const asJson = await visit.app.inject({ method: "POST", url: "/sim/dexcom/v3/oauth2/token", payload: { ...client("dexcom"), grant_type: "refresh_token" } });
    expect(asJson.statusCode).toBe(400);
  });

  it("Garmin's verifier must answer the challenge, and a failed try spends the code", async () => {
    const visit = await visitSim();
    const code = (await visit.consent("garmin")).searchParams.get("code") ?? "";
    expect((await redeem(visit, "garmin", code, { code_verifier: `${VERIFIER}x` })).statusCode).toBe(400);
    expect((await redeem(visit, "garmin", code, { code_verifier: VERIFIER })).statusCode).toBe(400);
  });

  it("Garmin's refresh token ends after 90 days without use", async () => {
    const visit = await visitSim();
    const tokens = await visit.connect("garmin");
    expect(tokens["refresh_token_expires_in"]).toBe(7_775_998);
    visit.pass(7_775_998_000);
    expect((await refresh(visit, "garmin", tokens.refresh_token)).statusCode).toBe(400);
  });

  it("Strava returns the tokens there are while more than an hour is left, and the athlete only with the code", async () => {
    const visit = await visitSim();
    const tokens = await visit.connect("strava");
    expect(tokens["athlete"]).toMatchObject({ resource_state: 2 });
    visit.pass(4.9 * 3_600_000);
    const same = (await refresh(visit, "strava", tokens.refresh_token)).json<Tokens>();
    expect(same.access_token).toBe(tokens.access_token);
    expect(same.refresh_token).toBe(tokens.refresh_token);
    expect(same["athlete"]).toBeUndefined();
    visit.pass(0.2 * 3_600_000);
    const other = (await refresh(visit, "strava", tokens.refresh_token)).json<Tokens>();
    expect(other.access_token).not.toBe(tokens.access_token);
    expect(other.expires_in).toBe(21_600);
  });

  it("Strava takes JSON too, and names the field of a wrong client", async () => {
    const visit = await visitSim();
    const code = (await visit.consent("strava")).searchParams.get("code") ?? "";
    const wrong = await visit.app.inject({ method: "POST", url: "/sim/strava/oauth/token", payload: { ...client("strava"), client_id: "1", grant_type: "refresh_token", refresh_token: "x" } });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json()).toMatchObject({ errors: [{ resource: "Application", field: "client_id", code: "invalid" }] });
    const right = await visit.app.inject({ method: "POST", url: "/sim/strava/api/v3/oauth/token", payload: { ...client("strava"), grant_type: "authorization_code", code } });
    expect(right.statusCode).toBe(200);
  });

  it("Strava's deauthorization ends every token and tells so", async () => {
    const visit = await visitSim();
    await visit.form("/strava/api/v3/push_subscriptions", { ...client("strava"), callback_url: "http://127.0.0.1:3000/webhooks/strava", verify_token: "v" });
    const tokens = await visit.connect("strava");
    expect((await visit.form("/strava/oauth/deauthorize", { access_token: tokens.access_token })).json()).toEqual({ access_token: tokens.access_token });
    expect((await visit.get(PROBES.strava, tokens.access_token)).statusCode).toBe(401);
    expect((await refresh(visit, "strava", tokens.refresh_token)).statusCode).toBe(400);
    visit.pass(2000);
    await visit.sim.control.tick();
    expect(JSON.parse(visit.sent[0]!.body)).toMatchObject({ object_type: "athlete", aspect_type: "update", updates: { authorized: "false" } });
  });
});
