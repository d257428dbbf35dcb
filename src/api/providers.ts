/** The vendors, from the drivers' own declarations. */
import type { MetricName } from "#units/metrics.ts";
import type { Driver } from "#driver/types.ts";
import { hasEnded } from "#sync/retired.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { connectTexts } from "./consents.ts";
import { logoUrl } from "./logos.ts";
import { PROBLEMS, type Server } from "./route-kit.ts";
import { providerList, type Provider } from "./schemas.ts";
import { localeOf, type Locale } from "./words.ts";

export function providerRoutes(server: Server, context: ApiContext): void {
  server.get("/providers", {
    config: { access: { who: "user" } },
    schema: { tags: ["connections"], summary: "Vendors that can be connected, and what they deliver", response: { 200: providerList, ...PROBLEMS } },
  }, async (request) => {
    const { organizationId } = await requireActor(context, request);
    const locale = localeOf(request);
    const consentTo = await connectTexts(context, organizationId, locale);
    return { data: context.sync.providers.drivers.map((driver) => ({ ...showProvider(context, driver, locale), consent: consentTo(driver.id) })) };
  });
}

function showProvider(context: ApiContext, driver: Driver, locale: Locale): Omit<Provider, "consent"> {
  const provider = context.sync.providers.find(driver.id);
  const metrics = new Set<MetricName>(driver.resources.flatMap((resource) => resource.metrics));
  const records = new Set(driver.resources.flatMap((resource) => resource.records));
  return {
    id: driver.id,
    displayName: driver.displayName,
    connectText: driver.brand.connectText,
    colour: driver.brand.colour,
    textColour: driver.brand.textColour,
    attribution: driver.brand.attribution ?? null,
    logoUrl: logoUrl(context, driver.id),
    disclosure: driver.brand.disclosure[locale],
    isConfigured: provider !== null,
    isSimulated: provider?.config.isSimulated ?? false,
    canConnect: provider !== null && driver.auth.kind !== "none" && (provider.config.isSimulated || !hasEnded(driver, context.clock.now())),
    signIn: driver.auth.kind,
    fields: driver.auth.kind === "credentials"
      ? driver.auth.fields.map(({ name, label, isSecret, isOptional = false, form = "text" }) => ({ name, label: label[locale], isSecret, isOptional, form }))
      : [],
    unofficial: driver.capabilities.unofficial?.[locale] ?? null,
    endedOn: driver.capabilities.endedOn ?? null,
    successor: driver.capabilities.successor ?? null,
    allowsSeveral: driver.capabilities.allowsSeveral ?? false,
    delivery: driver.capabilities.delivery,
    latencySeconds: driver.capabilities.latencySeconds,
    historyLimitDays: driver.capabilities.historyLimitDays,
    metrics: [...metrics],
    records: [...records],
    resources: driver.resources.map(({ name, metrics: given, records: kinds, pull }) => ({
      name, metrics: [...given], records: [...kinds], everySeconds: pull && !pull.backfillOnly ? pull.everySeconds : null,
    })),
    settings: driver.settings
      .filter((setting) => setting.chosenBy === "connection" && !setting.isLearnt)
      .map(({ name, description, values, default: chosen }) => ({ name, description, values: [...values], default: chosen })),
  };
}
