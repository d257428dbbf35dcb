/** What must hold for the mapping of any payload: pure, repeatable, and one bad item never harms its neighbours. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { MapResult } from "#driver/records.ts";
import type { Driver } from "#driver/types.ts";
import { ProviderContractBroken } from "#errors.ts";
import { faultsOfRecords } from "./contract-records.ts";

/** A payload of the vendor with the resource it belongs to. */
export interface ContractPayload {
  readonly resource: string;
  readonly payload: unknown;
  /** True where the payload is one item, whatever lists it holds inside. Default false. */
  readonly isSingleItem?: boolean;
  /** False where records grow out of several items together, so that a bad item may change its neighbours. Default true. */
  readonly hasIndependentItems?: boolean;
}

const CANARY = "canary-271828";
/** What a vendor may send by mistake in any field. `undefined` leaves the field away. */
const JUNK: readonly unknown[] = [undefined, null, CANARY, "", { [CANARY]: CANARY }, [CANARY], true, -1e308, 1e308, 0, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"];
/** Enough to meet every kind of item; a long recording would only repeat itself. */
const ITEMS_TRIED = 8;

/** Registers the tests of `driver.map` over the payloads. */
export function describePayloads(driver: Driver, payloads: readonly ContractPayload[], receivedMs: number): void {
  const map = (resource: string, payload: unknown): MapResult => driver.map(resource, payload, { receivedMs, zone: "Europe/Madrid" });
  const cases = payloads.map((each, index) => ({ ...each, title: `${each.resource} (payload ${index + 1})` }));

  describe("mapping", () => {
    afterEach(() => void vi.useRealTimers());

    it("has a payload for every resource that gives records", () => {
      const without = driver.resources.filter(({ name, records }) => records.length > 0 && !payloads.some(({ resource }) => resource === name));
      expect(without.map(({ name }) => name)).toEqual([]);
    });

    it.each(driver.resources.filter(({ format }) => format === "json").map(({ name }) => name))(
      "refuses an unusable %s as a whole, without a word of it",
      (resource) => {
        for (const junk of [null, undefined, CANARY, 271828, true]) {
          const error = thrownBy(() => map(resource, junk));
          expect(error).toBeInstanceOf(ProviderContractBroken);
          expect((error as ProviderContractBroken).message).not.toContain("271828");
        }
      },
    );

    describe.each(cases)("$title", ({ resource, payload, isSingleItem = false, hasIndependentItems = true }) => {
      it("gives valid records, and the same ones whatever the clock shows, without touching the payload", () => {
        const frozen = deepFreeze(structuredClone(payload));
        const result = map(resource, frozen);
        expect(faultsOfRecords(result.records, resourceOf(driver, resource), receivedMs)).toEqual([]);
        vi.useFakeTimers({ now: 0, toFake: ["Date"] });
        expect(map(resource, frozen)).toEqual(result);
        expect(frozen).toEqual(payload);
      });

      it("keeps what one bad field does not touch, and repeats no value [VA-05] [WH-15] [WH-25]", () => {
        for (const { index, corrupt } of corruptions(payload, isSingleItem)) {
          const result = mapOrBroken(() => map(resource, corrupt));
          if (result === null) continue;
          expect(faultsOfRecords(result.records, resourceOf(driver, resource), receivedMs)).toEqual([]);
          for (const { path, reason } of result.problems) {
            expect(path).toMatch(/^(\/.*)?$/);
            expect(path + reason).not.toContain("271828");
          }
          if (!hasIndependentItems || index === null) continue;
          const kept = new Set(result.records.map((record) => JSON.stringify(record)));
          const lost = map(resource, without(payload, index)).records.filter((record) => !kept.has(JSON.stringify(record)));
          expect(lost).toEqual([]);
        }
        expect(Object.hasOwn(Object.prototype, CANARY)).toBe(false);
      });
    });
  });
}

function resourceOf(driver: Driver, name: string): Driver["resources"][number] {
  const resource = driver.resources.find((each) => each.name === name);
  if (!resource) throw new Error(`The driver has no resource ${name}.`);
  return resource;
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return null;
}

/** Null where the whole payload was refused in the agreed way; any other error goes through. */
function mapOrBroken(action: () => MapResult): MapResult | null {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ProviderContractBroken)) throw error;
    expect(error.message + error.path).not.toContain("271828");
    return null;
  }
}

interface Corruption {
  /** Which item of the list was changed; null where the payload is no list. */
  readonly index: number | null;
  readonly corrupt: unknown;
}

/** The payload once for each field of its first items and each kind of junk. */
function* corruptions(payload: unknown, isSingleItem: boolean): Generator<Corruption> {
  const list = isSingleItem ? null : listOf(payload);
  if (list === null) {
    for (const junk of fieldsWithJunk(payload)) yield { index: null, corrupt: junk };
    return;
  }
  for (const [index, item] of list.entries()) {
    if (index >= ITEMS_TRIED) return;
    for (const junk of fieldsWithJunk(item)) yield { index, corrupt: replaced(payload, index, junk) };
    for (const junk of JUNK) if (junk !== undefined) yield { index, corrupt: replaced(payload, index, junk) };
  }
}

function* fieldsWithJunk(item: unknown): Generator {
  if (typeof item !== "object" || item === null) return;
  for (const name of Object.keys(item)) {
    for (const junk of JUNK) {
      const { [name]: _, ...rest } = item as Record<string, unknown>;
      yield junk === undefined ? rest : { ...rest, [name]: junk };
    }
  }
}

/** The list in a payload: itself, or its first property that is a list of objects. */
function listOf(payload: unknown): readonly unknown[] | null {
  if (Array.isArray(payload)) return payload as unknown[];
  const name = listName(payload);
  return name === null ? null : ((payload as Record<string, unknown>)[name] as unknown[]);
}

function listName(payload: unknown): string | null {
  if (typeof payload !== "object" || payload === null) return null;
  const entry = Object.entries(payload).find(([, value]: [string, unknown]) => Array.isArray(value) && value.length > 0 && typeof value[0] === "object");
  return entry?.[0] ?? null;
}

function withList(payload: unknown, change: (list: readonly unknown[]) => unknown[]): unknown {
  if (Array.isArray(payload)) return change(payload);
  const name = listName(payload);
  return name === null ? payload : { ...(payload as object), [name]: change(listOf(payload) ?? []) };
}

function replaced(payload: unknown, index: number, item: unknown): unknown {
  return withList(payload, (list) => list.with(index, item));
}

function without(payload: unknown, index: number): unknown {
  return withList(payload, (list) => list.toSpliced(index, 1));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const each of Object.values(value)) deepFreeze(each);
    Object.freeze(value);
  }
  return value;
}
