import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLOUDS } from "./clouds.ts";
import { SIM_CLOUDS } from "./sim.ts";
import { visitSim } from "./testing.ts";

describe("the list of clouds", () => {
  it("has each cloud once, under the name of its folder", () => {
    const ids = CLOUDS.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(2);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      expect(id).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(existsSync(new URL(`./${id}/cloud.ts`, import.meta.url)), id).toBe(true);
    }
    expect(SIM_CLOUDS.map(({ id }) => id)).toEqual(ids);
  });
});

describe.each(CLOUDS.map((cloud) => [cloud.id, cloud] as const))("the cloud of %s", (id, cloud) => {
  it("refuses too many calls, and says when to come back if it knows", () => {
    const [later, soon] = [cloud.refuse({ kind: "rate_limited", retryAfterSeconds: 7 }), cloud.refuse({ kind: "rate_limited" })];
    expect(later.body.length).toBeGreaterThan(0);
    expect(soon.headers ?? {}).not.toHaveProperty("retry-after");
  });

  it("has a form of its own for what is out of order, for a lost grant and for a path there is not", async () => {
    for (const refusal of [{ kind: "server_error", status: 503 }, { kind: "invalid_grant" }, { kind: "unknown_path" }] as const) {
      expect(cloud.refuse(refusal).body.length, refusal.kind).toBeGreaterThan(0);
    }
    const visit = await visitSim();
    const { body } = await visit.get(`/${id}/no/such/path`);
    expect(body).toBe(cloud.refuse({ kind: "unknown_path" }).body);
  });

  it("meets a fault at its own doors and at nobody else's", async () => {
    const visit = await visitSim();
    visit.sim.control.setFault(id, { kind: "server_error", status: 502, times: 1 });
    for (const other of CLOUDS) {
      const { body } = await visit.get(`/${other.id}/no/such/path`);
      const expected = other.refuse(other.id === id ? { kind: "server_error", status: 502 } : { kind: "unknown_path" });
      expect(body, other.id).toBe(expected.body);
    }
  });

  it("has switches that stand where they may stand, and no others", async () => {
    const { control } = (await visitSim()).sim;
    const { switches } = control.clouds().find((one) => one.id === id)!;
    for (const { name, position, initial } of switches) {
      expect(position).toBe(initial);
      expect(() => control.turn(id, name, initial)).not.toThrow();
      expect(() => control.turn(id, name, "no such position")).toThrow(RangeError);
    }
    expect(() => control.turn(id, "no such switch", "on")).toThrow(RangeError);
  });

  it("pushes nothing it does not know, and nothing about people who are not connected", async () => {
    const { control } = (await visitSim()).sim;
    await expect(control.push(id, "ana", "no such push")).rejects.toThrow(RangeError);
    for (const what of control.clouds().find((one) => one.id === id)!.pushes) await expect(control.push(id, "ana", what)).rejects.toThrow(/has not connected/);
  });

  it("calls each person something else, and the same at each call", async () => {
    const { control } = (await visitSim()).sim;
    const facts = control.people().map((person) => JSON.stringify(person.facts[id]));
    if (facts.some((text) => text !== "{}")) expect(new Set(facts).size).toBe(facts.length);
    expect(control.people().map((person) => JSON.stringify(person.facts[id]))).toEqual(facts);
  });

  it("lets time pass with nobody connected and tells nobody", async () => {
    const visit = await visitSim();
    visit.pass(3_600_000);
    expect(await visit.sim.control.tick()).toEqual([]);
  });
});
