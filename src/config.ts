/**
 * Environment → typed configuration. The only reader of process.env.
 */
import { join, resolve } from "node:path";
import { ConfigError } from "./errors.ts";
import { parseNetworks } from "./networks.ts";
import { Secret } from "./secret.ts";
import { SETTINGS, type Setting } from "./settings.ts";
import type { Driver } from "#driver/types.ts";
import { parseSignInProviders, parseTokenIssuers, type SignInProvider, type TokenIssuer } from "#people/sessions/outside/settings.ts";
import { HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { JobLimits, QueueLimits } from "#sync/job-limits.ts";
import { parseClamAv, type ClamAvAddress } from "#uploads/clamav.ts";

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
  /** Invented ones besides the demo patient. */
  readonly demoPatients: number;
  readonly vaultKeys: Secret | null;
  readonly sessionSecret: Secret | null;
  readonly maxWebhookBytes: number;
  /** Days that raw deliveries are kept. */
  readonly keeping: { readonly webhookDays: number; readonly pullDays: number };
  readonly privacy: PrivacyConfig;
  readonly keepAuditDays: number;
  readonly maxImportBytes: number;
  readonly maxExportBytes: number;
  /** Of all files of one patient together. */
  readonly maxClinicalFileBytes: number;
  readonly returnSchemes: readonly string[];
  readonly corsOrigins: readonly string[];
  /** How long browsers stay signed in. */
  readonly sessionLives: { readonly cookieMs: number; readonly idleMs: number; readonly staffIdleMs: number };
  /** Whose word on who somebody is the operator takes. */
  readonly tokenIssuers: readonly TokenIssuer[];
  readonly signInProviders: readonly SignInProvider[];
  /** Requests of one key in a minute. */
  readonly apiKeyLimit: number;
  /** Requests by address and by account: in a minute of everything, in a quarter of an hour of what is sensitive. */
  readonly requestLimit: number;
  readonly sensitiveLimit: number;
  readonly securityContact: string | null;
  /** Null: no virus scanner. */
  readonly clamAv: ClamAvAddress | null;
  readonly accounts: AccountsConfig;
  readonly mail: MailConfig;
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

export interface AccountsConfig {
  readonly registration: "off" | "open" | "invitation";
  /** Null: the only organization that there is. */
  readonly registrationOrganizationId: string | null;
  /** Of ids other than Spain's; null: any of the usual form. */
  readonly nationalIdPattern: RegExp | null;
}

export interface MailConfig {
  /** Null: mails become files, in production they wait. */
  readonly smtpUrl: Secret | null;
  readonly from: string;
}

export interface PrivacyConfig {
  readonly exportsDir: string;
  /** Packages of one patient in 24 hours. */
  readonly exportsADay: number;
  /** Hours between the wish for an erasure and its begin. */
  readonly erasureGraceHours: number;
  /** Days that events for the organization's own systems are kept, with the log of their deliveries. */
  readonly keepWebhookLogDays: number;
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
  const allowsPrivateAddresses = oneOf("ISLET_PRIVATE_ADDRESSES", ["on", "off"], "off") === "on";
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
    demoPatients: whole("ISLET_DEMO_PATIENTS", 0, 12),
    vaultKeys: secret("ISLET_VAULT_KEYS"),
    sessionSecret,
    maxWebhookBytes: whole("ISLET_MAX_WEBHOOK_BYTES", 1_024, 512 * 1024 * 1024),
    keeping: { webhookDays: whole("ISLET_KEEP_WEBHOOKS_DAYS", 1, 36_500), pullDays: whole("ISLET_KEEP_PULLS_DAYS", 1, 36_500) },
    privacy: {
      exportsDir: resolve(text("ISLET_EXPORTS_DIR") ?? join(text("ISLET_DATA_DIR")!, "exports")),
      exportsADay: whole("ISLET_EXPORTS_A_DAY", 1, 100), erasureGraceHours: whole("ISLET_ERASURE_GRACE_HOURS", 0, 24 * 30),
      keepWebhookLogDays: whole("ISLET_KEEP_WEBHOOK_LOG_DAYS", 1, 3_650),
    },
    keepAuditDays: whole("ISLET_KEEP_AUDIT_DAYS", 366, 36_500),
    maxImportBytes: whole("ISLET_MAX_IMPORT_BYTES", 1_024, 1024 * 1024 * 1024),
    maxExportBytes: whole("ISLET_MAX_EXPORT_BYTES", 1_024, 1024 * 1024 * 1024 * 1024),
    maxClinicalFileBytes: whole("ISLET_CLINICAL_FILES_MB", 1, 100_000) * 1024 * 1024,
    returnSchemes: list("ISLET_RETURN_SCHEMES").map((scheme) => returnScheme(scheme)),
    corsOrigins: list("ISLET_CORS_ORIGINS").map((origin) => corsOrigin(origin)),
    sessionLives: {
      cookieMs: whole("ISLET_SESSION_HOURS", 1, 24) * HOUR_MS, idleMs: whole("ISLET_IDLE_MINUTES", 1, 12 * 60) * MINUTE_MS,
      staffIdleMs: whole("ISLET_STAFF_IDLE_MINUTES", 1, 12 * 60) * MINUTE_MS,
    },
    tokenIssuers: parseTokenIssuers(text("ISLET_TOKEN_ISSUERS") ?? "", allowsPrivateAddresses),
    signInProviders: parseSignInProviders(text("ISLET_SIGN_IN_PROVIDERS") ?? "", allowsPrivateAddresses),
    apiKeyLimit: whole("ISLET_API_KEY_LIMIT", 1, 1_000_000),
    requestLimit: whole("ISLET_REQUEST_LIMIT", 1, 10_000_000),
    sensitiveLimit: whole("ISLET_SENSITIVE_LIMIT", 1, 10_000_000),
    securityContact: securityContact(text("ISLET_SECURITY_CONTACT")),
    clamAv: clamAv(text("ISLET_CLAMAV")),
    accounts: {
      registration: oneOf("ISLET_REGISTRATION", ["off", "open", "invitation"], isDemo ? "open" : "invitation"),
      registrationOrganizationId: organizationId(text("ISLET_REGISTRATION_ORGANIZATION")), nationalIdPattern: nationalIdPattern(text("ISLET_NATIONAL_ID_PATTERN")),
    },
    mail: { smtpUrl: smtpUrl(secret("ISLET_SMTP_URL")), from: mailFrom(text("ISLET_MAIL_FROM")!) },
    insecureCookies: oneOf("ISLET_INSECURE_COOKIES", ["on", "off"], "off") === "on",
    allowsPrivateAddresses,
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

function organizationId(given: string | null): string | null {
  if (given !== null && !/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(given)) throw new ConfigError("ISLET_REGISTRATION_ORGANIZATION must be the id of an organization.");
  return given;
}

function nationalIdPattern(given: string | null): RegExp | null {
  if (given === null) return null;
  // Read against short texts of letters and digits only; still, what repeats a repetition could hold up every sign-in.
  if (!/^\^[^()]{1,100}\$$/.test(given)) throw new ConfigError("ISLET_NATIONAL_ID_PATTERN must begin with ^, end with $ and have no groups, e.g. ^[0-9]{13}$");
  try {
    return new RegExp(given, "u");
  } catch (cause) {
    throw new ConfigError("ISLET_NATIONAL_ID_PATTERN is no regular expression.", { cause });
  }
}

function smtpUrl(given: Secret | null): Secret | null {
  const isOne = given === null || (URL.canParse(given.open()) && /^smtps?:$/.test(new URL(given.open()).protocol) && new URL(given.open()).hostname !== "");
  if (!isOne) throw new ConfigError("ISLET_SMTP_URL must look like smtp://user:password@host:587 or smtps://user:password@host:465");
  return given;
}

function mailFrom(given: string): string {
  if (!/^(?:[^<>\p{Cc}@,;]{1,80} <[^\s<>@,;]{1,64}@[^\s<>@,;]{1,190}>|[^\s<>@,;]{1,64}@[^\s<>@,;]{1,190})$/u.test(given)) {
    throw new ConfigError("ISLET_MAIL_FROM must be an address such as islet@example.org, or a name with it: Islet <islet@example.org>");
  }
  return given;
}

function metricsToken(given: Secret | null): Secret | null {
  if (given && !/^\S{16,}$/.test(given.open())) throw new ConfigError("ISLET_METRICS_TOKEN must have at least 16 characters and no spaces.");
  return given;
}

function clamAv(given: string | null): ClamAvAddress | null {
  const address = given === null ? null : parseClamAv(given);
  if (given !== null && !address) throw new ConfigError("ISLET_CLAMAV must be host:port, such as 127.0.0.1:3310.");
  return address;
}

function securityContact(given: string | null): string | null {
  if (given !== null && !/^(?:mailto:[^\s@]+@\S+|https:\/\/\S+)$/.test(given)) throw new ConfigError("ISLET_SECURITY_CONTACT must be an address such as mailto:security@clinic.example or https://clinic.example/security.");
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
