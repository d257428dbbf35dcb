import { describe, expect, it } from "vitest";
import { fakeFetch } from "#web/fake/fetch.ts";
import { createApi } from "./api.ts";
import { IDLE_MS, idleMsOf, Presence, STAFF_IDLE_MS } from "./presence.ts";
import { Requester } from "./request.ts";

const START = Date.parse("2026-03-12T15:22:00Z");

function scene() {
  let nowMs = START;
  const presence = new Presence(() => nowMs);
  const fake = fakeFetch({ nowMs: START });
  const api = createApi(new Requester({ fetch: fake.fetch, presence }));
  return { presence, api, background: () => fake.asked.at(-1)?.headers["x-islet-background"], pass: (ms: number) => void (nowMs += ms), now: () => nowMs };
}

describe("whether the person is there", () => {
  it("is said of requests that go out by themselves, and of none that follows a key or a touch [AU-21]", async () => {
    const { api, presence, background, pass, now } = scene();
    await api.providers();
    expect(background()).toBeUndefined();
    pass(60_000);
    await api.providers();
    expect(background()).toBe("1");
    expect(presence.askedMs, "the server has not heard of the person").toBe(START);
    presence.noteInput();
    expect(presence.isAway()).toBe(false);
    await api.providers();
    expect(background()).toBeUndefined();
    expect(presence.askedMs).toBe(now());
  });

  it("is never denied of a write: nothing writes by itself", async () => {
    const { api, background, pass } = scene();
    pass(60_000);
    await api.savePreferences({ locale: "es" });
    expect(background()).toBeUndefined();
  });

  it("is told between tabs, forward only and without an echo", () => {
    const { presence } = scene();
    const told: number[] = [];
    presence.onAsked = (atMs) => told.push(atMs);
    presence.noteAsked(START + 5_000);
    presence.noteAsked(START + 1_000);
    expect(presence.askedMs).toBe(START + 5_000);
    expect(told).toEqual([]);
    presence.noteAsked();
    expect(told).toEqual([START + 5_000]);
  });

  it("counts less time for those who see data of many", () => {
    expect(idleMsOf(["patient"])).toBe(IDLE_MS);
    expect(idleMsOf(["patient", "clinician"])).toBe(STAFF_IDLE_MS);
    expect(idleMsOf(["admin"])).toBe(STAFF_IDLE_MS);
  });
});
