/** The pages about people, as they are drawn without a browser. */
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createApi } from "#web/client/api.ts";
import { ResourceCache, type ResourceSpec } from "#web/client/cache.ts";
import { ApiError } from "#web/client/errors.ts";
import { createPeopleApi } from "#web/client/people.ts";
import { Requester } from "#web/client/request.ts";
import { fakeSession, type FakeReply } from "#web/fake/api.ts";
import { type Asked, fakeFetch } from "#web/fake/fetch.ts";
import { IDS } from "#web/fake/people.ts";
import { DataProvider, type DataSource } from "./data.tsx";
import { LanguageProvider } from "./language.tsx";
import { en } from "./messages/en.ts";
import { es } from "./messages/es.ts";
import { endingOf } from "./parts/IdleWarning.tsx";
import { PasswordFault } from "./parts/NewPassword.tsx";
import { PeopleWords } from "./parts/PeopleWords.tsx";
import { accessesOf, apiKeysOf, consentsOf, dataExportsOf, erasuresOf, factorsOf, grantsOf, identitiesOf, offersToMeOf, sessionsOf, signInProvidersOf } from "./people.ts";
import { Account } from "./screens/account/Account.tsx";
import { LinkPages } from "./screens/links/LinkPages.tsx";
import { Privacy } from "./screens/privacy/Privacy.tsx";
import { Sharing } from "./screens/sharing/Sharing.tsx";
import { SecondStep } from "./screens/sign-in/SecondStep.tsx";

const NOW = Date.parse("2026-03-12T15:22:00Z");
const PATIENT = { id: IDS.patient, displayName: "Ana Demo", zone: "Europe/Madrid", isSelf: true };
const session = fakeSession({ nowMs: NOW });

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  return () => void vi.useRealTimers();
});

async function scene(locale: "en" | "es" = "en", override?: (asked: Asked) => FakeReply | undefined): Promise<(page: ReactNode) => string> {
  const source: DataSource = { api: createApi(new Requester({ fetch: fakeFetch({ nowMs: NOW, locale }, override).fetch })), cache: new ResourceCache(() => NOW) };
  const people = createPeopleApi(source.api.requester);
  const specs: ResourceSpec<unknown>[] = [
    signInProvidersOf(source.api), sessionsOf(people), identitiesOf(people), apiKeysOf(people), factorsOf(people), offersToMeOf(people), grantsOf(people, IDS.patient),
    accessesOf(people, IDS.patient, locale), consentsOf(people, IDS.patient, locale), dataExportsOf(people, IDS.patient), erasuresOf(people, IDS.patient),
  ];
  for (const spec of specs) source.cache.watch(spec, () => undefined);
  while (specs.some((spec) => source.cache.read(spec.key).isLoading)) await new Promise((resolve) => setImmediate(resolve));
  return (page) =>
    renderToStaticMarkup(
      <DataProvider value={source}>
        <LanguageProvider catalogue={locale === "es" ? { locale, messages: es } : { locale, messages: en }} unit="mg/dL" zone="Europe/Madrid">
          {page}
        </LanguageProvider>
      </DataProvider>,
    );
}

