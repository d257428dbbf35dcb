/** Whom a LibreLinkUp account follows, and whose data a connection is about. Source: vendors/abbott-libre.md, Identity. */
import { z } from "zod";
import { ReauthorizationRequired } from "#errors.ts";

const connection = z.object({ patientId: z.string().min(1), firstName: z.string().nullish(), lastName: z.string().nullish() });
export const connectionList = z.object({ data: z.array(connection) });
type Followed = z.infer<typeof connection>;

/**
 * The `patientId` of the person `name`, or of the only one. `known`, whom the connection has been about so far, settles it where several
 * fit: the account may have begun to follow others. Throws ReauthorizationRequired when that is nobody, or not one.
 */
export function chooseFollowed(all: readonly Followed[], name: string | undefined, known: string | undefined): string {
  if (all.length === 0) throw new ReauthorizationRequired("Nobody shares with this LibreLinkUp account yet: send it an invitation from the Libre app and accept it in LibreLinkUp.");
  const wanted = spelled(name);
  const fits = wanted === "" ? all : all.filter((each) => namesOf(each).includes(wanted));
  const found = fits.length === 1 ? fits[0] : fits.find(({ patientId }) => patientId === known);
  if (found) return found.patientId;
  // No names: messages are logged.
  throw new ReauthorizationRequired(
    fits.length === 0 ? "This LibreLinkUp account follows nobody of that name." : `This LibreLinkUp account follows ${fits.length} people${wanted === "" ? "" : " of that name"}: give the name of the one it is about, as LibreLinkUp shows it.`,
  );
}

function namesOf({ patientId, firstName, lastName }: Followed): string[] {
  return [patientId, firstName, lastName, `${firstName ?? ""} ${lastName ?? ""}`].map(spelled).filter((each) => each !== "");
}

/** As names are compared: without case, accents written one way, single spaces. */
function spelled(name: string | null | undefined): string {
  return (name ?? "").normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();
}
