/** `islet keys`: what lies under each key of the vault, and the change from one key to another while Islet runs. Never prints a key. */
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config.ts";
import { Conflict } from "../errors.ts";
import { createLog, type Log } from "../log.ts";
import { DRIVERS } from "#drivers/index.ts";
import { countUse, isUnused, openVault, retireKey, type KeyUse } from "#sync/ring-keys.ts";
import { rotateKeys } from "#sync/rotate-keys.ts";
import { parseKeyring } from "#vault/keys.ts";
import type { CommandIo } from "./io.ts";
import { openPlace, type Place } from "./place.ts";

export interface KeysOptions {
  readonly json?: boolean;
}

/** One key as it is shown. */
interface KeyLine extends KeyUse {
  readonly isInRing: boolean;
  readonly isFirst: boolean;
  /** The database would let it go at this moment. */
  readonly isUnused: boolean;
}

async function atKeys(work: (place: Place, log: Log) => Promise<number>): Promise<number> {
  const log = createLog("error");
  const place = await openPlace(loadConfig(DRIVERS), log);
  try {
    return await work(place, log);
  } finally {
    await place.close();
  }
}

async function keyLines({ database, vaultKeys }: Place): Promise<KeyLine[]> {
  const ring = parseKeyring(vaultKeys, "ISLET_VAULT_KEYS").map(({ id }) => id);
  const used = await countUse(database);
  const strangers = ring.filter((id) => !used.some(({ keyId }) => keyId === id)).map((keyId) => ({ keyId, dataKeys: 0, tokens: 0, other: 0 }));
  const lines: KeyLine[] = [];
  for (const use of [...used, ...strangers]) {
    lines.push({ ...use, isInRing: ring.includes(use.keyId), isFirst: use.keyId === ring[0], isUnused: await isUnused(database, use.keyId) });
  }
  return lines;
}

function show(lines: readonly KeyLine[], options: KeysOptions, io: CommandIo): void {
  for (const line of lines) {
    if (options.json) io.stdout(`${JSON.stringify(line)}\n`);
    else {
      const marks = [line.isFirst ? "seals" : line.isInRing ? "opens" : "not in ISLET_VAULT_KEYS", line.isUnused && !line.isFirst ? "unused: may be removed" : ""].filter(Boolean);
      io.stdout(`${line.keyId.padEnd(16)} ${line.dataKeys} patients' keys, ${line.tokens} tokens of the old form, ${line.other} other secrets   (${marks.join("; ")})\n`);
    }
  }
}

/** What lies under each key. Throws ConfigError for a ring that does not fit the data. */
export async function runKeysStatus(options: KeysOptions, io: CommandIo): Promise<number> {
  return atKeys(async (place) => {
    await openVault(place.database, place.vaultKeys, "look");
    show(await keyLines(place), options, io);
    return 0;
  });
}

/**
 * Brings everything under the first key. 0 when nothing lies under another and the database would let each of them go; 1 when something is
 * left: values that do not open, or a process that still seals with an old key. Throws ConfigError for a ring that does not fit the data, or a
 * first key that no server knows yet.
 */
export async function runKeysRotate(options: KeysOptions, io: CommandIo): Promise<number> {
  return atKeys(async (place, log) => {
    const { database } = place;
    const vault = await openVault(database, place.vaultKeys, "rotate");
    const done = await rotateKeys({ database, vault, clock: systemClock, log }, (progress) => {
      io.stderr(options.json ? `${JSON.stringify(progress)}\n` : `${progress.wrapped} patients' keys, ${progress.sealed} other secrets so far\n`);
    });
    if (options.json) io.stdout(`${JSON.stringify(done)}\n`);
    else io.stdout(`${done.wrapped} patients' keys wrapped and ${done.sealed} other secrets sealed with ${vault.activeKeyId}.\n`);
    const lines = await keyLines(place);
    show(lines, options, io);
    const left = lines.filter((line) => !line.isFirst && !line.isUnused);
    if (done.refused > 0) io.stderr(`${done.refused} values do not open with any key of ISLET_VAULT_KEYS; the audit log names them.\n`);
    if (left.length > 0) io.stderr(`Still used: ${left.map(({ keyId }) => keyId).join(", ")}. Restart every process with the new first key, then run this again.\n`);
    return left.length === 0 && done.refused === 0 ? 0 : 1;
  });
}

/**
 * Gives up a key that is gone from the ring and lies under nothing: from then on the database takes nothing that is sealed with it. Throws
 * Conflict for a key that is still in the ring or still used.
 */
export async function runKeysRetire(keyId: string, io: CommandIo): Promise<number> {
  return atKeys(async (place) => {
    await openVault(place.database, place.vaultKeys, "look");
    const isInRing = parseKeyring(place.vaultKeys, "ISLET_VAULT_KEYS").some(({ id }) => id === keyId);
    if (isInRing) throw new Conflict(`The key ${keyId} is still in ISLET_VAULT_KEYS: remove it there first, and restart every process.`);
    if (!(await retireKey(place.database, keyId))) throw new Conflict(`Something still lies under the key ${keyId}: run \`islet keys rotate\` first.`);
    io.stdout(`Nothing can be sealed with ${keyId} any more.\n`);
    return 0;
  });
}
