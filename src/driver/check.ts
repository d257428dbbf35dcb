/** Whether a driver's data sheet contradicts itself. Asked when the app starts and by the contract suite. Pure. */
import { ConfigError } from "../errors.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";
import { isMetricName } from "#units/metrics.ts";
import type { Driver, DriverSetting, Resource } from "./types.ts";

/** Settings that every driver has; none may declare them. */
const COMMON_SETTINGS = ["base_url", "browser_base_url"];

/** What an authorize URL sets itself: extra parameters of a vendor must leave them alone. */
const OWN_PARAMETERS = ["response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"];

const REPLACED_API = "https://replaced.example/prefix";
const REPLACED_BROWSER = "https://browser.example/prefix";

/**
 * Throws ConfigError, naming everything at once, when the declarations of a driver contradict each other or leave out what people
 * must be shown. Source: faults OA-08 for PKCE; design §5 for ids.
 */
export function checkDriver(driver: Driver): void {
  const faults = [
    ...faultsOfIdentity(driver),
    ...faultsOfAuth(driver),
    ...faultsOfSettings(driver.settings),
    ...faultsOfEndpoints(driver),
    ...faultsOfDelivery(driver),
    ...driver.resources.flatMap((resource) => faultsOfResource(resource, driver)),
  ];
  if (faults.length > 0) throw new ConfigError(`The driver "${driver.id}" contradicts itself: ${faults.join("; ")}.`);
}

/** Checks all drivers of the app, and that no two share an id. Throws ConfigError. */
export function checkDrivers(drivers: readonly Driver[]): void {
  for (const driver of drivers) checkDriver(driver);
  const twice = firstRepeated(drivers.map((driver) => driver.id));
  if (twice !== undefined) throw new ConfigError(`There are two drivers "${twice}".`);
}

/** The faults among `[fault, holds]` pairs. */
function failing(checks: readonly (readonly [fault: string, holds: boolean])[]): string[] {
  return checks.filter(([, holds]) => !holds).map(([fault]) => fault);
}

