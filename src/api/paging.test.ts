import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidInput } from "../errors.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";

const context = { cursorSecret: "a secret of at least thirty-two characters" };
const runs = { numRuns: 200, seed: 20_261_015 };

describe("a cursor", () => {
  const positions = fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 4 });

  it("comes back as the place it was made of", () => {
    fc.assert(fc.property(fc.string(), positions, (scope, position) => {
      expect(decodeCursor(context, scope, encodeCursor(context, scope, position))).toEqual(position);
    }), runs);
  });

  it("works for no other list, filter or installation", () => {
    fc.assert(fc.property(fc.string(), fc.string(), positions, (scope, other, position) => {
      fc.pre(scope !== other);
      const cursor = encodeCursor(context, scope, position);
      expect(() => decodeCursor(context, other, cursor)).toThrow(InvalidInput);
      expect(() => decodeCursor({ cursorSecret: "another secret of thirty-two letters" }, scope, cursor)).toThrow(InvalidInput);
    }), runs);
  });

  it("is refused when a single letter of it changes", () => {
    const cursor = encodeCursor(context, "sleeps", [1_760_529_600_000, "42"]);
    for (let place = 0; place < cursor.length; place += 1) {
      const letter = cursor[place] === "A" ? "B" : "A";
      expect(() => decodeCursor(context, "sleeps", cursor.slice(0, place) + letter + cursor.slice(place + 1)), String(place)).toThrow(InvalidInput);
    }
  });

  it("is refused, and nothing else happens, for any text that is none", () => {
    fc.assert(fc.property(fc.string(), (text) => {
      expect(() => decodeCursor(context, "sleeps", text)).toThrow(InvalidInput);
    }), runs);
    for (const text of ["", ".", "..", "a.b.c", `${encodeCursor(context, "sleeps", [1])}.more`]) expect(() => decodeCursor(context, "sleeps", text), text).toThrow(InvalidInput);
  });

  it("needs no escaping in an address", () => {
    fc.assert(fc.property(fc.string(), positions, (scope, position) => {
      expect(encodeCursor(context, scope, position)).toMatch(/^[A-Za-z0-9_.-]+$/);
    }), runs);
  });
});
