/**
 * Environment → typed configuration. The only reader of process.env. Every setting stands in SETTINGS once; `.env.example` and the
 * error messages are made from it.
 */
import { resolve } from "node:path";
import { ConfigError } from "./errors.ts";
import { parseNetworks } from "./networks.ts";
import { Secret } from "./secret.ts";
import type { Driver } from "#driver/types.ts";
import { JOB_LIMITS, type JobLimits, type QueueLimits } from "#sync/job-limits.ts";

export interface Setting {
  readonly name: string;
  readonly description: string;
  readonly default: string | null;
  readonly isSecret?: true;
}

export const DEFAULT_WORKER_PORT = 3001;

export const SETTINGS: readonly Setting[] = [
  { name: "PORT", description: "Port of the API, the portal and (in the demo) the simulated clouds.", default: "3000" },
  { name: "HOST", description: "Address to listen on. 0.0.0.0 opens Islet to the network: put TLS in front of it.", default: "127.0.0.1" },
  { name: "PUBLIC_URL", description: "Address under which people reach Islet. Vendors redirect back to it, so it must equal what is registered there.", default: null },
  { name: "NODE_ENV", description: "`production` refuses to start with generated keys and switches the demo off.", default: "development" },
  { name: "ISLET_DATA_DIR", description: "Folder of the embedded database and the generated secrets.", default: "./data" },
  { name: "DATABASE_URL", description: "A PostgreSQL server (15 or newer) to use instead of the embedded one: postgres://user:password@host:5432/database", default: null, isSecret: true },
  { name: "DATABASE_OWNER_URL", description: "The same database as a user who may create roles and tables, for migrations only.", default: null, isSecret: true },
  { name: "ISLET_DEMO", description: "on | off: simulated vendor clouds, and a demo patient, clinician and admin. Default: on, off in production.", default: null },
  { name: "REDIS_URL", description: "A Redis server (6.2 or newer, maxmemory-policy noeviction) that carries the jobs in place of PostgreSQL: redis://user:password@host:6379/0, or rediss:// for TLS", default: null, isSecret: true },
  { name: "ISLET_REDIS_PREFIX", description: "Begins every key in Redis, so that several Islets can share one: each needs its own.", default: "islet" },
  ...queueSettings("HEALTH_SYNC", "Connections brought up to date", JOB_LIMITS.healthSync),
  ...queueSettings("TOKEN_REFRESH", "Tokens renewed ahead of their end", JOB_LIMITS.tokenRefresh),
  ...queueSettings("WEBHOOK_PROCESSING", "Workers on the inbox", JOB_LIMITS.webhookProcessing),
  { name: "ISLET_VAULT_KEYS", description: "Keys that seal vendor tokens, `id:64 hex characters`, several separated by commas; the first seals, all open. Generated into the data folder when absent; required in production. Changed with `islet keys rotate` (docs/keys.md).", default: null, isSecret: true },
  { name: "ISLET_SESSION_SECRET", description: "At least 32 characters; signs CSRF tokens and paging cursors. Generated when absent; required in production.", default: null, isSecret: true },
  { name: "ISLET_MAX_WEBHOOK_BYTES", description: "Largest webhook body accepted.", default: "10485760" },
  { name: "ISLET_KEEP_WEBHOOKS_DAYS", description: "How long raw webhooks are kept; they are dropped by whole months, never before they were processed.", default: "30" },
  { name: "ISLET_KEEP_PULLS_DAYS", description: "The same for what vendors answered. Without the raw answer a value still stands, but cannot be traced back to it or made anew.", default: "365" },
  { name: "ISLET_MAX_IMPORT_BYTES", description: "Largest file accepted by an import.", default: "209715200" },
  { name: "ISLET_MAX_EXPORT_BYTES", description: "Largest export of Apple Health accepted (export.zip or export.xml); it is read as a stream.", default: "8589934592" },
  { name: "ISLET_RETURN_SCHEMES", description: "Schemes of mobile apps that may be returned to after connecting, separated by commas, e.g. `myapp` for myapp://oauth/callback", default: "" },
  { name: "ISLET_CORS_ORIGINS", description: "Origins of other web applications that may call the API, separated by commas. Never *.", default: "" },
  { name: "ISLET_SIGN_IN_LIMIT", description: "Sign-in attempts per address in 15 minutes.", default: "100" },
  { name: "ISLET_PRIVATE_ADDRESSES", description: "on: people may connect a Nightscout of their own at an address of your network (and over plain HTTP). Off, such addresses are refused, so that nobody reaches into the network by way of Islet.", default: "off" },
  { name: "ISLET_INSECURE_COOKIES", description: "on: session cookies also over plain HTTP to another machine. For a trial inside one's own network only.", default: "off" },
  { name: "ISLET_METRICS_TOKEN", description: "At least 16 characters: whoever scrapes /metrics sends it as a bearer token. Without it, /metrics answers this machine alone.", default: null, isSecret: true },
  { name: "ISLET_WORKER_PORT", description: "Port of /health, /ready and /metrics of a process that runs as `worker`, on HOST; 0: none.", default: String(DEFAULT_WORKER_PORT) },
  { name: "ISLET_TRUSTED_PROXIES", description: "Addresses or networks of proxies in front of Islet, e.g. `127.0.0.1, 10.0.0.0/8`: their X-Request-Id and traceparent are taken over.", default: "" },
  { name: "OTEL_EXPORTER_OTLP_ENDPOINT", description: "Base address of an OpenTelemetry collector, e.g. http://127.0.0.1:4318: traces go there by OTLP over HTTP. Without it there are none.", default: null },
  { name: "OTEL_EXPORTER_OTLP_HEADERS", description: "Headers sent to the collector, `name=value`, several separated by commas.", default: null, isSecret: true },
  { name: "OTEL_SERVICE_NAME", description: "Name under which the traces stand.", default: "islet" },
  { name: "OTEL_TRACES_SAMPLER_ARG", description: "Share of the traces that is recorded, 0 to 1.", default: "1" },
  { name: "LOG_LEVEL", description: "debug | info | warn | error", default: "info" },
];

