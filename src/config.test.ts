import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { environmentExample, parseConfig, providerSettings } from "./config.ts";
import { SETTINGS } from "./settings.ts";
import { ConfigError } from "./errors.ts";
import { DRIVERS } from "#drivers/index.ts";

type Environment = Record<string, string>;
const parse = (environment: Environment = {}) => parseConfig(environment, DRIVERS);
const refusal = (environment: Environment): string => {
  try {
    parse(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the settings were accepted");
};
const PRODUCTION = {
  NODE_ENV: "production", ISLET_VAULT_KEYS: `k1:${"ab".repeat(32)}`, ISLET_SESSION_SECRET: "x".repeat(32), PUBLIC_URL: "https://islet.example.org",
};

describe("settings", () => {
  it("have a default for a fresh machine", () => {
    const { providers, ...config } = parse();
    expect(config).toEqual({
      isProduction: false, port: 3000, host: "127.0.0.1", publicOrigins: ["http://localhost:3000", "http://127.0.0.1:3000"], dataDir: resolve("data"),
      databaseUrl: null, databaseOwnerUrl: null, isDemo: true, demoPatients: 12, vaultKeys: null, sessionSecret: null, maxWebhookBytes: 10_485_760, maxImportBytes: 209_715_200, maxExportBytes: 8_589_934_592, maxClinicalFileBytes: 209_715_200,
      returnSchemes: [], corsOrigins: [], requestLimit: 1200, sensitiveLimit: 100, securityContact: null, clamAv: null, sessionLives: { cookieMs: 43_200_000, idleMs: 1_800_000, staffIdleMs: 900_000 }, apiKeyLimit: 600, tokenIssuers: [], signInProviders: [], insecureCookies: false, allowsPrivateAddresses: false, logLevel: "info",
      keeping: { webhookDays: 30, pullDays: 365 }, keepAuditDays: 2557, privacy: { exportsDir: resolve("data/exports"), exportsADay: 3, erasureGraceHours: 72, keepWebhookLogDays: 30 }, metricsToken: null, workerPort: 3001, trustedProxies: [], tracing: null,
      accounts: { registration: "open", registrationOrganizationId: null, nationalIdPattern: null }, mail: { smtpUrl: null, from: "Islet <islet@localhost>" },
      redis: null, jobs: { healthSync: { concurrency: 5, tries: 3 }, tokenRefresh: { concurrency: 10, tries: 5 }, webhookProcessing: { concurrency: 20, tries: 3 } },
    });
    // Where no app is to be registered, there is nothing to set up; what is unofficial waits for the operator.
    const ready = DRIVERS.filter(({ auth, capabilities }) => auth.kind !== "oauth2" && auth.kind !== "hosted" && !capabilities.unofficial);
    expect([...providers.keys()]).toEqual(ready.map(({ id }) => id));
    expect(ready.length).toBeGreaterThan(0);
  });

  it("count as absent when empty, and lose spaces around them", () => {
    expect(parse({ PORT: "", PUBLIC_URL: "  ", HOST: "", DATABASE_URL: " " })).toMatchObject({ port: 3000, host: "127.0.0.1", databaseUrl: null });
    expect(parse({ PORT: " 8080 ", LOG_LEVEL: "WARN" })).toMatchObject({ port: 8080, logLevel: "warn" });
  });

  it("are read each into its place", () => {
    expect(parse({
      PORT: "8080", HOST: "0.0.0.0", PUBLIC_URL: "https://islet.example.org/", ISLET_DATA_DIR: "/var/lib/islet", DATABASE_URL: "postgresql://u:p@db:5432/islet",
      DATABASE_OWNER_URL: "postgres://o:p@db/islet", ISLET_DEMO: "off", ISLET_MAX_WEBHOOK_BYTES: "2048", ISLET_MAX_IMPORT_BYTES: "4096",
      ISLET_RETURN_SCHEMES: "myapp, org.example.app", ISLET_CORS_ORIGINS: "https://a.example, http://localhost:5173", ISLET_SENSITIVE_LIMIT: "5", ISLET_INSECURE_COOKIES: "on", ISLET_CLAMAV: "[::1]:3310",
    })).toMatchObject({
      port: 8080, host: "0.0.0.0", publicOrigins: ["https://islet.example.org"], dataDir: "/var/lib/islet", databaseUrl: "postgresql://u:p@db:5432/islet",
      databaseOwnerUrl: "postgres://o:p@db/islet", isDemo: false, maxWebhookBytes: 2048, maxImportBytes: 4096, returnSchemes: ["myapp", "org.example.app"],
      corsOrigins: ["https://a.example", "http://localhost:5173"], sensitiveLimit: 5, insecureCookies: true, clamAv: { host: "::1", port: 3310 },
    });
  });

  it("[R3] say where the jobs are, how many run at once and how often each is tried", () => {
    const { redis, jobs } = parse({
      REDIS_URL: "rediss://islet:sesame@cache:6380/2", ISLET_REDIS_PREFIX: "islet-two", ISLET_HEALTH_SYNC_CONCURRENCY: "6", ISLET_HEALTH_SYNC_TRIES: "4",
      ISLET_TOKEN_REFRESH_CONCURRENCY: "11", ISLET_TOKEN_REFRESH_TRIES: "7", ISLET_WEBHOOK_PROCESSING_CONCURRENCY: "21", ISLET_WEBHOOK_PROCESSING_TRIES: "1",
    });
    expect(redis?.url.open()).toBe("rediss://islet:sesame@cache:6380/2");
    expect(redis?.prefix).toBe("islet-two");
    expect(jobs).toEqual({ healthSync: { concurrency: 6, tries: 4 }, tokenRefresh: { concurrency: 11, tries: 7 }, webhookProcessing: { concurrency: 21, tries: 1 } });
    expect(JSON.stringify({ redis })).not.toContain("sesame");
  });

  it("that cannot be meant are refused with one sentence that names the setting and what to write", () => {
    const bad: readonly (readonly [Environment, RegExp])[] = [
      ...["0", "65536", "-1", "3000.5", "0x10", "1e3", "http", "30 00"].map((PORT) => [{ PORT }, /^PORT must be a whole number from 1 to 65535\.$/] as const),
      [{ NODE_ENV: "prod" }, /^NODE_ENV must be one of development, test, production\.$/],
      [{ ISLET_DEMO: "yes" }, /^ISLET_DEMO must be one of on, off\.$/],
      [{ LOG_LEVEL: "loud" }, /^LOG_LEVEL must be one of/],
      [{ ISLET_INSECURE_COOKIES: "1" }, /^ISLET_INSECURE_COOKIES must be one of/],
      [{ ISLET_MAX_WEBHOOK_BYTES: "1" }, /^ISLET_MAX_WEBHOOK_BYTES must be a whole number/],
      [{ ISLET_MAX_IMPORT_BYTES: "lots" }, /^ISLET_MAX_IMPORT_BYTES must be a whole number/],
      ...["clamav", "clamav:0", "clamav:99999", "http://clamav:3310", "::1:3310"].map((ISLET_CLAMAV) => [{ ISLET_CLAMAV }, /^ISLET_CLAMAV must be host:port/] as const),
      [{ ISLET_SENSITIVE_LIMIT: "0" }, /^ISLET_SENSITIVE_LIMIT must be a whole number/],
      [{ PUBLIC_URL: "islet.example.org" }, /^PUBLIC_URL must be an address that starts with https/],
      [{ PUBLIC_URL: "ftp://islet.example.org" }, /^PUBLIC_URL must be an address/],
      [{ PUBLIC_URL: "https://islet.example.org/app" }, /^PUBLIC_URL must be an address without a path/],
      [{ PUBLIC_URL: "https://islet.example.org/?a=1" }, /^PUBLIC_URL must be an address without a path/],
      [{ PUBLIC_URL: "https://me:pw@islet.example.org" }, /^PUBLIC_URL must be an address without a path or password/],
      [{ DATABASE_URL: "db.example.org" }, /^DATABASE_URL must look like postgres:/],
      [{ DATABASE_URL: "mysql://db/islet" }, /^DATABASE_URL must look like postgres:/],
      [{ DATABASE_OWNER_URL: "http://db/islet" }, /^DATABASE_OWNER_URL must look like postgres:/],
      ...["canary-9f3b", "http://cache:6379", "redis://"].map((REDIS_URL) => [{ REDIS_URL }, /^REDIS_URL must look like redis:.*, or leave it out\.$/] as const),
      ...["islet:two", "is let", "x".repeat(41)].map((ISLET_REDIS_PREFIX) => [{ ISLET_REDIS_PREFIX }, /^ISLET_REDIS_PREFIX must be a short name /] as const),
      [{ ISLET_HEALTH_SYNC_CONCURRENCY: "0" }, /^ISLET_HEALTH_SYNC_CONCURRENCY must be a whole number from 1 to 100\.$/],
      [{ ISLET_TOKEN_REFRESH_TRIES: "21" }, /^ISLET_TOKEN_REFRESH_TRIES must be a whole number from 1 to 20\.$/],
      [{ ISLET_SESSION_SECRET: "too short" }, /^ISLET_SESSION_SECRET must have at least 32 characters\.$/],
      [{ ISLET_CORS_ORIGINS: "*" }, /^ISLET_CORS_ORIGINS must list origins/],
      [{ ISLET_CORS_ORIGINS: "https://a.example/app" }, /^ISLET_CORS_ORIGINS/],
      [{ ISLET_CORS_ORIGINS: "https://a.example, null" }, /^ISLET_CORS_ORIGINS/],
      ...["myapp://", "My App", "javascript:", "https", "1app"].map((ISLET_RETURN_SCHEMES) => [{ ISLET_RETURN_SCHEMES }, /^ISLET_RETURN_SCHEMES must list schemes/] as const),
      [{ DEXCOM_CLIENT_ID: "only the id" }, /^DEXCOM_CLIENT_ID and DEXCOM_CLIENT_SECRET belong together/],
      [{ GARMIN_CLIENT_SECRET: "only the secret" }, /^GARMIN_CLIENT_ID and GARMIN_CLIENT_SECRET belong together/],
      [{ DEXCOM_CLIENT_ID: "a", DEXCOM_CLIENT_SECRET: "b", DEXCOM_BASE_URL: "dexcom" }, /^DEXCOM_BASE_URL must be an address/],
      [{ ISLET_METRICS_TOKEN: "too short" }, /^ISLET_METRICS_TOKEN must have at least 16 characters/],
      [{ ISLET_METRICS_TOKEN: "sixteen characters and spaces" }, /^ISLET_METRICS_TOKEN/],
      ...["proxy.lan", "10.0.0.0/33", "10.0.0.0/8/8", "fd00::/129", "*", "10.0.0.0/"].map((ISLET_TRUSTED_PROXIES) => [{ ISLET_TRUSTED_PROXIES }, /^ISLET_TRUSTED_PROXIES must list addresses/] as const),
      [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, /^OTEL_EXPORTER_OTLP_ENDPOINT must be an address/],
      ...["2", "-0.1", "half"].map((OTEL_TRACES_SAMPLER_ARG) => [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_TRACES_SAMPLER_ARG }, /^OTEL_TRACES_SAMPLER_ARG must be/] as const),
      [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_EXPORTER_OTLP_HEADERS: "canary" }, /^OTEL_EXPORTER_OTLP_HEADERS must be name=value/],
      [{ ISLET_WORKER_PORT: "65536" }, /^ISLET_WORKER_PORT must be a whole number/],
      [{ STRAVA_CLIENT_ID: "a", STRAVA_CLIENT_SECRET: "b", STRAVA_SIGNATURE: "perhaps" }, /^STRAVA_SIGNATURE must be one of/],
    ];
    for (const [environment, sentence] of bad) {
      const message = refusal(environment);
      expect(message, JSON.stringify(environment)).toMatch(sentence);
      expect(message.split("\n"), message).toHaveLength(1);
    }
  });

  it("never repeats a secret that is refused", () => {
    for (const environment of [{ ISLET_SESSION_SECRET: "canary-9f3b" }, { DATABASE_URL: "postgres//u:canary-9f3b@db/islet" }, { REDIS_URL: "redis//u:canary-9f3b@cache" }, { ISLET_CORS_ORIGINS: "https://u:canary-9f3b@a.example" }, { PUBLIC_URL: "https://u:canary-9f3b@a.example" },
      { ISLET_METRICS_TOKEN: "canary-9f3b" }, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_EXPORTER_OTLP_HEADERS: "canary-9f3b" }]) {
      expect(refusal(environment)).not.toContain("canary");
    }
    expect(JSON.stringify(parse({ ...PRODUCTION, DEXCOM_CLIENT_ID: "id", DEXCOM_CLIENT_SECRET: "canary-9f3b", ISLET_SESSION_SECRET: "canary-9f3b".repeat(4) }))).not.toContain("canary");
  });
});