const words = (html: string): string => html.replace(/<[^>]+>/g, " ").replace(/&amp;/g, "&").replace(/&#x27;/g, "'").replace(/\s+/g, " ");
const leave = (): undefined => undefined;

describe("the account page", () => {
  it("names devices, factors that count, keys, and places to sign in from; nothing half-made", async () => {
    const text = words((await scene())(<Account session={session} onSignOut={leave} />));
    expect(text).toContain("Firefox · Windows");
    expect(text).toContain("This device");
    expect(text).toContain("A program");
    expect(text).toContain("My phone");
    expect(text).not.toContain("Never confirmed");
    expect(text).toContain("1 recovery code is left.");
    expect(text).toContain("My app");
    expect(text).toContain("Read data and Add measurements");
    expect(text).toContain("Link Our clinic");
  });

  it("gives patients the way by Privacy, and others their own way out", async () => {
    const wrap = await scene();
    expect(wrap(<Account session={session} onSignOut={leave} />)).toContain('href="/privacy"');
    expect(wrap(<Account session={{ ...session, patientId: null, roles: ["clinician"] }} onSignOut={leave} />)).toContain('data-testid="account-delete"');
  });

  it("says which part failed while the rest is there", async () => {
    const text = words((await scene("en", ({ path }) => (path === "/api-keys" ? { status: 503, body: { code: "unavailable" } } : undefined)))(<Account session={session} onSignOut={leave} />));
    expect(text).toContain("Code: unavailable Try again");
    expect(text).toContain("Firefox · Windows");
  });

  it("says it in Spanish, with no key left over", async () => {
    const wrap = await scene("es");
    const pages = [wrap(<Account session={session} onSignOut={leave} />), wrap(<Sharing session={session} patient={PATIENT} />), wrap(<Privacy patient={PATIENT} />)];
    for (const text of pages.map(words)) {
      expect(text).toMatch(/[áéíóú¿]/);
      expect(text).not.toMatch(/\b[a-zA-Z]+\.[a-z]+[A-Z]?[a-z]*\b(?<!example\.org|carla@example\.org|ana@example\.org)/);
    }
  });
});

describe("the sharing page", () => {
  it("shows an emergency access as one, which cannot be changed and can be ended", async () => {
    const html = (await scene())(<Sharing session={session} patient={PATIENT} />);
    const rows = [...html.matchAll(/<li class="row" data-testid="grant">(.*?)<\/li>/gs)].map((match) => match[1]!);
    expect(rows).toHaveLength(2);
    expect(words(rows[0]!)).not.toContain("Emergency access");
    expect(words(rows[1]!)).toContain("Emergency access");
    expect(rows[1]).not.toContain("grant-change");
    expect(rows[1]).toContain("grant-end");
  });

  it("says who looked, in words, how often and when, and goes on by pages", async () => {
    const html = (await scene())(<Sharing session={session} patient={PATIENT} />);
    expect(words(html)).toMatch(/Robin Demo Clinician Looked at glucose 3 times, the last one /);
    expect(words(html)).toContain("An account that is gone");
    expect(html).toContain("accesses-more");
  });

  it("shows what is offered to me, and lets me give up what is not mine", async () => {
    const html = (await scene())(<Sharing session={session} patient={{ ...PATIENT, isSelf: false }} />);
    expect(words(html)).toContain("Bruno Ejemplo wants to share data with you");
    expect(html).toContain("my-grant-end");
  });

  it("hides from whoever only looks what is not theirs to see", async () => {
    const html = (await scene("en", ({ path }) => (/grants$|accesses$/.test(path) ? { status: 403, body: { code: "not_permitted" } } : undefined)))(
      <Sharing session={session} patient={{ ...PATIENT, isSelf: false }} />,
    );
    expect(html).not.toContain('data-testid="grants"');
    expect(html).not.toContain('data-testid="accesses"');
    expect(html).not.toContain("not_permitted");
  });
});

describe("the privacy page", () => {
  it("shows the words that count and asks anew where they have changed; vendors only where something was decided", async () => {
    const html = (await scene())(<Privacy patient={PATIENT} />);
    const text = words(html);
    expect(text).toContain("Keep my data here The text has changed I want Islet to keep my health data.");
    expect(/data-testid="consent-storage">.*?<\/li>/s.exec(html)![0]).toContain("consent-give");
    expect(/data-testid="consent-vendor:dexcom">.*?<\/li>/s.exec(html)![0]).not.toContain("consent-give");
    expect(html).not.toContain("consent-vendor:oura");
  });

  it("follows a package that is being made, offers one that is ready, and forgets one that is gone", async () => {
    const html = (await scene())(<Privacy patient={PATIENT} />);
    expect(html).toContain('<progress value="0.4"');
    expect(html).toContain(`href="/api/v1/patients/${IDS.patient}/data-exports/e2/file"`);
    expect(html).not.toContain("package-gone");
    expect(words(html)).toContain("50 kB · 42 files");
  });

  it("says when everything goes, and lets one change one's mind until then; of somebody else's record not at all", async () => {
    const wrap = await scene();
    expect(wrap(<Privacy patient={PATIENT} />)).toContain("erase-undo");
    expect(wrap(<Privacy patient={{ ...PATIENT, isSelf: false }} />)).not.toContain('data-testid="erasures"');
  });
});

describe("signing in and links", () => {
  it("offers the ways that the person has, the first one open", async () => {
    const asked = { challengeId: "c", expiresAt: "", methods: ["totp", "recovery_code"] as const, passkeyOptions: null };
    const html = (await scene())(<SecondStep asked={asked} onSession={leave} onBack={leave} />);
    expect(html).toMatch(/autoComplete="one-time-code"/);
    expect(words(html)).toContain("Recovery code");
    expect(words(html)).not.toContain("Passkey");
  });

  it("says what to do where a page was opened without its link", async () => {
    const wrap = await scene();
    for (const path of ["/verify", "/invitation", "/email-undo"]) expect(words(wrap(<LinkPages path={path} />)), path).toContain("needs the whole link");
  });

  it("says why a password was refused, and what to do about a link that is used up", async () => {
    const wrap = await scene();
    const fault = (code: string): string => words(wrap(<PeopleWords><PasswordFault error={new ApiError({ kind: "problem", status: 400, code })} /></PeopleWords>));
    expect(fault("weak_password")).toContain("Choose another.");
    expect(fault("link_invalid")).toContain("Ask for a new one.");
    expect(fault("other")).toContain("Code: other");
  });
});

describe("the end of a session", () => {
  const MINUTE_MS = 60_000;
  const at = (minutes: number, facts: { lastEndMs?: number; isHere?: boolean } = {}) =>
    endingOf({ nowMs: minutes * MINUTE_MS, askedMs: 0, idleMs: 30 * MINUTE_MS, lastEndMs: 720 * MINUTE_MS, isHere: false, ...facts });

  it("is warned of two minutes before, and over when it is over [AU-21]", () => {
    expect(at(27)).toEqual({ kind: "far" });
    expect(at(28)).toEqual({ kind: "near", leftMs: 2 * MINUTE_MS, canStay: true });
    expect(at(30)).toEqual({ kind: "over" });
  });

  it("is put off by whoever is there, while they are there, and not by what they did before they went", () => {
    expect(at(4, { isHere: true })).toEqual({ kind: "far" });
    expect(at(6, { isHere: true })).toEqual({ kind: "unheard" });
    expect(at(29, { isHere: true })).toEqual({ kind: "unheard" });
    expect(at(31, { isHere: true })).toEqual({ kind: "over" });
  });

  it("cannot be put off beyond the session's last", () => {
    expect(at(19, { lastEndMs: 20 * MINUTE_MS, isHere: true })).toEqual({ kind: "near", leftMs: MINUTE_MS, canStay: false });
  });
});
