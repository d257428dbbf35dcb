/** What of Tidepool's datums is read. Numbers may be texts. Source: vendors/tidepool.md, Common fields and Datum types. */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

/** Null for absent, and for what is no number. */
export const number = z.unknown().optional().transform(looseNumber);
const word = z.string().nullish().catch(null);
const measured = z.object({ value: number, units: word }).nullish().catch(null);

/** What each datum has. Only type and time cannot be done without. */
export const datum = z.looseObject({
  type: z.string(), id: z.string().nullish(), time: z.string(), deviceTime: word, timezoneOffset: number, deviceId: word,
  deletedTime: word, _active: z.boolean().nullish().catch(null),
});
export type Datum = z.infer<typeof datum>;

const annotation = z.object({ code: z.string(), value: z.unknown(), threshold: number });
export const glucose = z.object({
  value: number, units: word, subType: word, trendRate: number, trendRateUnits: word,
  annotations: z.array(annotation.catch({ code: "", value: null, threshold: null })).nullish().catch(null),
});

export const bolus = z.object({ subType: word, normal: number, extended: number, duration: number });
export const basal = z.object({ deliveryType: word, rate: number, percent: number, duration: number, suppressed: z.object({ rate: number }).nullish().catch(null) });
export const wizard = z.object({ carbInput: number, carbUnits: word });
export const insulin = z.object({ dose: z.object({ total: number }).nullish().catch(null), formulation: z.object({ simple: z.object({ actingType: word }).nullish() }).nullish().catch(null) });
export const food = z.object({
  name: word, meal: word,
  nutrition: z.object({ carbohydrate: z.object({ net: number, total: number, units: word }).nullish().catch(null) }).nullish().catch(null),
});
export const activity = z.object({
  activityType: word, activityTypeOther: word, name: word, duration: measured, distance: measured, energy: measured, step: z.object({ count: number }).nullish().catch(null),
});
