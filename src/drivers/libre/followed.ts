/** Whom a LibreLinkUp account follows, and whose data a connection is about. Source: vendors/abbott-libre.md, Identity. */
import { z } from "zod";
import { ReauthorizationRequired } from "#errors.ts";

const connection = z.object({ patientId: z.string().min(1), firstName: z.string().nullish(), lastName: z.string().nullish() });
export const connectionList = z.object({ data: z.array(connection) });
type Followed = z.infer<typeof connection>;

/** The `patientId` of the person named, or of the only one. Throws ReauthorizationRequired when that is nobody, or not one. */
export function chooseFollowed(all: readonly Followed[], name: string | undefined): string {
  if (all.length === 0) throw new ReauthorizationRequired("Nobody shares with this LibreLinkUp account yet: send it an invitation from the Libre app and accept it in LibreLinkUp.");
  const wanted = (name ?? "").trim().toLowerCase();
  const fits = wanted === "" ? all : all.filter((each) => namesOf(each).includes(wanted));
  if (fits.length === 1) return fits[0]!.patientId;
  throw new ReauthorizationRequired(
    fits.length === 0 ? "This LibreLinkUp account follows nobody of that name." : "This LibreLinkUp account follows several people: say which of them it is about.",
  );
}

function namesOf({ patientId, firstName, lastName }: Followed): string[] {
  const [first, last] = [firstName?.trim() ?? "", lastName?.trim() ?? ""];
  return [patientId, first, last, `${first} ${last}`].map((each) => each.toLowerCase()).filter((each) => each !== "");
}
