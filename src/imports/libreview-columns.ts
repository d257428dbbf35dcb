/**
 * Where a LibreView export has its columns. They are found by header in English, German and French, else by their place, which all
 * languages share. Source: vendors/abbott-libre.md, LibreView CSV export (names and places of LibreView; names of the reader's software).
 */
import type { GlucoseUnit } from "#units/glucose.ts";
import { type ColumnName, columnName, findColumn } from "./headers.ts";

/** `place`: among LibreView's nineteen columns. `readerPlace`: in tables of the reader's PC software, which have neither device nor portions. */
const COLUMNS = {
  device: { place: 0, readerPlace: -1, names: ["device", "gerat", "appareil"] },
  serial: { place: 1, readerPlace: -1, names: ["serial_number", "seriennummer", "numero_de_serie"] },
  time: { place: 2, readerPlace: 1, names: ["device_timestamp", "geratezeitstempel", "horodatage_de_l_appareil", "time"] },
  type: { place: 3, readerPlace: 2, names: ["record_type", "aufzeichnungstyp", "type_d_enregistrement"] },
  historic: { place: 4, readerPlace: 3, names: ["historic_glucose", "glukosewert_verlauf", "historique_de_la_glycemie"] },
  scan: { place: 5, readerPlace: 4, names: ["scan_glucose", "glukose_scan", "numerisation_de_la_glycemie", "scan_de_glycemie", "scan_de_la_glycemie"] },
  rapidNote: {
    place: 6, readerPlace: 5,
    names: ["non_numeric_rapid_acting_insulin", "nicht_numerisches_schnellwirkendes_insulin", "insuline_a_action_rapide_sans_valeur_numerique"],
  },
  rapid: {
    place: 7, readerPlace: 6,
    names: ["rapid_acting_insulin_units", "schnellwirkendes_insulin_einheiten", "insuline_a_action_rapide_unites"],
  },
  foodNote: { place: 8, readerPlace: 7, names: ["non_numeric_food", "nicht_numerische_nahrungsdaten", "alimentation_sans_valeur_numerique"] },
  grams: { place: 9, readerPlace: 8, names: ["carbohydrates_grams", "kohlenhydrate_gramm", "glucides_grammes"] },
  servings: { place: 10, readerPlace: -1, names: ["carbohydrates_servings", "kohlenhydrate_portionen", "glucides_portions"] },
  longNote: {
    place: 11, readerPlace: 9,
    names: ["non_numeric_long_acting_insulin", "nicht_numerisches_depotinsulin", "insuline_a_action_longue_sans_valeur_numerique"],
  },
  long: {
    place: 12, readerPlace: 10,
    names: ["long_acting_insulin_units", "long_acting_insulin_value_units", "depotinsulin_einheiten", "insuline_a_action_longue_unites"],
  },
  note: { place: 13, readerPlace: 11, names: ["notes", "notizen"] },
  strip: { place: 14, readerPlace: 12, names: ["strip_glucose", "glukose_teststreifen", "glycemie_de_la_bandelette"] },
  ketone: { place: 15, readerPlace: 13, names: ["ketone", "keton", "cetone"] },
  meal: { place: 16, readerPlace: 14, names: ["meal_insulin_units", "mahlzeiteninsulin_einheiten", "insuline_pour_le_repas_unites"] },
  correction: { place: 17, readerPlace: 15, names: ["correction_insulin_units", "korrekturinsulin_einheiten", "insuline_de_correction_unites"] },
  change: {
    place: 18, readerPlace: 16,
    names: ["user_change_insulin_units", "insulin_anderung_durch_anwender_einheiten", "insuline_modifiee_par_l_utilisateur_unites"],
  },
} as const;

export type Role = keyof typeof COLUMNS;
type Layout = "place" | "readerPlace";

const ROLES = Object.keys(COLUMNS) as Role[];

/** A header in no language we know must be at least this wide. */
const FEWEST_COLUMNS = 15;
const MOST_COLUMNS = 19;

export interface Columns {
  /** Index of the column, −1 where the file has none. */
  readonly of: Readonly<Record<Role, number>>;
  readonly count: number;
  readonly unit: GlucoseUnit | null;
}

/**
 * The columns when this row is the header of such an export, else null.
 * @param hasPreamble a line above says when the file was made: then a header that names no unit is taken, too.
 */
export function locateColumns(header: readonly string[], hasPreamble: boolean): Columns | null {
  const names = header.map(columnName);
  const named = (role: Role): number => findColumn(names, COLUMNS[role].names);
  const layout = layoutOf(header, names, hasPreamble);
  // A column whose name we know is never taken for another one because of its place.
  const claimed = new Set(ROLES.map(named));
  const placed = (role: Role): number => {
    const place = layout ? COLUMNS[role][layout] : -1;
    return place < header.length && !claimed.has(place) ? place : -1;
  };
  const of = Object.fromEntries(ROLES.map((role) => [role, named(role) >= 0 ? named(role) : placed(role)])) as Record<Role, number>;
  if (of.time < 0 || of.type < 0 || (of.historic < 0 && of.scan < 0)) return null;
  const unit = [of.historic, of.scan, of.strip].map((index) => names[index]?.unit ?? null).find((found) => found !== null);
  return { of, count: header.length, unit: unit ?? null };
}

/** Whose places a header has: units stay in the header whatever its language, and are where glucose is. */
function layoutOf(header: readonly string[], names: readonly ColumnName[], hasPreamble: boolean): Layout | null {
  const isGlucose = (...places: readonly number[]): boolean => places.every((place) => (names[place]?.unit ?? null) !== null);
  if (header.length < FEWEST_COLUMNS) return null;
  if (isGlucose(COLUMNS.historic.place, COLUMNS.scan.place)) return "place";
  if (names[0]!.name === "id" && isGlucose(COLUMNS.historic.readerPlace, COLUMNS.scan.readerPlace, COLUMNS.strip.readerPlace)) return "readerPlace";
  if (!hasPreamble || header.length > MOST_COLUMNS) return null;
  // Rows of data, and of a preamble that a spreadsheet filled up, hold empty cells or numbers; other vendors' units are elsewhere.
  const isNames = header.every((name) => name !== "" && !/^[\d<>+-]/.test(name));
  return isNames && names.every(({ unit }, place) => unit === null || place === COLUMNS.ketone.place) ? "place" : null;
}
