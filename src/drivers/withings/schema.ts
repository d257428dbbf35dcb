/**
 * Withings' answers, with the fields that are used; null, numbers as text and unknown fields are borne. Source: vendors/withings.md
 * (read 2026-11-20).
 */
import { z } from "zod";
import { looseNumber, parseEnvelope } from "#driver/payload.ts";

const loose = (value: unknown): unknown => (typeof value === "string" ? (looseNumber(value) ?? value) : value);
const sure = z.preprocess(loose, z.number());
const number = sure.nullish();
const text = z.string().nullish();

/** Ids are 64-bit; one that a JavaScript number cannot hold exactly is refused rather than rounded. */
const id = z.union([z.int().nonnegative().transform(String), z.string().regex(/^\d{1,20}$/)]);

/** PHP writes an object without fields as an empty list. */
const emptyList = z.array(z.never()).max(0).transform(() => ({}));
const fields = z.custom<Readonly<Record<string, unknown>>>((value) => typeof value === "object" && value !== null && !Array.isArray(value));
const object = z.union([emptyList, fields]);

export interface Opened<T> {
  readonly body: T;
  /** JSON pointer of the body in the payload. */
  readonly path: "" | "/body";
}

/** The body of an answer, wrapped in `{status, body}` as Withings sends it, or bare. Throws ProviderContractBroken with the path. */
export function openAnswer<T>(schema: z.ZodType<T>, payload: unknown, what: string): Opened<T> {
  const isWrapped = typeof payload === "object" && payload !== null && "status" in payload && "body" in payload;
  if (!isWrapped) return { body: parseEnvelope(schema, payload, what), path: "" };
  const wrapped: z.ZodType<{ body: T }> = z.looseObject({ body: schema });
  return { body: parseEnvelope(wrapped, payload, what).body, path: "/body" };
}

const items = z.array(z.unknown());

export const account = z.looseObject({ userid: id });
export const devices = z.looseObject({ devices: items });
export const device = z.looseObject({ timezone: text, last_session_date: number });

/** `more` is 0 or 1 here, true or false there. */
export const paged = z.looseObject({ more: z.union([z.boolean(), z.number()]).nullish(), offset: number });

export const measures = z.looseObject({ timezone: text, measuregrps: items });
export const activities = z.looseObject({ activities: items });
export const intraday = z.looseObject({ series: object });
export const series = z.looseObject({ series: items });
/** The documents print one object, live answers hold a list. */
export const sleepSeries = z.looseObject({
  series: z.union([items, z.looseObject({ startdate: sure }).transform((one): unknown[] => [one])]),
});
/** A night as the driver stores it: one item of the summaries, with the body of the details asked for it. */
export const night = z.looseObject({ summary: fields, detail: sleepSeries.nullish() });

const device_fields = { deviceid: text, hash_deviceid: text, model: z.union([z.string(), z.number()]).nullish(), model_id: number };

export const measureGroup = z.looseObject({
  ...device_fields,
  grpid: id.nullish(),
  attrib: number,
  date: sure,
  modified: number,
  category: number,
  timezone: text,
  measures: items,
});
export type MeasureGroup = z.infer<typeof measureGroup>;

export const measure = z.looseObject({
  value: sure, type: z.preprocess(loose, z.int()), unit: z.preprocess(loose, z.int().min(-12).max(12)), position: number,
});

export const activity = z.looseObject({
  ...device_fields,
  date: z.string(),
  timezone: text,
  brand: number,
  steps: number,
  distance: number,
  elevation: number,
  moderate: number,
  intense: number,
  active: number,
  calories: number,
  totalcalories: number,
  hr_average: number,
  hr_min: number,
  hr_max: number,
});

export const workout = z.looseObject({
  ...device_fields,
  id,
  category: number,
  timezone: text,
  attrib: number,
  startdate: sure,
  enddate: sure,
  data: object.nullish(),
});

export const workoutData = z.looseObject({
  calories: number,
  distance: number,
  steps: number,
  hr_average: number,
  hr_max: number,
  hr_zone_0: number,
  hr_zone_1: number,
  hr_zone_2: number,
  hr_zone_3: number,
  manual_calories: number,
  manual_distance: number,
  pause_duration: number,
});
export type WorkoutData = z.infer<typeof workoutData>;

export const sleepSummary = z.looseObject({
  ...device_fields,
  id: id.nullish(),
  timezone: text,
  startdate: sure,
  enddate: sure,
  data: object.nullish(),
});
export type SleepSummary = z.infer<typeof sleepSummary>;

export const sleepData = z.looseObject({
  total_timeinbed: number,
  total_sleep_time: number,
  asleepduration: number,
  lightsleepduration: number,
  deepsleepduration: number,
  remsleepduration: number,
  wakeupduration: number,
  sleep_efficiency: number,
  sleep_score: number,
  hr_min: number,
  hr_max: number,
  rr_average: number,
  rmssd_start_avg: number,
  rmssd_end_avg: number,
});
export type SleepData = z.infer<typeof sleepData>;

const byTime = object.nullish();

export const sleepSegment = z.looseObject({
  ...device_fields,
  startdate: sure,
  enddate: sure,
  state: number,
  hr: byTime,
  rr: byTime,
  sdnn_1: byTime,
  rmssd: byTime,
});
export type SleepSegment = z.infer<typeof sleepSegment>;

export const heartMeasurement = z.looseObject({
  ...device_fields,
  timestamp: sure,
  heart_rate: number,
  bloodpressure: z.looseObject({ systole: number, diastole: number }).nullish(),
});

export const profiles = z.looseObject({ profiles: items });
export const profile = z.looseObject({ appli: z.int(), callbackurl: z.string() });
export const nonce = z.looseObject({ nonce: z.string().min(1) });

const asText = (value: unknown): unknown => (typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value);

/** Fields of a notification: a form, so all of them are text; written down as JSON they are numbers here and there. */
export const notification = z.looseObject({
  userid: z.preprocess(asText, z.string().regex(/^\d{1,20}$/)),
  appli: z.preprocess(asText, z.string().regex(/^\d{1,6}$/)),
  startdate: z.preprocess(asText, text),
  enddate: z.preprocess(asText, text),
  date: text,
  action: text,
});
export type Notification = z.infer<typeof notification>;
