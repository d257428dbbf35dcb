/** Files that the person or their clinic gave, as they were given: opened one at a time. What is known of each stands in `provided/files`. */
import { listFiles, openFile, type ClinicalFile } from "#clinic/files/files.ts";
import type { PackageFile, PackagePart, PackageSource } from "../parts.ts";

export const filesPart: PackagePart = {
  name: "files",
  count: async ({ read, subject }) => (await read((tx) => listFiles(tx, subject.patientId))).length,
  async *files(source) {
    for (const file of await source.read((tx) => listFiles(tx, source.subject.patientId))) {
      source.signal.throwIfAborted();
      yield contentFile(source, file);
    }
  },
};

/** By its id, and the name that the check of uploads gave it, in letters, digits and hyphens alone. */
function contentFile({ context, read, subject }: PackageSource, { id, safeName, mediaType }: ClinicalFile): PackageFile {
  const at = safeName.lastIndexOf(".");
  const name = safeName.slice(0, at).toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "").slice(0, 60) || "file";
  return {
    path: `provided/files/${id}-${name}${safeName.slice(at)}`, mediaType, schema: null,
    async *content(count) {
      yield (await read((tx) => openFile(context, tx, { patientId: subject.patientId, fileId: id }))).bytes;
      count(1);
    },
  };
}
