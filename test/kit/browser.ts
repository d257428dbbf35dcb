/**
 * A real headless browser for the end-to-end tests: the one of CHROMIUM_PATH, else the one that npm brought.
 * The npm one is unpacked once, below node_modules, and carries the few libraries that a bare Debian lacks.
 */
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser } from "playwright-core";

/** Whole, or not there. */
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/chromium-unpacked", import.meta.url));

/** Nothing the browser does by itself may reach for the network. */
const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-dev-shm-usage", "--font-render-hinting=none",
];

export async function launchBrowser(): Promise<Browser> {
  if (process.env["CHROMIUM_PATH"]) return launch(process.env["CHROMIUM_PATH"], {});
  const { path, libraries, fonts } = await unpack();
  try {
    return await launch(path, { FONTCONFIG_FILE: fonts });
  } catch (error) {
    // Only where the system has none of its own: its libraries go better with the rest of the system.
    if (!(error instanceof Error) || !error.message.includes("shared libraries")) throw error;
    return launch(path, { FONTCONFIG_FILE: fonts, LD_LIBRARY_PATH: libraries });
  }
}

function launch(executablePath: string, environment: Record<string, string>): Promise<Browser> {
  const env = Object.fromEntries(Object.entries({ ...process.env, ...environment }).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return chromium.launch({ executablePath, args: ARGUMENTS, env, headless: true });
}

/** Where the browser is, with its libraries and the description of its fonts; unpacked by whoever comes first. */
async function unpack(): Promise<{ path: string; libraries: string; fonts: string }> {
  if (!existsSync(CACHE)) await unpackOnce();
  return { path: join(CACHE, "chromium"), libraries: join(CACHE, "al2023", "lib"), fonts: join(CACHE, FONTS_FILE) };
}

/**
 * The package unpacks into the temporary folder of its process, and takes what another process has half written for whole: several test files start at once.
 * So each that finds nothing unpacks into a folder of its own, and one of them gives it the name.
 */
async function unpackOnce(): Promise<void> {
  const own = `${CACHE}.${process.pid}`;
  await mkdir(own, { recursive: true });
  const before = { TMPDIR: process.env["TMPDIR"], AWS_LAMBDA_JS_RUNTIME: process.env["AWS_LAMBDA_JS_RUNTIME"], LD_LIBRARY_PATH: process.env["LD_LIBRARY_PATH"] };
  process.env["TMPDIR"] = own;
  // This is how the package is asked for the libraries, too.
  process.env["AWS_LAMBDA_JS_RUNTIME"] = "nodejs24.x";
  try {
    const { default: packed } = await import("@sparticuz/chromium");
    await packed.executablePath();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
  await writeFile(join(own, FONTS_FILE), FONTS);
  await rename(own, CACHE).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    await rm(own, { recursive: true });
  });
}

const FONTS_FILE = "fonts.conf";
/** The package's own description looks for its fonts below /tmp, where we do not unpack them: without one, no text has a width. The system's are for signs that its one family lacks. */
const FONTS = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${
  [join(CACHE, "fonts", "fonts"), "/usr/share/fonts"].map((folder) => `<dir>${folder}</dir>`).join("")
}<cachedir>${join(CACHE, "font-cache")}</cachedir></fontconfig>`;
