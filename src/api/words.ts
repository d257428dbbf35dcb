/** Sentences of the API that a person reads on a page, in English and Spanish. Programs go by codes and states. */
import type { FastifyRequest } from "fastify";
import type { Words } from "#driver/types.ts";
import type { Connection } from "#sync/connections.ts";
import { ProviderRateLimited, ReauthorizationRequired, type IsletError } from "../errors.ts";

export type Locale = keyof Words;

/** The language that the reader's browser prefers of the two. */
export function localeOf(request: Pick<FastifyRequest, "headers">): Locale {
  const wished = (request.headers["accept-language"] ?? "").split(",").map((part) => part.trim().slice(0, 2).toLowerCase());
  return wished.find((language): language is Locale => language === "en" || language === "es") ?? "en";
}

const TRYING: Words = {
  en: "The last try did not work; Islet tries again by itself.",
  es: "El último intento no funcionó; Islet vuelve a probar por su cuenta.",
};

const UNWANTED: Words = {
  en: "You took your consent back, so nothing is fetched. Your data is kept; consent again to go on.",
  es: "Retiraste tu consentimiento y por eso no se obtiene nada. Tus datos se conservan; consiente de nuevo para seguir.",
};

const STATUS: Readonly<Record<Connection["status"], Words | null>> = {
  active: null,
  limited: {
    en: "Some permissions were not given, so some data is missing: connect again and allow them.",
    es: "Faltan algunos permisos y por eso faltan datos: conecta de nuevo y permítelos.",
  },
  needs_reauthorization: {
    en: "The vendor asks for your consent again: connect again.",
    es: "El proveedor pide tu consentimiento otra vez: conecta de nuevo.",
  },
  error: {
    en: "Several tries in a row did not work. Islet goes on trying; if it lasts, connect again.",
    es: "Varios intentos seguidos no funcionaron. Islet sigue probando; si no cambia, conecta de nuevo.",
  },
  revoked: {
    en: "You ended the permission at the vendor. Your data is kept; connect again to go on.",
    es: "Retiraste el permiso en el proveedor. Tus datos se conservan; conecta de nuevo para seguir.",
  },
  retired: {
    en: "The vendor has ended this service. Your data is kept; look for its successor among the vendors to connect.",
    es: "El proveedor ha terminado este servicio. Tus datos se conservan; busca su sucesor entre los proveedores que se pueden conectar.",
  },
  disconnected: { en: "Disconnected. Your data is kept.", es: "Desconectado. Tus datos se conservan." },
};

/** What is wrong with a connection and what to do, in plain words (requirement E8); null when all is well. */
export function statusDetail({ status, statusCode, failures }: Pick<Connection, "status" | "statusCode" | "failures">, locale: Locale): string | null {
  // A vendor that is away for all is not held against the connection, and said all the same.
  if (statusCode === "consent_missing" && status !== "disconnected") return UNWANTED[locale];
  if (status === "active" && (failures > 0 || statusCode === "provider_unavailable")) return TRYING[locale];
  return STATUS[status]?.[locale] ?? null;
}

const SYNC_FAILURES: Readonly<Record<"consent" | "busy" | "away", Words>> = {
  consent: STATUS.needs_reauthorization!,
  busy: {
    en: "The vendor allows no more questions at the moment; Islet asks again by itself.",
    es: "El proveedor no admite más consultas por ahora; Islet vuelve a preguntar por su cuenta.",
  },
  away: {
    en: "The vendor did not answer as it should; Islet tries again by itself.",
    es: "El proveedor no respondió como debía; Islet vuelve a probar por su cuenta.",
  },
};

/** Why "sync now" did not work. */
export function syncFailure(error: IsletError, locale: Locale): string {
  const kind = error instanceof ReauthorizationRequired ? "consent" : error instanceof ProviderRateLimited ? "busy" : "away";
  return SYNC_FAILURES[kind][locale];
}
