/** Every setting of the environment that is not a vendor's, once: `.env.example`, the configuration and its error messages are made from here. */
import { KEEP_AUDIT_DAYS } from "#people/audit/prune.ts";
import { JOB_LIMITS, type QueueLimits } from "#sync/job-limits.ts";

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
  { name: "ISLET_DEMO_PATIENTS", description: "How many invented patients the demo's clinic has besides the demo patient, 0 to 12.", default: "12" },
  { name: "REDIS_URL", description: "A Redis server (6.2 or newer, maxmemory-policy noeviction) that carries the jobs in place of PostgreSQL: redis://user:password@host:6379/0, or rediss:// for TLS", default: null, isSecret: true },
  { name: "ISLET_REDIS_PREFIX", description: "Begins every key in Redis, so that several Islets can share one: each needs its own.", default: "islet" },
  ...queueSettings("HEALTH_SYNC", "Connections brought up to date", JOB_LIMITS.healthSync),
  ...queueSettings("TOKEN_REFRESH", "Tokens renewed ahead of their end", JOB_LIMITS.tokenRefresh),
  ...queueSettings("WEBHOOK_PROCESSING", "Workers on the inbox", JOB_LIMITS.webhookProcessing),
  { name: "ISLET_VAULT_KEYS", description: "Keys that seal vendor tokens, `id:64 hex characters`, several separated by commas; the first seals, all open. Generated into the data folder when absent; required in production. Changed with `islet keys rotate` (docs/keys.md).", default: null, isSecret: true },
  { name: "ISLET_SESSION_SECRET", description: "At least 32 characters; signs access tokens, CSRF tokens and paging cursors. Generated when absent; required in production.", default: null, isSecret: true },
  { name: "ISLET_MAX_WEBHOOK_BYTES", description: "Largest webhook body accepted.", default: "10485760" },
  { name: "ISLET_KEEP_WEBHOOKS_DAYS", description: "How long raw webhooks are kept; they are dropped by whole months, never before they were processed.", default: "30" },
  { name: "ISLET_KEEP_PULLS_DAYS", description: "The same for what vendors answered. Without the raw answer a value still stands, but cannot be traced back to it or made anew.", default: "365" },
  { name: "ISLET_EXPORTS_DIR", description: "Folder of the packages that people ask for with everything about them, sealed and deleted after a day; `exports` in the data folder when absent. Where API and workers run apart, both need the same.", default: null },
  { name: "ISLET_EXPORTS_A_DAY", description: "How many such packages a patient gets in 24 hours.", default: "3" },
  { name: "ISLET_ERASURE_GRACE_HOURS", description: "How long a person who asks for the end of their data may change their mind; 0: the erasure begins at once.", default: "72" },
  { name: "ISLET_KEEP_WEBHOOK_LOG_DAYS", description: "How long it is kept what the organization's own systems were told, and how that went (docs/outgoing-webhooks.md).", default: "30" },
  { name: "ISLET_KEEP_AUDIT_DAYS", description: "How long entries of the audit log are kept; seven years by default, a year at least.", default: String(KEEP_AUDIT_DAYS) },
  { name: "ISLET_MAX_IMPORT_BYTES", description: "Largest file accepted by an import.", default: "209715200" },
  { name: "ISLET_MAX_EXPORT_BYTES", description: "Largest export of Apple Health accepted (export.zip or export.xml); it is read as a stream.", default: "8589934592" },
  { name: "ISLET_CLINICAL_FILES_MB", description: "How much one patient's files may have together (control data for appointments, clinical documents), in MB.", default: "200" },
  { name: "ISLET_CLAMAV", description: "host:port of a ClamAV daemon that looks through every uploaded file, e.g. 127.0.0.1:3310. Without it nobody looks for viruses (docs/uploads.md).", default: null },
  { name: "ISLET_RETURN_SCHEMES", description: "Schemes of mobile apps that may be returned to after connecting, separated by commas, e.g. `myapp` for myapp://oauth/callback", default: "" },
  { name: "ISLET_CORS_ORIGINS", description: "Origins of other web applications that may call the API, separated by commas. Never *.", default: "" },
  { name: "ISLET_REQUEST_LIMIT", description: "Requests of one address, and of one account, in a minute.", default: "1200" },
  { name: "ISLET_SENSITIVE_LIMIT", description: "Requests of one address, and of one account, in 15 minutes to what is sensitive: sign-in, recovery, sharing, keys, exports.", default: "100" },
  { name: "ISLET_SECURITY_CONTACT", description: "Whom to tell of a weakness, for /.well-known/security.txt: a mailto: or https: address. Default: security@ at the host of PUBLIC_URL.", default: null },
  { name: "ISLET_REGISTRATION", description: "off | open | invitation: whether people can make accounts by themselves, with an e-mail address that is confirmed. Default: open in the demo, else invitation.", default: null },
  { name: "ISLET_REGISTRATION_ORGANIZATION", description: "Id of the organization to which people belong who register by themselves. Not needed where there is only one.", default: null },
  { name: "ISLET_NATIONAL_ID_PATTERN", description: "Regular expression for national ids other than Spain's, in capital letters and digits without separators, e.g. ^[0-9]{13}$. Default: 4 to 24 of them.", default: null },
  { name: "ISLET_SMTP_URL", description: "Mail server: smtp://user:password@host:587 (STARTTLS is required) or smtps://user:password@host:465. Without it mails are written as .eml files into the data folder; in production they wait for a server.", default: null, isSecret: true },
  { name: "ISLET_MAIL_FROM", description: "Sender of mails: an address, or a name with the address in angle brackets.", default: "Islet <islet@localhost>" },
  { name: "ISLET_PRIVATE_ADDRESSES", description: "on: people may connect a Nightscout of their own at an address of your network (and over plain HTTP). Off, such addresses are refused, so that nobody reaches into the network by way of Islet.", default: "off" },
  { name: "ISLET_SESSION_HOURS", description: "After so many hours a browser must be signed in again, however busy it is.", default: "12" },
  { name: "ISLET_IDLE_MINUTES", description: "After so many minutes without a sign of its person a browser is signed out.", default: "30" },
  { name: "ISLET_STAFF_IDLE_MINUTES", description: "The same for clinicians and admins, who see data of many.", default: "15" },
  { name: "ISLET_TOKEN_ISSUERS", description: "Issuers whose tokens open Islet's API, a JSON list: `[{\"issuer\":…,\"audience\":…,\"jwksUrl\":…}]`, or with `sharedSecret` (docs/tokens.md).", default: "", isSecret: true },
  { name: "ISLET_SIGN_IN_PROVIDERS", description: "OpenID Connect providers to sign in with, a JSON list: `[{\"id\":…,\"name\":…,\"issuer\":…,\"clientId\":…,\"clientSecret\":…}]` (docs/tokens.md).", default: "", isSecret: true },
  { name: "ISLET_API_KEY_LIMIT", description: "Requests that one app may send with its key in a minute, to each process.", default: "600" },
  { name: "ISLET_INSECURE_COOKIES", description: "on: session cookies also over plain HTTP to another machine. For a trial inside one's own network only.", default: "off" },
  { name: "ISLET_METRICS_TOKEN", description: "At least 16 characters: whoever scrapes /metrics sends it as a bearer token. Without it, /metrics answers this machine alone.", default: null, isSecret: true },
  { name: "ISLET_WORKER_PORT", description: "Port of /health, /ready and /metrics of a process that runs as `worker`, on HOST; 0: none.", default: String(DEFAULT_WORKER_PORT) },
  { name: "ISLET_TRUSTED_PROXIES", description: "Addresses or networks of proxies in front of Islet, e.g. `127.0.0.1, 10.0.0.0/8`: their X-Request-Id, traceparent and X-Forwarded-For are believed. Without it, everybody behind a proxy counts as one address when sign-ins are limited.", default: "" },
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
