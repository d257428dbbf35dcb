/** `islet user`: accounts by the operator's hand. A password is read from standard input or made and shown once; it is never an argument. */
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { systemClock } from "../clock.ts";
import { loadConfig, type Config } from "../config.ts";
import { InvalidInput, NotFound } from "../errors.ts";
import { createLog } from "../log.ts";
import { DRIVERS } from "#drivers/index.ts";
import type { AccountsContext } from "#people/accounts/context.ts";
import { createIdentities } from "#people/accounts/identities.ts";
import { readImportRows } from "#people/accounts/import-rows.ts";
import { importUsers } from "#people/accounts/import-users.ts";
import { setPassword } from "#people/accounts/password-change.ts";
import { listUsers, makeUser, setBlocked } from "#people/accounts/users.ts";
import { audit } from "#people/audit/audit.ts";
import { endSessionsOf } from "#people/sessions/end-sessions.ts";
import type { Role } from "#people/sessions/sessions.ts";
import { checkNewPassword } from "#people/sign-in/blocked-passwords.ts";
import { findCandidate, findCandidates, type Candidate } from "#people/sign-in/candidates.ts";
import { createHashing } from "#people/sign-in/hashing.ts";
import { createSignIn } from "#people/sign-in/sign-in.ts";
import { openVault } from "#sync/ring-keys.ts";
import type { CommandIo } from "./io.ts";
import { openPlace, type Place } from "./place.ts";

export interface WhereOptions {
  /** Id or name; not needed where there is one. */
  readonly organization?: string;
}

interface At {
  readonly context: AccountsContext;
  readonly organizationId: string;
}

async function accountsAt(place: Place, config: Config): Promise<AccountsContext> {
  const { database, sessionSecret: secret } = place;
  const vault = await openVault(database, place.vaultKeys);
  const identities = createIdentities({ vault, secret, pattern: config.accounts.nationalIdPattern });
  const hashing = createHashing();
  return {
    database, clock: systemClock, hashing, identities, vault, signIn: createSignIn({ database, clock: systemClock, hashing, identities }), publicOrigin: config.publicOrigins[0]!,
    registration: config.accounts.registration, registrationOrganizationId: config.accounts.registrationOrganizationId,
  };
}

async function at(options: WhereOptions & { readonly newOrganization?: string }, work: (at: At) => Promise<number>): Promise<number> {
  const config = loadConfig(DRIVERS);
  const place = await openPlace(config, createLog("error"));
  try {
    const context = await accountsAt(place, config);
    return await work({ context, organizationId: await organizationOf(context, options) });
  } finally {
    await place.close();
  }
}

async function organizationOf({ database }: AccountsContext, { organization, newOrganization }: WhereOptions & { readonly newOrganization?: string }): Promise<string> {
  return database.asSystem(async (tx) => {
    if (newOrganization) return (await tx.query<{ id: string }>("insert into organizations (name) values ($1) returning id", [newOrganization]))[0]!.id;
    const rows = await tx.query<{ id: string }>("select id from organizations where $1::text is null or id::text = $1 or name = $1 limit 2", [organization ?? null]);
    if (rows.length === 1) return rows[0]!.id;
    throw new NotFound(rows.length === 0 ? "There is no such organization: make one with --new-organization \"Name\"." : "There are several organizations: say which with --organization.");
  });
}

export interface AddOptions extends WhereOptions {
  readonly newOrganization?: string;
  readonly email?: string;
  readonly username?: string;
  readonly dni?: string;
  readonly given?: string;
  readonly family?: string;
  readonly role: Role[];
  readonly zone: string;
  readonly locale: "en" | "es";
  readonly passwordStdin?: boolean;
}

/** Of standard input, without the end of its line. Throws InvalidInput for nothing. */
async function passwordFromStdin(): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, "");
  if (password === "") throw new InvalidInput("Nothing was read from standard input.");
  return password;
}

