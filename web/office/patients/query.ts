/** What the address asks of the list: each filter is a part of it, so that it survives a reload, a link and the way back. Who is searched for never is. Pure. */
import type { Asked } from "#web/client/operation-client.ts";

export type ListQuery = NonNullable<Asked<"get /clinic/patients">["query"]>;

/** Numbers, in percent or days. */
export const NUMBER_FILTERS = ["timeBelowFrom", "veryLowFrom", "timeAboveFrom", "veryHighFrom", "timeInRangeBelow", "timeInRangeFrom", "wearBelow", "noDataDays"] as const;
/** Some of several words. */
export const CHOICE_FILTERS = {
  age: ["day", "threeDays", "week", "older", "never"], connection: ["ok", "reconnect", "error", "none"],
  group: ["veryLow", "low", "veryHigh", "high", "drop", "lowTarget", "lowWear", "noData", "connection", "onTarget"], preset: ["standard", "older", "pregnancy", "pregnancyType2", "tight", "custom"],
  appointment: ["pending", "accepted", "created", "none"],
} as const;
export type NumberFilter = (typeof NUMBER_FILTERS)[number];
export type ChoiceFilter = keyof typeof CHOICE_FILTERS;
const TRUTH_FILTERS = ["untagged", "snoozed"] as const;
export const FILTERS = [...NUMBER_FILTERS, ...(Object.keys(CHOICE_FILTERS) as ChoiceFilter[]), "tags", "reviewedBefore", ...TRUTH_FILTERS] as const;
export type FilterName = (typeof FILTERS)[number];

export const DAYS = ["7", "14", "30", "90"] as const;
export type Days = (typeof DAYS)[number];

export const SORTS = [
  "name", "lastData", "lastValue", "timeInRange", "timeBelow", "veryLow", "timeAbove", "veryHigh", "tight", "mean", "gmi", "cv", "wear", "change", "lowEvents", "highEvents", "connection", "lastReviewed", "preset", "tags", "group", "appointment",
] as const;
export type Sort = (typeof SORTS)[number];

export interface ListAsked {
  readonly days: Days;
  readonly sort: Sort;
  readonly order: "asc" | "desc";
  /** From 1. */
  readonly page: number;
  /** Only what stands to reason; what an old link says wrongly is not there. */
  readonly filters: Readonly<Partial<Record<FilterName, string>>>;
  readonly tagsMatch: "any" | "all";
}

const oneOf = <T extends string>(words: readonly T[], text: string | null, otherwise: T): T => words.find((word) => word === text) ?? otherwise;

export function askedOf(address: URLSearchParams): ListAsked {
  const filters: Partial<Record<FilterName, string>> = {};
  for (const name of FILTERS) {
    const text = address.get(name);
    if (text !== null && isSensible(name, text)) filters[name] = text;
  }
  const page = Number(address.get("page"));
  return {
    days: oneOf(DAYS, address.get("days"), "14"), sort: oneOf(SORTS, address.get("sort"), "name"), order: oneOf(["asc", "desc"] as const, address.get("order"), "asc"),
    page: Number.isInteger(page) && page > 0 ? page : 1, filters, tagsMatch: oneOf(["any", "all"] as const, address.get("tagsMatch"), "any"),
  };
}

function isSensible(name: FilterName, text: string): boolean {
  if ((NUMBER_FILTERS as readonly string[]).includes(name)) return /^\d{1,4}([.]\d+)?$/.test(text) && Number(text) <= (name === "noDataDays" ? 3_650 : 100);
  if (name in CHOICE_FILTERS) return text.split(",").every((word) => (CHOICE_FILTERS[name as ChoiceFilter] as readonly string[]).includes(word));
  if (name === "tags") return text.split(",").every((id) => /^[0-9a-f-]{36}$/.test(id));
  if (name === "reviewedBefore") return /^\d{4}-\d{2}-\d{2}$/.test(text);
  return text === "true" || text === "false";
}

/** As the API is asked, but for the cursor. A day begins by the viewer's clock. */
export function queryOf({ days, sort, order, filters, tagsMatch }: ListAsked): ListQuery {
  const { reviewedBefore, ...rest } = filters;
  return {
    days, sort, order, ...rest, ...(filters.tags !== undefined && tagsMatch === "all" ? { tagsMatch } : {}),
    ...(reviewedBefore === undefined ? {} : { reviewedBefore: new Date(`${reviewedBefore}T00:00`).toISOString() }),
  } as unknown as ListQuery;
}

/** The address with a filter set, or without it; another list begins at its first page. */
export function withFilter(address: URLSearchParams, name: FilterName | "days" | "tagsMatch", value: string | null): URLSearchParams {
  const next = new URLSearchParams(address);
  next.delete("page");
  if (value === null || value === "") next.delete(name);
  else next.set(name, value);
  return next;
}

/** Ordered by a column: the other way round where it is already. */
export function withSort(address: URLSearchParams, sort: Sort): URLSearchParams {
  const asked = askedOf(address);
  const next = new URLSearchParams(address);
  next.delete("page");
  next.set("sort", sort);
  next.set("order", asked.sort === sort && asked.order === "asc" ? "desc" : "asc");
  return next;
}

export function withoutFilters(address: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(address);
  for (const name of [...FILTERS, "tagsMatch", "page"]) next.delete(name);
  return next;
}

/** What a saved view keeps: filters, days and order, nobody's name and no page. */
export function viewOf(address: URLSearchParams): string {
  const { days, sort, order, filters, tagsMatch } = askedOf(address);
  return new URLSearchParams({ days, sort, order, ...filters, ...(tagsMatch === "all" ? { tagsMatch } : {}) }).toString();
}
