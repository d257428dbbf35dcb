/** Diaries of finger-sticks as files, in both languages. [D5] */
import { describe, expect, it } from "vitest";
import { readGlucoseFile, recordsOf } from "./read-file.ts";
import type { ImportResult } from "./types.ts";

const read = (text: string): ImportResult => readGlucoseFile(new TextEncoder().encode(text), { zone: "Europe/Madrid" });

describe("a diary of finger-sticks", () => {
  it("is read with Spanish columns, decimal commas, types, notes, device and sequence", () => {
    const file = read("Fecha;Hora;Valor (mmol/L);Tipo;Nota;Dispositivo;Secuencia\n14/10/2026;07:30;5,8;DESAYUNO;antes de correr;m1;12\n14/10/2026;14:05;9,1;otras comidas;;;\n");
    expect([file.format, file.unit, file.problems]).toEqual(["readings-csv", "mmol/L", []]);
    expect(recordsOf(file)).toEqual([
      { record: "sample", metric: "glucose_meter", startMs: Date.UTC(2026, 9, 14, 5, 30), value: 5.8 * 18.01559, offsetMinutes: 120, device: { id: "m1" } },
      {
        record: "treatment", kind: "meter_glucose", vendorId: "m1/12", atMs: Date.UTC(2026, 9, 14, 5, 30), offsetMinutes: 120, amount: 5.8 * 18.01559, sentUnit: "mmol/L", syncSource: "import",
        meal: "breakfast", text: "antes de correr", sequence: "12", device: { id: "m1" },
      },
      { record: "sample", metric: "glucose_meter", startMs: Date.UTC(2026, 9, 14, 12, 5), value: 9.1 * 18.01559, offsetMinutes: 120, flags: ["manual"] },
      { record: "treatment", kind: "meter_glucose", vendorId: null, atMs: Date.UTC(2026, 9, 14, 12, 5), offsetMinutes: 120, amount: 9.1 * 18.01559, sentUnit: "mmol/L", syncSource: "import", meal: "other_meal", isManual: true },
    ]);
  });

  it("is read with English columns and a unit in each row, LO as below the meter's range", () => {
    const file = read("datetime,value,unit,type\n2026-10-14T07:30:00+02:00,104,mg/dL,BREAKFAST\n2026-10-14T12:30:00+02:00,6.1,mmol/L,LUNCH\n2026-10-14T20:00:00+02:00,LO,,DINNER\n");
    expect(recordsOf(file).flatMap((record) => (record.record === "treatment" ? [[Math.round(record.amount!), record.sentUnit, record.beyond]] : []))).toEqual([[104, "mg/dL", undefined], [110, "mmol/L", undefined], [19, "mg/dL", "below"]]);
  });

  it("lists a row of a type that is none, with those that are, and keeps its neighbours", () => {
    const file = read("date,time,value,unit,type\n2026-10-14,07:30,104,mg/dL,AYUNO\n2026-10-14,08:30,105,mg/dL,OTRO\n");
    expect(file.problems).toEqual([expect.objectContaining({ line: 2, reason: expect.stringMatching(/BREAKFAST \(DESAYUNO\)/) as string })]);
    expect(recordsOf(file)).toHaveLength(2);
  });

  it("leaves a plain table of glucose to its own format", () => {
    expect(read("time,gl\n2026-10-14T07:30:00Z,104\n").format).toBe("glucose-csv");
    expect(read("type,dateString,sgv\nsgv,2026-10-14T07:30:00Z,104\n").format).toBe("glucose-csv");
  });
});