function queueSettings(name: string, what: string, { concurrency, tries }: QueueLimits): Setting[] {
  return [
    { name: `ISLET_${name}_CONCURRENCY`, description: `${what} at once by one process.`, default: String(concurrency) },
    { name: `ISLET_${name}_TRIES`, description: `How often such a job is run at most, the first run included.`, default: String(tries) },
  ];
}

/** One vendor as this installation is set up for it. */
export interface ProviderConfig {
  /** Both are empty for a vendor where no app is registered. */
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Driver settings chosen by the operator, e.g. region, base_url. */
  readonly settings: Readonly<Record<string, string>>;
  readonly isSimulated: boolean;
  /** On because nothing has to be set up for it, not because the operator said so: the demo puts its simulated cloud in place of it. */
  readonly isByDefault?: true;
  /** A simulated phone of the demo that can be paired in place of a real one. */
  readonly demoDeviceUrl?: string;
}

export interface Config {
  readonly isProduction: boolean;
  readonly port: number;
  readonly host: string;
  /** The first is canonical; the others are equal names of the same address (localhost, 127.0.0.1). */
  readonly publicOrigins: readonly string[];
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  readonly databaseOwnerUrl: string | null;
  /** Null: the jobs are in PostgreSQL. */
  readonly redis: { readonly url: Secret; readonly prefix: string } | null;
  readonly jobs: JobLimits;
  readonly isDemo: boolean;
  readonly vaultKeys: Secret | null;
  readonly sessionSecret: Secret | null;
  readonly maxWebhookBytes: number;
  /** Days that raw deliveries are kept. */
  readonly keeping: { readonly webhookDays: number; readonly pullDays: number };
  readonly maxImportBytes: number;
  readonly maxExportBytes: number;
  readonly returnSchemes: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly signInLimit: number;
  readonly insecureCookies: boolean;
  /** Whether addresses that people give may lead into the operator's own network. */
  readonly allowsPrivateAddresses: boolean;
  /** Whoever has it may read /metrics; null: this machine alone may. */
  readonly metricsToken: Secret | null;
  /** Port of a worker's own small server; null: none. */
  readonly workerPort: number | null;
  /** Addresses and networks. */
  readonly trustedProxies: readonly string[];
  /** Where traces go; null: there are none. */
  readonly tracing: TracingConfig | null;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** Vendors with real client credentials; the demo adds simulated ones. */
  readonly providers: ReadonlyMap<string, ProviderConfig>;
}

