/** Uploads as a route has them checked: in a thread, with a virus scanner, while others go on. */
import { createHash } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Unavailable, UploadRefused } from "../errors.ts";
import { createUploads, type UploadAsked } from "./check-upload.ts";
import { createClamAv } from "./clamav.ts";
import { createInspect, THREAD_LIMITS } from "./inspect-thread.ts";
import { ascii, deflated, gif, jpeg, ONE_PAGE, pdf, png, stream, webp, zip } from "./test-kit.ts";
import { INSPECT_LIMITS, UPLOAD_TYPE_NAMES, UPLOAD_TYPES, type UploadType } from "./types.ts";

const { check } = createUploads({ scan: null });
const asked = (type: UploadType, more: Partial<UploadAsked> = {}): UploadAsked => ({ name: null, declaredType: UPLOAD_TYPES[type].mediaType, accept: UPLOAD_TYPE_NAMES, mostBytes: 20_000_000, ...more });

describe("a good file", () => {
  it.each([["pdf", pdf(ONE_PAGE)], ["png", png()], ["jpeg", jpeg()], ["webp", webp()], ["gif", gif()], ["csv", ascii("time,gl\n2026-10-14 06:30,100\n")], ["csv", Buffer.from("\uFEFFtime;gl\r\n", "utf16le")], ["csv", Buffer.from("für;é\n", "latin1")]] as const)("is told with its type, name and digest: %s", async (type, bytes) => {
    const [extension] = UPLOAD_TYPES[type].extensions;
    expect(await check(bytes, asked(type, { name: `../labs.${extension}` }))).toEqual({
      type, mediaType: UPLOAD_TYPES[type].mediaType, extension, safeName: `labs.${extension}`, bytes, sha256: createHash("sha256").update(bytes).digest("hex"),
    });
  });

  it("may be declared by an older name of its type, with parameters, or not at all", async () => {
    for (const declaredType of ["image/jpg", "IMAGE/JPEG; q=1", "application/octet-stream", "", null]) await check(jpeg(), asked("jpeg", { declaredType }));
  });
});

describe("a file is refused", () => {
  const cases: readonly [string, Buffer, UploadAsked, { code: string; httpStatus: number }][] = [
    ["that is empty", Buffer.alloc(0), asked("pdf"), { code: "file_empty", httpStatus: 422 }],
    ["that is larger than asked for", png(), asked("png", { mostBytes: 50 }), { code: "file_too_large", httpStatus: 413 }],
    ["that is declared as another type", png(), asked("pdf"), { code: "file_type", httpStatus: 415 }],
    ["whose type is not asked for", png(), asked("png", { accept: ["pdf"] }), { code: "file_type", httpStatus: 415 }],
    ["that is a program", Buffer.concat([ascii("MZ"), Buffer.alloc(200)]), asked("pdf"), { code: "file_type", httpStatus: 415 }],
    ["whose name is another type's", png(), asked("png", { name: "a.html" }), { code: "file_extension", httpStatus: 415 }],
    ["whose PDF begins later", Buffer.concat([ascii("\n\n"), pdf(ONE_PAGE)]), asked("pdf"), { code: "file_type", httpStatus: 415 }],
    ["that is an archive with a PDF's header", Buffer.concat([ascii("%PDF-1.7\n"), zip()]), asked("pdf"), { code: "file_ambiguous", httpStatus: 422 }],
    ["that is a PDF with an archive behind it", Buffer.concat([pdf(ONE_PAGE), zip()]), asked("pdf"), { code: "file_ambiguous", httpStatus: 422 }],
    ["that is an image with an archive behind it", Buffer.concat([jpeg(), zip()]), asked("jpeg"), { code: "file_ambiguous", httpStatus: 422 }],
    ["that is an image with a PDF inside", Buffer.concat([jpeg(), pdf(ONE_PAGE)]), asked("jpeg"), { code: "file_ambiguous", httpStatus: 422 }],
    ["that is an image and a web page", gif({ comment: "<script>alert(1)</script>" }), asked("gif"), { code: "file_ambiguous", httpStatus: 422 }],
    ["that is an image and JavaScript", Buffer.concat([gif(), ascii("=1;alert(document.cookie)//")]), asked("gif"), { code: "file_ambiguous", httpStatus: 422 }],
    ["that is a table and a web page", ascii("<!doctype html>\n1,2,3\n"), asked("csv"), { code: "file_ambiguous", httpStatus: 422 }],
    ["that is a table with a PDF inside", Buffer.concat([ascii("a,b\n"), ascii("%PDF-1.7\n")]), asked("csv"), { code: "file_ambiguous", httpStatus: 422 }],
    ["that is no text", Buffer.concat([ascii("a,b\n"), Buffer.from([0, 1, 2, 3])]), asked("csv"), { code: "file_type", httpStatus: 415 }],
  ];
  it.each(cases)("%s [DA-05] [ASVS 5.2.2]", async (_, bytes, how, expected) => {
    const error: unknown = await check(bytes, how).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UploadRefused);
    expect(error).toMatchObject(expected);
  });
});

