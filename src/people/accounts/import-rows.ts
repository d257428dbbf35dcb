/** Users of an older system as rows of a file, each checked by itself. Pure but for parsing. */
import { parse } from "csv-parse/sync";
import { InvalidInput } from "../../errors.ts";
import type { Role } from "../sessions/sessions.ts";

/** One user as the older system had him. */
export interface ImportRow {
  /** Line of the file, or place in the list, from 1. */
  readonly line: number;
  readonly nationalId: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly email: string | null;
  readonly username: string | null;
  readonly role: Role;
  /** Unsalted SHA-256 of the password, 64 hexadecimal digits; null: none is known. */
  readonly sha256: string | null;
  readonly isBlocked: boolean;
  readonly hospitalAccount: string | null;
  readonly tidepoolAccount: string | null;
}

export interface RowFault {
  readonly line: number;
  /** What is wrong and what to do; never a value of the row. */
  readonly detail: string;
}

/** Columns by the names that files give them, folded to letters. */
const COLUMNS: Readonly<Record<string, keyof ImportRow>> = {
  dni: "nationalId", nationalid: "nationalId", name: "givenName", nombre: "givenName", givenname: "givenName", surname: "familyName", apellidos: "familyName", familyname: "familyName",
  email: "email", mail: "email", correo: "email", username: "username", usuario: "username", role: "role", rol: "role", password: "sha256", passwordhash: "sha256", hash: "sha256", sha256: "sha256",
  blocked: "isBlocked", bloqueado: "isBlocked", hospitalaccount: "hospitalAccount", tidepoolaccount: "tidepoolAccount",
};
const ROLES: Readonly<Record<string, Role>> = { "": "patient", patient: "patient", paciente: "patient", user: "patient", admin: "admin", administrator: "admin", administrador: "admin", clinician: "clinician", doctor: "clinician", medico: "clinician", follower: "follower" };
const YES = new Set(["true", "1", "yes", "si", "sí", "t"]);
const NO = new Set(["", "false", "0", "no", "f"]);
const MOST_BYTES = 64 * 1024 * 1024;

/** Rows of a CSV file with a header line, or of a JSON list of objects. Throws InvalidInput for a file that is neither. */
export function readImportRows(bytes: Uint8Array, format: "csv" | "json"): { readonly rows: ImportRow[]; readonly faults: RowFault[] } {
  if (bytes.byteLength > MOST_BYTES) throw new InvalidInput("The file is larger than 64 MiB: divide it.");
  const records = format === "json" ? jsonRecords(bytes) : csvRecords(bytes);
  const rows: ImportRow[] = [];
  const faults: RowFault[] = [];
  for (const { line, record } of records) {
    const row = rowOf(line, record);
    if ("detail" in row) faults.push(row);
    else rows.push(row);
  }
  return { rows, faults };
}

interface LineRecord {
  readonly line: number; readonly record: Readonly<Record<string, unknown>>;
}

function jsonRecords(bytes: Uint8Array): LineRecord[] {
  let list: unknown;
  try {
    list = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new InvalidInput("The file is no JSON in UTF-8.");
  }
  if (!Array.isArray(list)) throw new InvalidInput("The file must hold a list of users.");
  return list.map((record: unknown, at) => ({ line: at + 1, record: typeof record === "object" && record !== null ? (record as Record<string, unknown>) : {} }));
}

function csvRecords(bytes: Uint8Array): LineRecord[] {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const [header = ""] = text.split(/\r?\n/, 1);
    const delimiter = header.split(";").length > header.split(",").length ? ";" : ",";
    const found = parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true, delimiter, info: true }) as unknown as { record: Record<string, string>; info: { lines: number } }[];
    return found.map(({ record, info }) => ({ line: info.lines, record }));
  } catch (error) {
    // The parser's own words repeat the file.
    const line = (error as { lines?: unknown }).lines;
    throw new InvalidInput(`The file is no CSV in UTF-8 with a header line${typeof line === "number" ? ` (look at line ${line})` : ""}.`);
  }
}

function rowOf(line: number, record: Readonly<Record<string, unknown>>): ImportRow | RowFault {
  const texts: Partial<Record<keyof ImportRow, string>> = {};
  for (const [name, value] of Object.entries(record)) {
    const column = COLUMNS[name.toLowerCase().replace(/[^a-z0-9]/g, "")];
    if (column && (typeof value === "string" || typeof value === "boolean" || typeof value === "number")) texts[column] = String(value).trim();
  }
  const text = (name: keyof ImportRow): string | null => texts[name] || null;
  const role = ROLES[(texts.role ?? "").toLowerCase()];
  const blocked = (texts.isBlocked ?? "").toLowerCase();
  const sha256 = text("sha256");
  if (!role) return { line, detail: "the role is none of patient, clinician, admin, follower" };
  if (sha256 !== null && !/^[0-9a-f]{64}$/i.test(sha256)) return { line, detail: "the password hash is no SHA-256 of 64 hexadecimal digits" };
  if (!YES.has(blocked) && !NO.has(blocked)) return { line, detail: "blocked must be true or false" };
  if (Object.values(texts).some((value) => value.length > 254 || value.includes("\0"))) return { line, detail: "a field is longer than 254 characters" };
  const names = { nationalId: text("nationalId"), email: text("email"), username: text("username") };
  if (!names.nationalId && !names.email && !names.username) return { line, detail: "there is nothing to sign in by: a DNI, an e-mail address or a username" };
  return {
    line, ...names, role, sha256, isBlocked: YES.has(blocked), givenName: text("givenName"), familyName: text("familyName"), hospitalAccount: text("hospitalAccount"), tidepoolAccount: text("tidepoolAccount"),
  };
}