function faultsOfIdentity({ id, displayName, brand }: Driver): string[] {
  return failing([
    ["its id is not in lower case with hyphens", /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)],
    ["it has no display name", isText(displayName)],
    ["its connect button has no text", isText(brand.connectText)],
    ["it says nothing to a person before connecting", isText(brand.disclosure.en) && isText(brand.disclosure.es)],
    ["its colours are not of the form #rrggbb", [brand.colour, brand.textColour].every((colour) => /^#[0-9a-f]{6}$/i.test(colour))],
    ["its attribution is empty", brand.attribution === undefined || isText(brand.attribution)],
    [
      "its workout link is not an https address with {id}",
      brand.workoutLink === undefined || (isText(brand.workoutLink.text) && /^https:\/\/.*\{id\}/.test(brand.workoutLink.url)),
    ],
  ]);
}

function faultsOfAuth(driver: Driver): string[] {
  const { auth } = driver;
  switch (auth.kind) {
    case "oauth2":
      return faultsOfOAuth(auth, driver.settings);
    case "credentials":
      return failing([
        ["its sign-in has no field", auth.fields.length > 0],
        ["a field of its sign-in repeats", firstRepeated([...auth.fields.map(({ name }) => name), ...driver.settings.map(({ name }) => name)]) === undefined],
        ["a field of its sign-in has no words", auth.fields.every(({ label }) => isText(label.en) && isText(label.es))],
        ["an address is kept secret", auth.fields.every(({ form, isSecret }) => form !== "address" || !isSecret)],
      ]);
    case "hosted":
      return [];
    default:
      return failing([
        ["nothing may be sent to it", auth.pushes.length > 0],
        ["what may be sent to it is no resource of its own", auth.pushes.every((name) => driver.resources.some((resource) => resource.name === name))],
        ["it is asked, but has no cloud", driver.resources.every(({ pull }) => pull === undefined)],
      ]);
  }
}

function faultsOfOAuth(auth: OAuth2Auth, settings: readonly DriverSetting[]): string[] {
  const switches = settings.filter(({ chosenBy, values }) => chosenBy === "provider" && values.includes("on") && values.includes("off"));
  const unswitched = auth.optionalScopes?.find(({ setting }) => !switches.some(({ name }) => name === setting));
  const lists = settings.filter(({ chosenBy, values }) => chosenBy === "provider" && values.length === 0);
  const pkceSetting = settings.find(({ name }) => name === "pkce");
  const extra = Object.keys(auth.extraAuthorizeParameters ?? {}).find((name) => OWN_PARAMETERS.includes(name));
  return failing([
    ["its OAuth paths do not start with a slash", [auth.authorizePath, auth.tokenPath, auth.refreshPath ?? "/", auth.revokePath ?? "/"].every((path) => path.startsWith("/"))],
    ["its OAuth scopes repeat", firstRepeated([...auth.scopes, ...(auth.optionalScopes ?? []).map(({ scope }) => scope)]) === undefined],
    [`there is no provider setting ${unswitched?.setting} (on, off) for a scope`, unswitched === undefined],
    ["its refreshes prolong tokens, but no answer could say so", auth.refreshProlongsSeconds === undefined || auth.answerEnvelope !== undefined],
    ["it ends grants in its own way, but nowhere", auth.revokeCall === undefined || auth.revokePath !== undefined],
    ["its list of scopes is no free text of the operator", auth.scopesSetting === undefined || lists.some(({ name }) => name === auth.scopesSetting)],
    ["what it adds to a refresh is not its own", ["grant_type", "refresh_token", "client_id", "client_secret"].every((name) => !Object.hasOwn(auth.extraRefreshParameters ?? {}, name))],
    ["a scope holds the separator of scopes", !auth.scopes.some((scope) => scope === "" || scope.includes(auth.scopeSeparator))],
    [`it adds "${extra}" to the authorize address, which is not its own`, extra === undefined],
    ["its tokens have no life", isPositive(auth.defaultTokenLifeSeconds)],
    [
      "PKCE is on by default but there is no provider setting pkce (on, off) to turn it off",
      auth.pkce !== "default-on" || (pkceSetting?.chosenBy === "provider" && pkceSetting.default === "on" && pkceSetting.values.includes("off")),
    ],
    [`PKCE is "${auth.pkce}" but there is a setting for it`, auth.pkce === "default-on" || pkceSetting === undefined],
  ]);
}

function faultsOfSettings(settings: readonly DriverSetting[]): string[] {
  const twice = firstRepeated(settings.map(({ name }) => name));
  return failing([
    [`the setting ${twice} is declared twice`, twice === undefined],
    ...settings.flatMap(({ name, description, values, default: byDefault }): [string, boolean][] => [
      [`the setting ${name} belongs to every driver`, !COMMON_SETTINGS.includes(name)],
      [`the setting ${name} has no description`, isText(description)],
      [`the setting ${name} repeats a value`, firstRepeated(values) === undefined],
      [`the default of the setting ${name} is not one of its values`, values.length === 0 || values.includes(byDefault)],
    ]),
  ]);
}

/** Every choice of every setting must lead somewhere, and the two common settings must be obeyed. */
function faultsOfEndpoints(driver: Driver): string[] {
  if (driver.auth.kind === "device" || driver.auth.kind === "none") return [];
  const defaults = Object.fromEntries(driver.settings.map((setting) => [setting.name, setting.default]));
  const choices = driver.settings.flatMap(({ name, values }) => values.map((value) => ({ ...defaults, [name]: value })));
  const faults = [defaults, ...choices].flatMap((choice) => {
    const given = endpointsOf(driver, choice);
    return given !== null && [given.auth, given.token, given.api].every(isPlainHttps) ? [] : ["its endpoints are not https addresses without a trailing slash for every setting"];
  });
  const replaced = endpointsOf(driver, { ...defaults, base_url: REPLACED_API });
  const inBrowser = endpointsOf(driver, { ...defaults, base_url: REPLACED_API, browser_base_url: REPLACED_BROWSER });
  return [
    ...new Set(faults),
    ...failing([
      ["base_url does not replace all its hosts", replaced !== null && [replaced.auth, replaced.token, replaced.api].every((url) => isAt(url, REPLACED_API))],
      [
        "browser_base_url does not replace the host of the consent page alone",
        driver.auth.kind !== "oauth2" || (inBrowser !== null && isAt(inBrowser.auth, REPLACED_BROWSER) && [inBrowser.token, inBrowser.api].every((url) => isAt(url, REPLACED_API))),
      ],
    ]),
  ];
}

/** Null where a driver refuses its own settings. */
function endpointsOf(driver: Driver, settings: Readonly<Record<string, string>>): Endpoints | null {
  try {
    return driver.endpoints(settings);
  } catch {
    return null;
  }
}

function faultsOfDelivery({ capabilities, webhook, resources, rateLimits }: Driver): string[] {
  const twice = firstRepeated(resources.map(({ name }) => name));
  const isPolled = resources.some(({ pull }) => pull !== undefined && pull.deliversByWebhook === undefined && pull.backfillOnly === undefined);
  return failing([
    ["it has no resource", resources.length > 0],
    [`the resource ${twice} is declared twice`, twice === undefined],
    ["its data comes by webhook but it has none", !capabilities.delivery.startsWith("webhook") || webhook !== undefined],
    ["it is polled but no resource can be asked for", capabilities.delivery !== "poll" || isPolled],
    ["its history limit is not positive", capabilities.historyLimitDays === null || isPositive(capabilities.historyLimitDays)],
    ["its delay is negative", capabilities.latencySeconds >= 0],
    ["it is unofficial and does not say why", capabilities.unofficial === undefined || (isText(capabilities.unofficial.en) && isText(capabilities.unofficial.es))],
    ["the end of its API is no date", capabilities.endedOn === undefined || /^\d{4}-\d{2}-\d{2}$/.test(capabilities.endedOn)],
    ["its webhook takes no body", webhook === undefined || isPositive(webhook.maxBytes)],
    [
      "a rate limit is not positive or names no source",
      rateLimits.every(({ requests, perSeconds, source }) => isPositive(requests) && isPositive(perSeconds) && isText(source)),
    ],
  ]);
}

function faultsOfResource({ name, metrics, records, pull }: Resource, { capabilities, webhook }: Driver): string[] {
  const unknown = metrics.find((metric) => !isMetricName(metric));
  const limitDays = capabilities.historyLimitDays;
  return failing([
    ["a resource has no name", isText(name)],
    [`${name} gives the unknown metric ${unknown}`, unknown === undefined],
    [`${name} repeats a metric`, firstRepeated(metrics) === undefined],
    [`${name} repeats a kind of record`, firstRepeated(records) === undefined],
    [`${name} names metrics without samples, or samples without metrics`, metrics.length > 0 === records.includes("sample")],
    ...(pull === undefined
      ? []
      : ([
          [`${name} has no positive window`, isPositive(pull.maxWindowMs)],
          [`${name} is asked again without pause`, isPositive(pull.everySeconds)],
          [`${name} goes back no whole number of days`, Number.isInteger(pull.backfillDays) && pull.backfillDays >= 0],
          [`${name} overlaps negatively`, pull.overlapMs >= 0 && Number.isFinite(pull.overlapMs)],
          [`${name} goes back further than the vendor's history`, limitDays === null || pull.backfillDays <= limitDays],
          [`${name} is delivered by a webhook that is not there`, pull.deliversByWebhook === undefined || webhook !== undefined],
        ] satisfies [string, boolean][])),
  ]);
}

function isText(text: string): boolean {
  return text.trim() !== "";
}

function isPositive(number: number): boolean {
  return Number.isFinite(number) && number > 0;
}

function isPlainHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === "https:" && !url.endsWith("/");
}

function isAt(url: string, base: string): boolean {
  return url === base || url.startsWith(`${base}/`);
}

function firstRepeated(texts: readonly string[]): string | undefined {
  return texts.find((text, index) => texts.indexOf(text) !== index);
}
