/** How a mail leaves: by the operator's mail server or, where none is set, as a file that a developer opens. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import type { Log } from "../log.ts";
import type { Secret } from "../secret.ts";
import type { RenderedMail } from "./render.ts";

export interface OutgoingMail extends RenderedMail {
  /** Of the outbox: the same mail sent twice has one Message-ID. */
  readonly id: string;
  readonly to: string;
}

export interface MailTransport {
  /** Throws what the server says. */
  send(mail: OutgoingMail): Promise<void>;
}

export interface MailSettings {
  /** smtp://user:password@host:587 or smtps://…; null: files. */
  readonly smtpUrl: Secret | null;
  readonly from: string;
  /** Of mails as files; null: they are not kept. */
  readonly folder: string | null;
}

const PATIENCE_MS = 20_000;

/** Over SMTP a connection that is not encrypted from the start must become so, unless the server is this machine. RFC 3207, RFC 8314. */
export function createMailTransport({ smtpUrl, from, folder }: MailSettings, log: Log): MailTransport {
  if (smtpUrl === null) return folder === null ? refusing() : filing(folder, from, log);
  const url = new URL(smtpUrl.open());
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  const mailer = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || (url.protocol === "smtps:" ? 465 : 587)), secure: url.protocol === "smtps:",
    requireTLS: url.protocol === "smtp:" && !isHere, ignoreTLS: isHere && url.protocol === "smtp:",
    ...(url.username ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } } : {}),
    connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS, disableFileAccess: true, disableUrlAccess: true,
  });
  return { send: async (mail) => void (await mailer.sendMail(message(mail, from))) };
}

function message({ id, to, subject, text, html }: OutgoingMail, from: string): { from: string; to: { name: string; address: string }; subject: string; text: string; html: string; messageId: string; headers: Record<string, string> } {
  const host = from.split("@").at(-1)?.replace(/[>\s]/g, "") ?? "islet";
  // As an object, so that nothing in an address is read as a list of them. RFC 3834: no automatic answers, please.
  return { from, to: { name: "", address: to }, subject, text, html, messageId: `<${id}@${host}>`, headers: { "Auto-Submitted": "auto-generated" } };
}

function filing(folder: string, from: string, log: Log): MailTransport {
  const mailer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return {
    send: async (mail) => {
      const { message: bytes } = await mailer.sendMail(message(mail, from));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `${mail.id}.eml`);
      await writeFile(`${file}.new`, bytes as Buffer, { mode: 0o600 });
      await rename(`${file}.new`, file);
      log.info({ mailId: mail.id }, "a mail was written into the data folder: set ISLET_SMTP_URL to have it sent");
    },
  };
}

/** In production without a mail server: mails wait, and say so, until there is one or they are given up. */
function refusing(): MailTransport {
  return { send: () => Promise.reject(Object.assign(new Error("No mail server is set: set ISLET_SMTP_URL."), { code: "no_mail_server" })) };
}
