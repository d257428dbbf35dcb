/** The person's national id, which rests sealed: opened for themselves alone. */
import { nationalIdPlace } from "#people/accounts/identities.ts";
import type { PackagePart, PackageSource } from "../parts.ts";

export const nationalIdPart: PackagePart = {
  name: "national-id",
  count: async (source) => ((await sealedOf(source)) === null ? 0 : 1),
  async *files(source) {
    const sealed = await sealedOf(source);
    if (sealed === null) return;
    yield {
      path: "account/national-id.json", mediaType: "application/json", schema: null,
      async *content(count) {
        yield `${JSON.stringify({ nationalId: source.context.sync.vault.open(sealed, nationalIdPlace(source.subject.userId!)).open() })}\n`;
        count(1);
      },
    };
  },
};

/** Null where there is none, and in a package that somebody else asked for. */
async function sealedOf({ isOwn, subject, read }: PackageSource): Promise<string | null> {
  if (!isOwn || subject.userId === null) return null;
  const [row] = await read((tx) => tx.query<{ national_id_sealed: string | null }>("select national_id_sealed from users where id = $1", [subject.userId]));
  return row?.national_id_sealed ?? null;
}