describe("in production", () => {
  it("the demo is off unless it is asked for", () => {
    expect(parse(PRODUCTION)).toMatchObject({ isProduction: true, isDemo: false });
    expect(parse({ ...PRODUCTION, ISLET_DEMO: "on" }).isDemo).toBe(true);
  });

  it("what is generated elsewhere must be given", () => {
    for (const [name, sentence] of [["ISLET_VAULT_KEYS", /^ISLET_VAULT_KEYS is missing/], ["ISLET_SESSION_SECRET", /^ISLET_SESSION_SECRET is missing/], ["PUBLIC_URL", /^PUBLIC_URL is missing/]] as const) {
      expect(refusal({ ...PRODUCTION, [name]: "" }), name).toMatch(sentence);
    }
  });

  it("people reach Islet over TLS, unless cookies are said to go without", () => {
    for (const PUBLIC_URL of ["http://islet.example.org", "http://localhost:3000", "http://127.0.0.1"]) expect(refusal({ ...PRODUCTION, PUBLIC_URL }), PUBLIC_URL).toMatch(/^PUBLIC_URL must start with https/);
    expect(parse({ ...PRODUCTION, PUBLIC_URL: "http://islet.lan", ISLET_INSECURE_COOKIES: "on" }).insecureCookies).toBe(true);
  });
});

