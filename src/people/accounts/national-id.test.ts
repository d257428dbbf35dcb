import { describe, expect, it } from "vitest";
import { checkLetter, isSpanishId, nationalIdFault, normalizeNationalId } from "./national-id.ts";

describe("a national id", () => {
  it("is the same however it is written [D1]", () => {
    for (const text of ["12345678Z", "12345678z", " 12.345.678-Z ", "12 345 678 z", "１２３４５６７８Z"]) expect(normalizeNationalId(text), text).toBe("12345678Z");
  });

  it("of Spain has the letter of its number modulo 23 [D1]", () => {
    for (const id of ["12345678Z", "00000000T", "99999999R", "X1234567L", "Y1234567X", "Z1234567R"]) expect(nationalIdFault(id), id).toBeNull();
    for (const id of ["12345678A", "X1234567A", "00000000A"]) expect(nationalIdFault(id), id).toBe("check_letter");
    expect(isSpanishId("12345678A")).toBe(false);
  });

  it("of Spain with one digit wrong, or two changed about, is found out", () => {
    for (let number = 1; number < 100_000_000; number += 6_543_217) {
      const body = String(number).padStart(8, "0");
      const id = body + checkLetter(body);
      expect(nationalIdFault(id)).toBeNull();
      for (let place = 0; place < 8; place += 1) {
        const wrong = id.slice(0, place) + ((Number(id[place]) + 1) % 10) + id.slice(place + 1);
        expect(nationalIdFault(wrong), wrong).toBe("check_letter");
        const swapped = id.slice(0, place) + id[place + 1] + id[place] + id.slice(place + 2);
        if (place < 7 && id[place] !== id[place + 1]) expect(nationalIdFault(swapped), swapped).toBe("check_letter");
      }
    }
  });

  it("of another country has the form that the operator gives", () => {
    expect(nationalIdFault("1990011500123")).toBeNull();
    expect(nationalIdFault("AB12CD")).toBeNull();
    expect(nationalIdFault("AB12CD", /^\d{13}$/)).toBe("form");
    for (const bad of ["", "AB", "A".repeat(25), "12;DROP", "ÑÑÑÑ1", "A\u0000B1"]) expect(nationalIdFault(bad), bad).toBe("form");
  });
});
