/**
 * What Android bridges push: one shape for Health Connect and Samsung Health, as Open Wearables' SDK has it, with deletions beside it. Source: Health
 * Connect and Samsung Health facts, Sample payloads.
 */
import { z } from "zod";
import { looseNumber } from "../payload.ts";

export const number = z.unknown().optional().transform(looseNumber);
const word = z.string().nullish().catch(null);

const source = z.object({ appId: word, deviceId: word, deviceManufacturer: word, deviceModel: word, deviceType: word, recordingMethod: word }).nullish().catch(null);

const timed = { id: word, parentId: word, startDate: z.string(), endDate: word, zoneOffset: word, source };

export const measure = z.object({
  ...timed, type: z.string(), value: number, unit: word,
  metadata: z.object({ method: word, specimenSource: word, mealType: word, relationToMeal: word, sampleSourceType: word, text: word }).nullish().catch(null),
});
export type Measure = z.infer<typeof measure>;

export const stage = z.object({ ...timed, stage: word });
export type Stage = z.infer<typeof stage>;

const value = z.object({ type: z.string(), value: number, unit: word });
export const workout = z.object({
  ...timed, type: word, title: word, values: z.array(value.catch({ type: "", value: null, unit: null })).nullish().catch(null),
  samples: z.array(z.object({ timestamp: z.string(), type: z.string(), value: number, unit: word }).catch({ timestamp: "", type: "", value: null, unit: null })).nullish().catch(null),
});
export type Workout = z.infer<typeof workout>;

const parts = z.looseObject({ records: z.array(z.unknown()).nullish(), sleep: z.array(z.unknown()).nullish(), workouts: z.array(z.unknown()).nullish() });

/** The lists may stand under `data` or at the top; one of them at least. */
export const push = z.union([
  z.looseObject({ data: parts, deletedIds: z.array(z.string()).nullish().catch(null) }),
  parts.refine(({ records, sleep, workouts }) => Boolean(records ?? sleep ?? workouts)).transform((data) => ({ data, deletedIds: z.array(z.string()).catch([]).parse(data["deletedIds"]) })),
]);