describe("the certificates of vendors", () => {
  it("[VA-16] are checked: there is no switch to turn that off, and Node's own is refused", () => {
    expect(refusal({ NODE_TLS_REJECT_UNAUTHORIZED: "0" })).toMatch(/^NODE_TLS_REJECT_UNAUTHORIZED must not be 0/);
    expect(parse({ NODE_TLS_REJECT_UNAUTHORIZED: "1" }).port).toBeGreaterThan(0);
  });
});

describe("settings of a vendor", () => {
  it("are the driver's own, with its defaults, and hold the secret sealed", () => {
    const { providers } = parse({ DEXCOM_CLIENT_ID: "id", DEXCOM_CLIENT_SECRET: "sesame", DEXCOM_BASE_URL: "http://localhost:9/dexcom/" });
    const dexcom = providers.get("dexcom")!;
    expect([...providers.keys()].filter((id) => !parse().providers.has(id))).toEqual(["dexcom"]);
    expect(dexcom.settings["base_url"]).toBe("http://localhost:9/dexcom");
    expect(dexcom).toMatchObject({ clientId: "id", isSimulated: false });
    expect(dexcom.clientSecret.open()).toBe("sesame");
    for (const setting of DRIVERS.find(({ id }) => id === "dexcom")!.settings) expect(dexcom.settings[setting.name], setting.name).toBe(setting.default);
  });

  it("say on or off where no app is registered, and nothing else", () => {
    expect(parse({ MANUAL_ENABLED: "off" }).providers.has("manual")).toBe(false);
    expect(parse({ MANUAL_ENABLED: "on" }).providers.get("manual")?.isByDefault).toBeUndefined();
    expect(refusal({ MANUAL_ENABLED: "perhaps" })).toMatch(/^MANUAL_ENABLED must be one of on, off\.$/);
  });

  it("never share a name", () => {
    const names = [...SETTINGS, ...DRIVERS.flatMap((driver) => providerSettings(driver))].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe(".env.example", () => {
  it("is what the settings make of it", () => {
    expect(readFileSync(new URL("../.env.example", import.meta.url), "utf8")).toBe(environmentExample(DRIVERS));
  });

  it("changes nothing when it is taken as it is, and is accepted when every line is used", () => {
    const text = environmentExample(DRIVERS);
    const used = Object.fromEntries([...text.matchAll(/^# ([A-Z_]+)=(.*)$/gm)].map((match) => [match[1]!, match[2]!]));
    expect(Object.keys(used)).toEqual([...SETTINGS, ...DRIVERS.flatMap((driver) => providerSettings(driver))].map(({ name }) => name));
    const plain = (config: ReturnType<typeof parse>): object => ({ ...config, providers: [...config.providers].map(([id, { isByDefault: _isByDefault, ...provider }]) => [id, provider]) });
    expect(plain(parse(used))).toEqual(plain(parse()));
    expect(text.split("\n").filter((line) => line !== "" && !line.startsWith("# "))).toEqual([]);
  });
});