/** Makes a user, the first admin of a fresh installation too. */
export function runUserAdd(name: string, options: AddOptions, io: CommandIo): Promise<number> {
  return at(options, async ({ context, organizationId }) => {
    const password = options.passwordStdin ? await passwordFromStdin() : null;
    const made = await makeUser(context, { userId: null, organizationId }, {
      displayName: name, email: options.email ?? null, username: options.username ?? null, nationalId: options.dni ?? null, givenName: options.given, familyName: options.family,
      roles: options.role, zone: options.zone, locale: options.locale, password, isVouched: true,
    });
    io.stdout(`${made.userId}\n`);
    if (made.initialPassword !== null) io.stdout(`Password, shown this once and to be changed at the first sign-in: ${made.initialPassword}\n`);
    return 0;
  });
}

export interface ImportOptions extends WhereOptions {
  readonly newOrganization?: string;
  readonly dryRun?: boolean;
  readonly zone: string;
  readonly locale: "en" | "es";
}

/** 0 when every row is in, 1 when some were not. */
export function runUserImport(file: string, options: ImportOptions, io: CommandIo): Promise<number> {
  const { rows, faults: unreadable } = readImportRows(io.readFile(file), file.toLowerCase().endsWith(".json") ? "json" : "csv");
  return at(options, async ({ context, organizationId }) => {
    const report = await importUsers(context, rows, { organizationId, zone: options.zone, locale: options.locale, isDryRun: options.dryRun ?? false });
    const faults = [...unreadable, ...report.faults].toSorted((a, b) => a.line - b.line);
    for (const { line, detail } of faults) io.stderr(`line ${line}: ${detail}\n`);
    io.stdout(`${options.dryRun ? "Would make" : "Made"} ${report.made}, there already ${report.known}, refused ${faults.length}.\n`);
    return faults.length === 0 ? 0 : 1;
  });
}

/** One user by id, e-mail, username or national id, of this organization. Throws NotFound. */
async function userOf({ context, organizationId }: At, who: string): Promise<Candidate> {
  const found = await context.database.asSystem(async (tx) => {
    const byId = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(who) ? await findCandidate(tx, who) : null;
    return byId ? [byId] : findCandidates(tx, context.identities, who);
  });
  const user = found.find((each) => each.organizationId === organizationId);
  if (!user) throw new NotFound("There is no user of that id, e-mail address, username or national id.");
  return user;
}

export function runUserBlock(who: string, isBlocked: boolean, options: WhereOptions): Promise<number> {
  return at(options, async (here) => {
    const user = await userOf(here, who);
    await here.context.database.withOrganization(here.organizationId, (tx) => setBlocked(here.context, tx, { admin: { userId: null, organizationId: here.organizationId }, userId: user.id }, isBlocked));
    return 0;
  });
}

export function runUserList(options: WhereOptions & { readonly json?: boolean }, io: CommandIo): Promise<number> {
  return at(options, async ({ context, organizationId }) => {
    let afterId: string | null = null;
    do {
      const page = await context.database.withOrganization(organizationId, (tx) => listUsers(context, tx, {}, { limit: 200, afterId }));
      for (const user of page) {
        if (options.json) io.stdout(`${JSON.stringify(user)}\n`);
        else io.stdout(`${user.id}  ${user.roles.join(",").padEnd(18)} ${user.email ?? user.username ?? "(national id)"}${user.blockedMs === null ? "" : "  blocked"}\n`);
      }
      afterId = page.length === 200 ? page.at(-1)!.id : null;
    } while (afterId !== null);
    return 0;
  });
}

/** Sets a new password that must be changed at the first sign-in; ends every session. */
export function runUserResetPassword(who: string, options: WhereOptions & { readonly passwordStdin?: boolean }, io: CommandIo): Promise<number> {
  return at(options, async (here) => {
    const { context, organizationId } = here;
    const user = await userOf(here, who);
    const given = options.passwordStdin ? await passwordFromStdin() : null;
    if (given !== null) checkNewPassword({ password: given, words: [user.email, user.displayName] });
    const password = given ?? randomBytes(18).toString("base64url");
    const hash = await context.hashing.hash(password);
    await context.database.asSystem(async (tx) => {
      await setPassword(tx, context, { userId: user.id, hash, mustChange: true });
      await endSessionsOf(tx, user.id);
      await audit(tx, organizationId, { action: "password.reset", objectType: "user", objectId: user.id });
    });
    if (given === null) io.stdout(`Password, shown this once and to be changed at the first sign-in: ${password}\n`);
    return 0;
  });
}
