/** Which files may be uploaded at all, and how far one is followed. */

/** A type that an upload may be asked for. Extensions lower-case without the dot, the one that is given first. Source: IANA media types, RFC 7111, RFC 9649. */
export const UPLOAD_TYPES = {
  pdf: { mediaType: "application/pdf", extensions: ["pdf"] },
  png: { mediaType: "image/png", extensions: ["png"] },
  jpeg: { mediaType: "image/jpeg", extensions: ["jpg", "jpeg", "jfif"] },
  webp: { mediaType: "image/webp", extensions: ["webp"] },
  gif: { mediaType: "image/gif", extensions: ["gif"] },
  csv: { mediaType: "text/csv", extensions: ["csv", "txt"] },
} as const satisfies Readonly<Record<string, { readonly mediaType: string; readonly extensions: readonly [string, ...string[]] }>>;

export type UploadType = keyof typeof UPLOAD_TYPES;

export const UPLOAD_TYPE_NAMES = Object.keys(UPLOAD_TYPES) as UploadType[];

/** How far a file is followed before it is refused. */
export interface InspectLimits {
  /** Pixels of an image, all its frames together, and of each image inside a document. */
  readonly mostPixels: number;
  readonly mostFrames: number;
  /** Objects of a PDF, in all its revisions. */
  readonly mostObjects: number;
  readonly mostPages: number;
  /** Numbers, names, strings and brackets of a PDF's structure. */
  readonly mostTokens: number;
  /** How deep arrays and dictionaries, and the page tree, may nest. */
  readonly mostDepth: number;
  /** Unpacked bytes for each packed one, where more than `freeBytes` are unpacked. Of samples of images their size is the measure instead. */
  readonly mostRatio: number;
  readonly freeBytes: number;
  /** Unpacked bytes of a PDF's object and cross-reference streams, which are read. */
  readonly mostStructureBytes: number;
  /** Unpacked bytes of all its streams together, which are counted and not kept. */
  readonly mostUnpackedBytes: number;
}

export const INSPECT_LIMITS: InspectLimits = {
  mostPixels: 40_000_000, mostFrames: 1_000, mostObjects: 200_000, mostPages: 5_000, mostTokens: 5_000_000, mostDepth: 100, mostRatio: 100, freeBytes: 1024 * 1024,
  mostStructureBytes: 64 * 1024 * 1024, mostUnpackedBytes: 1024 * 1024 * 1024,
};