export interface TracingConfig {
  readonly endpoint: string;
  readonly headers: Secret;
  readonly serviceName: string;
  /** 0 to 1. */
  readonly ratio: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the process environment, after a `.env` file of the working folder when there is one. */
export function loadConfig(drivers: readonly Driver[]): Config {
  try {
    process.loadEnvFile(resolve(".env"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      throw new ConfigError("The file .env cannot be read: check its permissions, or remove it.", { cause: error });
    }
  }
  return parseConfig(process.env, drivers);
}

/** Pure form of loadConfig. Throws ConfigError with one sentence that names the setting and what to write. */
export function parseConfig(environment: Environment, drivers: readonly Driver[]): Config {
  const text = (name: string): string | null => {
    const given = environment[name]?.trim();
    return given ? given : (SETTINGS.find((setting) => setting.name === name)?.default ?? null);
  };
  const whole = (name: string, least: number, most: number): number => {
    const given = text(name) ?? "";
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    if (!(value >= least && value <= most)) {
      throw new ConfigError(`${name} must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
  const oneOf = <T extends string>(name: string, values: readonly T[], fallback: T): T => {
    const value = (text(name) ?? fallback).toLowerCase() as T;
    if (!values.includes(value)) throw new ConfigError(`${name} must be one of ${values.join(", ")}.`);
    return value;
  };
  const list = (name: string): string[] => (text(name) ?? "").split(",").map((part) => part.trim()).filter(Boolean);
  const secret = (name: string): Secret | null => {
    const value = text(name);
    return value === null ? null : new Secret(value);
  };

  const queueLimits = (name: string): QueueLimits => ({ concurrency: whole(`ISLET_${name}_CONCURRENCY`, 1, 100), tries: whole(`ISLET_${name}_TRIES`, 1, 20) });

  // Node's own switch, not ours: with it every vendor's certificate would pass (faults VA-16).
  if (environment["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") throw new ConfigError("NODE_TLS_REJECT_UNAUTHORIZED must not be 0: Islet calls no vendor whose certificate nobody has checked.");
  const isProduction = oneOf("NODE_ENV", ["development", "test", "production"], "development") === "production";
  const port = whole("PORT", 1, 65_535);
  const isDemo = oneOf("ISLET_DEMO", ["on", "off"], isProduction ? "off" : "on") === "on";
  const sessionSecret = secret("ISLET_SESSION_SECRET");
  if (sessionSecret && sessionSecret.open().length < 32) throw new ConfigError("ISLET_SESSION_SECRET must have at least 32 characters.");
  const config: Config = {
    isProduction,
    port,
    host: text("HOST")!,
    publicOrigins: publicOrigins(text("PUBLIC_URL"), port),
    dataDir: resolve(text("ISLET_DATA_DIR")!),
    databaseUrl: databaseUrl("DATABASE_URL", text("DATABASE_URL")),
    databaseOwnerUrl: databaseUrl("DATABASE_OWNER_URL", text("DATABASE_OWNER_URL")),
    redis: redisOf(text("REDIS_URL"), text("ISLET_REDIS_PREFIX")!),
    jobs: { healthSync: queueLimits("HEALTH_SYNC"), tokenRefresh: queueLimits("TOKEN_REFRESH"), webhookProcessing: queueLimits("WEBHOOK_PROCESSING") },
    isDemo,
    vaultKeys: secret("ISLET_VAULT_KEYS"),
    sessionSecret,
    maxWebhookBytes: whole("ISLET_MAX_WEBHOOK_BYTES", 1_024, 512 * 1024 * 1024),
    keeping: { webhookDays: whole("ISLET_KEEP_WEBHOOKS_DAYS", 1, 36_500), pullDays: whole("ISLET_KEEP_PULLS_DAYS", 1, 36_500) },
    maxImportBytes: whole("ISLET_MAX_IMPORT_BYTES", 1_024, 1024 * 1024 * 1024),
    maxExportBytes: whole("ISLET_MAX_EXPORT_BYTES", 1_024, 1024 * 1024 * 1024 * 1024),
    returnSchemes: list("ISLET_RETURN_SCHEMES").map((scheme) => returnScheme(scheme)),
    corsOrigins: list("ISLET_CORS_ORIGINS").map((origin) => corsOrigin(origin)),
    signInLimit: whole("ISLET_SIGN_IN_LIMIT", 1, 1_000_000),
    insecureCookies: oneOf("ISLET_INSECURE_COOKIES", ["on", "off"], "off") === "on",
    allowsPrivateAddresses: oneOf("ISLET_PRIVATE_ADDRESSES", ["on", "off"], "off") === "on",
    metricsToken: metricsToken(secret("ISLET_METRICS_TOKEN")),
    workerPort: whole("ISLET_WORKER_PORT", 0, 65_535) || null,
    trustedProxies: networks("ISLET_TRUSTED_PROXIES", list("ISLET_TRUSTED_PROXIES")),
    tracing: tracing(text),
    logLevel: oneOf("LOG_LEVEL", ["debug", "info", "warn", "error"], "info"),
    providers: new Map(drivers.flatMap((driver) => providerConfig(environment, driver))),
  };
  if (isProduction) refuseMissingInProduction(config, text("PUBLIC_URL") !== null);
  return config;
}

function metricsToken(given: Secret | null): Secret | null {
  if (given && !/^\S{16,}$/.test(given.open())) throw new ConfigError("ISLET_METRICS_TOKEN must have at least 16 characters and no spaces.");
  return given;
}

function networks(name: string, texts: readonly string[]): readonly string[] {
  if (!parseNetworks(texts)) throw new ConfigError(`${name} must list addresses or networks such as 127.0.0.1 or 10.0.0.0/8, separated by commas.`);
  return texts;
}

function tracing(text: (name: string) => string | null): TracingConfig | null {
  const endpoint = text("OTEL_EXPORTER_OTLP_ENDPOINT");
  if (endpoint === null) return null;
  const ratio = Number(text("OTEL_TRACES_SAMPLER_ARG"));
  if (!(ratio >= 0 && ratio <= 1)) throw new ConfigError("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1.");
  const headers = text("OTEL_EXPORTER_OTLP_HEADERS") ?? "";
  if (!/^(?:[\w-]+=[^,=\s][^,]*(?:,\s*|$))*$/.test(headers)) throw new ConfigError("OTEL_EXPORTER_OTLP_HEADERS must be name=value, several separated by commas.");
  return { endpoint: httpUrl("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), headers: new Secret(headers), serviceName: text("OTEL_SERVICE_NAME")!, ratio };
}

/** Names of a vendor's settings: client id and secret, base addresses, and the driver's own settings for the operator. */
export function providerSettings(driver: Driver): readonly Setting[] {
  const prefix = prefixOf(driver.id);
  const hasHosts = driver.auth.kind !== "device" && driver.auth.kind !== "none";
  return [
    ...(needsApp(driver)
      ? [
          { name: `${prefix}_CLIENT_ID`, description: `Client id of your app at ${driver.displayName}.`, default: null },
          { name: `${prefix}_CLIENT_SECRET`, description: `Its client secret.`, default: null, isSecret: true as const },
        ]
      : [{ name: `${prefix}_ENABLED`, description: enabledText(driver), default: enabledByDefault(driver) ? "on" : "off" }]),
    ...(hasHosts ? [{ name: `${prefix}_BASE_URL`, description: `Replaces all hosts of ${driver.displayName} (a proxy, a simulator).`, default: null }] : []),
    ...driver.settings.filter(({ isLearnt }) => !isLearnt).map((setting) => ({
      name: `${prefix}_${setting.name.toUpperCase()}`,
      description: setting.values.length === 0 ? setting.description : `${setting.description} One of: ${setting.values.join(", ")}.`,
      default: setting.default,
      ...(setting.isSecret ? { isSecret: true as const } : {}),
    })),
  ];
}

/** Whether the operator must register an app at the vendor. */
function needsApp({ auth }: Driver): boolean {
  return auth.kind === "oauth2" || auth.kind === "hosted";
}

function enabledByDefault({ capabilities }: Driver): boolean {
  return capabilities.unofficial === undefined;
}

function enabledText({ displayName, capabilities }: Driver): string {
  const what = `on | off: whether people may connect ${displayName}.`;
  return capabilities.unofficial ? `${what} ${capabilities.unofficial.en}` : what;
}

function prefixOf(provider: string): string {
  return provider.toUpperCase().replace(/-/g, "_");
}

function providerConfig(environment: Environment, driver: Driver): [string, ProviderConfig][] {
  const prefix = prefixOf(driver.id);
  const given = (name: string): string | undefined => environment[`${prefix}_${name}`]?.trim() || undefined;
  const clientId = given("CLIENT_ID") ?? "";
  const clientSecret = given("CLIENT_SECRET") ?? "";
  const enabled = given("ENABLED");
  if (needsApp(driver)) {
    if (!clientId && !clientSecret) return [];
    if (!clientId || !clientSecret) {
      throw new ConfigError(`${prefix}_CLIENT_ID and ${prefix}_CLIENT_SECRET belong together: set both or neither.`);
    }
  } else {
    if (enabled !== undefined && enabled !== "on" && enabled !== "off") throw new ConfigError(`${prefix}_ENABLED must be one of on, off.`);
    if ((enabled ?? (enabledByDefault(driver) ? "on" : "off")) === "off") return [];
  }
  const settings: Record<string, string> = {};
  const baseUrl = given("BASE_URL");
  if (baseUrl) settings["base_url"] = httpUrl(`${prefix}_BASE_URL`, baseUrl);
  for (const setting of driver.settings) {
    const value = given(setting.name.toUpperCase()) ?? setting.default;
    if (setting.values.length > 0 && !setting.values.includes(value)) {
      throw new ConfigError(`${prefix}_${setting.name.toUpperCase()} must be one of ${setting.values.join(", ")}.`);
    }
    settings[setting.name] = value;
  }
  const isByDefault = !needsApp(driver) && enabled === undefined;
  return [[driver.id, { clientId, clientSecret: new Secret(clientSecret), settings, isSimulated: false, ...(isByDefault ? { isByDefault } : {}) }]];
}

function publicOrigins(given: string | null, port: number): string[] {
  if (given === null) return [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
  const url = new URL(httpUrl("PUBLIC_URL", given));
  if (url.pathname !== "/" || url.search || url.hash || url.username || url.password) {
    throw new ConfigError("PUBLIC_URL must be an address without a path or password, such as https://islet.example.org");
  }
  return [url.origin];
}

function httpUrl(name: string, value: string): string {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new ConfigError(`${name} must be an address that starts with https:// or http://`);
  }
  return value.replace(/\/+$/, "");
}

function corsOrigin(value: string): string {
  if (!URL.canParse(value) || new URL(value).origin !== value) {
    throw new ConfigError("ISLET_CORS_ORIGINS must list origins such as https://app.example.org, without a path and never *.");
  }
  return value;
}

/** What a scheme may lead to is checked where it is used (#oauth/redirect.ts); here only that it is one. */
function returnScheme(value: string): string {
  if (!/^[a-z][a-z0-9+.-]*$/.test(value) || value === "http" || value === "https") {
    throw new ConfigError("ISLET_RETURN_SCHEMES must list schemes of apps such as myapp, in small letters and without ://");
  }
  return value;
}

function databaseUrl(name: string, value: string | null): string | null {
  if (value === null) return null;
  if (!URL.canParse(value) || !/^postgres(ql)?:$/.test(new URL(value).protocol)) {
    throw new ConfigError(`${name} must look like postgres://user:password@host:5432/database`);
  }
  return value;
}

function redisOf(url: string | null, prefix: string): Config["redis"] {
  if (!/^[\w.-]{1,40}$/.test(prefix)) throw new ConfigError("ISLET_REDIS_PREFIX must be a short name of letters, digits, points and hyphens.");
  if (url === null) return null;
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol) || new URL(url).hostname === "") {
    throw new ConfigError("REDIS_URL must look like redis://user:password@host:6379/0, or leave it out.");
  }
  return { url: new Secret(url), prefix };
}

function refuseMissingInProduction(config: Config, hasPublicUrl: boolean): void {
  if (!config.vaultKeys) throw new ConfigError("ISLET_VAULT_KEYS is missing: in production the keys that seal vendor tokens are yours to make and keep (`k1:` and 64 hex characters, e.g. from `openssl rand -hex 32`).");
  if (!config.sessionSecret) throw new ConfigError("ISLET_SESSION_SECRET is missing: in production set it to at least 32 random characters.");
  if (!hasPublicUrl) throw new ConfigError("PUBLIC_URL is missing: in production set it to the https:// address under which people reach Islet.");
  if (!config.publicOrigins[0]!.startsWith("https:") && !config.insecureCookies) {
    throw new ConfigError("PUBLIC_URL must start with https:// in production: put TLS in front of Islet (or, for a trial inside your own network, set ISLET_INSECURE_COOKIES=on).");
  }
}

/** Text of `.env.example`, from SETTINGS and the drivers. */
export function environmentExample(drivers: readonly Driver[]): string {
  const lines = (setting: Setting): string[] => [
    `# ${setting.description}`,
    `# ${setting.name}=${setting.default ?? ""}`,
    "",
  ];
  return [
    "# Settings of Islet. Each line shows the default; take the # away to change it. Made by `node scripts/env-example.ts`.",
    "",
    ...SETTINGS.flatMap(lines),
    ...drivers.flatMap((driver) => providerSettings(driver).flatMap(lines)),
  ].join("\n").trimEnd() + "\n";
}