describe("a bomb", () => {
  it("is refused while others go on [DA-04] [ASVS 5.2.1]", async () => {
    const bombs = [
      pdf({ ...ONE_PAGE, ...Object.fromEntries(Array.from({ length: 20 }, (_, index) => [index + 10, deflated("/Subtype /Image /Width 6000 /Height 6000", Buffer.alloc(36_000_000))])) }),
      pdf({ ...ONE_PAGE, 4: `[${"0 ".repeat(4_000_000)}]`, 5: `[${"<< >> ".repeat(1_500_000)}]` }),
    ];
    let [longestMs, lastMs] = [0, performance.now()];
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 5);
    const outcomes = await Promise.allSettled(bombs.map((bytes) => check(bytes, asked("pdf", { mostBytes: 50_000_000 }))));
    clearInterval(beat);
    expect(outcomes.map((outcome) => (outcome.status === "rejected" ? (outcome.reason as UploadRefused).code : "taken"))).toEqual(["taken", "pdf_too_complex"]);
    expect(longestMs).toBeLessThan(1_000);
  }, 60_000);

  it("is ended when it takes more memory than a thread has [DA-04]", async () => {
    const hungry = createInspect({ ...THREAD_LIMITS, memoryMegabytes: 64 }, { ...INSPECT_LIMITS, mostTokens: 1e9, mostObjects: 1e9 });
    const bytes = pdf({ ...ONE_PAGE, 5: `[${"<< /A 1 >> ".repeat(1_500_000)}]` });
    await expect(hungry(bytes, "pdf")).rejects.toMatchObject({ code: "file_check_stopped", httpStatus: 422 });
    await hungry(pdf(ONE_PAGE), "pdf");
  }, 60_000);

  it("is ended when it takes more memory beside its heap [DA-04]", async () => {
    const hungry = createInspect({ ...THREAD_LIMITS, memoryMegabytes: 96 }, { ...INSPECT_LIMITS, mostRatio: 2_000, mostStructureBytes: 1e9, mostTokens: 1e9 });
    const streams = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [index + 10, deflated("/Type /ObjStm /N 1 /First 4", Buffer.alloc(80_000_000, 32))]));
    await expect(hungry(pdf({ ...ONE_PAGE, ...streams }), "pdf")).rejects.toMatchObject({ code: "file_check_stopped" });
  }, 60_000);

  it("is ended when it takes more time [DA-04]", async () => {
    const hasty = createInspect({ ...THREAD_LIMITS, timeMs: 1 });
    await expect(hasty(pdf(ONE_PAGE), "pdf")).rejects.toMatchObject({ code: "file_check_stopped" });
  });

  it("finds no more threads than there are, and a refusal when too many wait", async () => {
    const narrow = createInspect({ ...THREAD_LIMITS, atOnce: 1, waiting: 1 });
    const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => narrow(pdf(ONE_PAGE), "pdf")));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect((outcomes[2] as PromiseRejectedResult).reason).toBeInstanceOf(Unavailable);
  });
});

describe("a virus scanner", () => {
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  /** A daemon that answers by what it was sent, once all of it has come; null: it never does. */
  async function daemon(answer: (content: Buffer) => string | null): Promise<{ host: string; port: number }> {
    const server = createServer((socket) => {
      sockets.push(socket);
      let held = Buffer.alloc(0);
      socket.on("error", () => undefined);
      socket.on("data", (piece: Buffer) => {
        held = Buffer.concat([held, piece]);
        const content = contentOf(held);
        const said = content && answer(content);
        if (said) socket.end(`${said}\0`);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  }

  function contentOf(held: Buffer): Buffer | null {
    if (held.length >= 10) expect(held.toString("latin1", 0, 10)).toBe("zINSTREAM\0");
    const pieces: Buffer[] = [];
    for (let at = 10; at + 4 <= held.length; ) {
      const length = held.readUInt32BE(at);
      if (length === 0) return Buffer.concat(pieces);
      pieces.push(held.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    return null;
  }

  it("is sent the whole file, and what it knows is refused [ASVS 5.4.3]", async () => {
    const seen: number[] = [];
    const scan = createClamAv(await daemon((content) => {
      seen.push(content.length);
      return content.includes("EICAR") ? "stream: Eicar-Test-Signature FOUND" : "stream: OK";
    }));
    const { check: scanned } = createUploads({ scan });
    const large = pdf({ ...ONE_PAGE, 4: stream("", Buffer.alloc(300_000, 65)) });
    expect((await scanned(large, asked("pdf"))).type).toBe("pdf");
    await expect(scanned(ascii("a,b\nEICAR,1\n"), asked("csv"))).rejects.toMatchObject({ code: "file_infected", httpStatus: 422 });
    expect(seen).toEqual([large.length, 12]);
  });

  it("that is away, silent or at a loss lets nothing through", async () => {
    const away = await daemon(() => null);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    const limited = await daemon(() => "INSTREAM size limit exceeded. ERROR");
    const silent = await daemon(() => null);
    for (const scan of [createClamAv(away), createClamAv(limited), createClamAv(silent, 100)]) {
      await expect(createUploads({ scan }).check(png(), asked("png"))).rejects.toBeInstanceOf(Unavailable);
    }
  });
});
