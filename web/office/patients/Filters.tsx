/** The filters of the list, each a part of the address; those that are set stand as chips that take them off. */
import { useId } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import type { MessageKey } from "../messages/catalogue.ts";
import { useLocale, useWords } from "../messages/words.ts";
import { useOperation } from "../data/queries.ts";
import { AGE_WORDS, APPOINTMENT_WORDS, HEALTH_WORDS, PRESET_WORDS } from "./cells.tsx";
import { askedOf, CHOICE_FILTERS, DAYS, NUMBER_FILTERS, withFilter, withoutFilters, type ChoiceFilter, type FilterName } from "./query.ts";

interface AddressProps {
  readonly address: URLSearchParams;
  readonly onChange: (next: URLSearchParams) => void;
}

export const FILTER_WORDS = {
  timeBelowFrom: "patients.filter.timeBelowFrom", veryLowFrom: "patients.filter.veryLowFrom", timeAboveFrom: "patients.filter.timeAboveFrom", veryHighFrom: "patients.filter.veryHighFrom",
  timeInRangeBelow: "patients.filter.timeInRangeBelow", timeInRangeFrom: "patients.filter.timeInRangeFrom", wearBelow: "patients.filter.wearBelow", noDataDays: "patients.filter.noDataDays",
  age: "patients.filter.age", connection: "patients.filter.connection", group: "patients.filter.group", preset: "patients.filter.preset", appointment: "patients.filter.appointment", tags: "patients.filter.tags",
  reviewedBefore: "patients.filter.reviewedBefore", untagged: "patients.filter.untagged", snoozed: "patients.filter.snoozed",
} as const satisfies Record<FilterName, MessageKey>;

/** What a word of a filter is called. */
function useChoiceWords(): (name: ChoiceFilter | "tags", word: string) => string {
  const t = useWords();
  const locale = useLocale();
  const rules = useOperation("get /clinic/attention-rules", {}, { staleMs: 300_000 });
  const tags = useOperation("get /tags", {}, { staleMs: 60_000 });
  return (name, word) => {
    if (name === "age") return t(AGE_WORDS[word as keyof typeof AGE_WORDS]);
    if (name === "connection") return t(HEALTH_WORDS[word as keyof typeof HEALTH_WORDS]);
    if (name === "preset") return t(PRESET_WORDS[word as keyof typeof PRESET_WORDS]);
    if (name === "appointment") return t(APPOINTMENT_WORDS[word as keyof typeof APPOINTMENT_WORDS]);
    if (name === "tags") return tags.data?.data.find(({ id }) => id === word)?.name ?? "…";
    return rules.data?.groups.find(({ group }) => group === word)?.title[locale] ?? word;
  };
}

export function FilterFields({ address, onChange }: AddressProps) {
  const t = useWords();
  const words = useChoiceWords();
  const { filters, tagsMatch, days } = askedOf(address);
  const tags = useOperation("get /tags", {}, { staleMs: 60_000 });
  const set = (name: FilterName | "days" | "tagsMatch", value: string): void => onChange(withFilter(address, name, value));
  return (
    <Box component="section" aria-label={t("patients.filters")} sx={{ display: "grid", gridTemplateColumns: "repeat(auto-fill, minmax(min(100%, 13rem), 1fr))", gap: 1.5, my: 1.5 }}>
      <Choice label={t("patients.days")} value={days} options={DAYS.map((each) => ({ value: each, name: t("patients.daysOption", { days: each }) }))} onChange={(value) => set("days", value)} />
      {(Object.keys(CHOICE_FILTERS) as ChoiceFilter[]).map((name) => (
        <Choices key={name} label={t(FILTER_WORDS[name])} value={filters[name] ?? ""} options={CHOICE_FILTERS[name].map((word) => ({ value: word, name: words(name, word) }))} onChange={(value) => set(name, value)} />
      ))}
      <Choices label={t("patients.filter.tags")} value={filters.tags ?? ""} options={(tags.data?.data ?? []).map(({ id, name }) => ({ value: id, name }))} onChange={(value) => set("tags", value)} />
      {(filters.tags ?? "").includes(",") ? (
        <Choice label={t("patients.filter.tagsMatch")} value={tagsMatch} options={[{ value: "any", name: t("patients.filter.any") }, { value: "all", name: t("patients.filter.all") }]} onChange={(value) => set("tagsMatch", value)} />
      ) : null}
      {(["untagged", "snoozed"] as const).map((name) => (
        <Choice key={name} label={t(FILTER_WORDS[name])} value={filters[name] ?? ""} options={[{ value: "", name: t("patients.none") }, { value: "true", name: t("patients.yes") }, { value: "false", name: t("patients.no") }]} onChange={(value) => set(name, value)} />
      ))}
      {NUMBER_FILTERS.map((name) => (
        <TextField
          key={name} size="small" type="number" label={t(FILTER_WORDS[name])} value={filters[name] ?? ""} onChange={(event) => set(name, event.target.value)}
          slotProps={{ htmlInput: { min: 0, max: name === "noDataDays" ? 3_650 : 100, step: "any", "data-testid": `filter-${name}` } }}
        />
      ))}
      <TextField size="small" type="date" label={t(FILTER_WORDS.reviewedBefore)} value={filters.reviewedBefore ?? ""} onChange={(event) => set("reviewedBefore", event.target.value)} slotProps={{ inputLabel: { shrink: true } }} />
    </Box>
  );
}

interface Option {
  readonly value: string;
  readonly name: string;
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <TextField select size="small" id={id} label={label} value={value} onChange={(event) => onChange(event.target.value)} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
      {options.map((option) => <MenuItem key={option.value} value={option.value}>{option.name}</MenuItem>)}
    </TextField>
  );
}

/** Several of them, between commas in the address. */
function Choices({ label, value, options, onChange }: ChoiceProps) {
  const id = useId();
  const chosen = value === "" ? [] : value.split(",");
  return (
    <TextField
      select size="small" id={id} label={label} value={chosen} onChange={(event) => onChange((event.target.value as unknown as string[]).join(","))}
      slotProps={{ select: { multiple: true, renderValue: (all) => (all as string[]).map((each) => options.find((option) => option.value === each)?.name ?? "…").join(", ") } }}
    >
      {options.map((option) => <MenuItem key={option.value} value={option.value}>{option.name}</MenuItem>)}
    </TextField>
  );
}

export function FilterChips({ address, onChange }: AddressProps) {
  const t = useWords();
  const words = useChoiceWords();
  const { filters } = askedOf(address);
  const set = Object.entries(filters) as [FilterName, string][];
  if (set.length === 0) return null;
  const text = (name: FilterName, value: string): string => {
    if (name in CHOICE_FILTERS || name === "tags") return value.split(",").map((word) => words(name as ChoiceFilter | "tags", word)).join(", ");
    return value === "true" ? t("patients.yes") : value === "false" ? t("patients.no") : value;
  };
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 0.75, alignItems: "center", my: 1 }} data-testid="filter-chips">
      {set.map(([name, value]) => {
        const label = `${t(FILTER_WORDS[name])}: ${text(name, value)}`;
        return <Chip key={name} size="small" label={label} onClick={() => onChange(withFilter(address, name, null))} onDelete={() => onChange(withFilter(address, name, null))} aria-label={t("patients.remove", { name: label })} />;
      })}
      <Button size="small" onClick={() => onChange(withoutFilters(address))}>{t("patients.resetFilters")}</Button>
    </Box>
  );
}
