/** The outbox: written with its reason, sent once, tried again, given up, forgotten; and what a mail looks like on the wire. */
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deliverMails, forgetMails, MOST_TRIES, watchMails, type MailContext } from "#mail/deliver.ts";
import { sendMail } from "#mail/outbox.ts";
import { renderMail } from "#mail/render.ts";
import { TEMPLATES, type MailTemplate } from "#mail/templates.ts";
import { createMailTransport, type OutgoingMail } from "#mail/transport.ts";
import { silentLog } from "../src/log.ts";
import { Secret } from "../src/secret.ts";
import { startTestApp, type TestApp } from "./kit/app.ts";
import { DAY, MINUTE } from "./api/kit.ts";

let test: TestApp;
let sent: OutgoingMail[];
let context: MailContext;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.db.asOwner("truncate mails");
  sent = [];
  context = { ...test.app.mail, transport: { send: (mail) => Promise.resolve(void sent.push(mail)) } };
});

const write = (to: string | null = "ana@example.org", work: () => Promise<void> = () => Promise.resolve()): Promise<void> =>
  test.db.database.withOrganization(test.people.organizationId, async (tx) => {
    await sendMail(tx, { organizationId: test.people.organizationId, to, template: "password_recovery", locale: "en", link: { url: new Secret(`${test.origin}/recover#canary-token`), vault: test.app.sync.vault } });
    await work();
  });

describe("a mail in the outbox", () => {
  it("is sent if its reason was committed, and only once by many senders", async () => {
    await expect(write("ana@example.org", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await deliverMails(context)).toBe(0);
    await write();
    await Promise.all([deliverMails(context), deliverMails(context), deliverMails(context)]);
    expect(sent.map(({ to }) => to)).toEqual(["ana@example.org"]);
    expect(sent[0]!.text).toContain("/recover#canary-token");
  });

  it("to nobody is written and never sent", async () => {
    await write(null);
    expect(await deliverMails(context)).toBe(0);
    expect(await test.db.asOwner("select state, link_sealed from mails")).toEqual([{ state: "unaddressed", link_sealed: null }]);
  });

  it("holds its link sealed until it is sent, and nothing afterwards", async () => {
    await write();
    const waiting = JSON.stringify(await test.db.asOwner("select * from mails"));
    expect(waiting).not.toContain("canary-token");
    await deliverMails(context);
    expect(await test.db.asOwner("select to_address, mail_values, link_sealed, state from mails")).toEqual([{ to_address: null, mail_values: null, link_sealed: null, state: "sent" }]);
  });

  it("that cannot be sent is tried ever later, given up after eight tries, and forgotten after a week", async () => {
    const lines: string[] = [];
    const note = (fields: object, message: string): void => void lines.push(JSON.stringify(fields) + message);
    const failing: MailContext = {
      ...context, log: { ...silentLog, warn: note, error: note }, transport: { send: () => Promise.reject(Object.assign(new Error("550 no such user ana@example.org"), { responseCode: 550, code: "EENVELOPE" })) },
    };
    await write();
    let minutes = 1;
    for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
      expect(await deliverMails(failing), `try ${tries}`).toBe(1);
      expect(await deliverMails(failing)).toBe(0);
      test.clock.advance(minutes * MINUTE);
      minutes *= 2;
    }
    expect(await deliverMails(failing)).toBe(0);
    expect(await test.db.asOwner("select state, attempts, last_error, link_sealed, mail_values from mails")).toEqual([{ state: "dead", attempts: MOST_TRIES, last_error: "smtp_550", link_sealed: null, mail_values: null }]);
    expect(lines).toHaveLength(MOST_TRIES);
    expect(lines.join()).not.toContain("ana@");
    test.clock.advance(7 * DAY);
    expect(await forgetMails(test.db.database, test.clock.now())).toBe(1);
  });

  it("whose sender was killed is sent by another after five minutes, under the same id", async () => {
    await write();
    const stop = new AbortController();
    stop.abort();
    await expect(deliverMails(context, stop.signal)).rejects.toThrow();
    expect(await deliverMails(context)).toBe(0);
    test.clock.advance(5 * MINUTE);
    expect(await deliverMails(context)).toBe(1);
    expect(sent[0]!.id).toBe((await test.db.asOwner<{ id: string }>("select id from mails"))[0]!.id);
  });

  it("is found by the watch, which stops when it is told", async () => {
    await write();
    const watch = watchMails({ ...context, clock: { now: () => test.clock.now(), sleep: (_ms, signal) => new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("stopped")))) } });
    await expect.poll(() => sent.length).toBe(1);
    await watch.stop();
  });
});

describe("what a mail says", () => {
  it("is there in both languages, with the same places to fill in", () => {
    const places = (lines: readonly string[]): string[] => lines.join(" ").match(/\{\w+\}/g)?.toSorted((a, b) => a.localeCompare(b)) ?? [];
    for (const [name, { en, es }] of Object.entries(TEMPLATES)) {
      expect(places(es.lines), name).toEqual(places(en.lines));
      expect(es.subject, name).not.toBe(en.subject);
    }
  });

  it("lets nothing that is filled in become markup, a header or another line [DA-03]", () => {
    const organization = "<script>alert(1)</script>\r\nBcc: all@example.org\u2028\"'&";
    for (const template of Object.keys(TEMPLATES) as MailTemplate[]) {
      const mail = renderMail({ template, locale: "en", values: { organization, time: organization, reference: organization }, link: `https://x.example/#a"><img src=x>` });
      expect(mail.html).not.toMatch(/<script|<img/);
      expect(mail.subject).not.toMatch(/[\r\n]/);
      expect(mail.text).not.toMatch(/\nBcc/);
    }
  });
});

describe("leaving the house", () => {
  const mail: OutgoingMail = { id: "11111111-1111-4111-8111-111111111111", to: "ana@example.org", subject: "Contraseña nueva\r\nBcc: evil@example.org", text: "Hola\n", html: "<p>Hola</p>" };

  it("goes as a file of our own where there is no mail server, and the log does not say to whom", async () => {
    const folder = await mkdtemp(join(tmpdir(), "islet-mail-"));
    const lines: string[] = [];
    try {
      await createMailTransport({ smtpUrl: null, from: "Islet <islet@localhost>", folder: join(folder, "mail") }, { ...silentLog, info: (fields, message) => void lines.push(JSON.stringify(fields) + message) }).send(mail);
      const [name] = await readdir(join(folder, "mail"));
      const text = await readFile(join(folder, "mail", name!), "utf8");
      expect(text).toContain("To: ana@example.org");
      expect(text).toContain(`Message-ID: <${mail.id}@localhost>`);
      expect(text).not.toMatch(/^Bcc/m);
      expect((await stat(join(folder, "mail", name!))).mode & 0o777).toBe(0o600);
      expect(lines.join()).not.toContain("ana@");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("goes by SMTP to one recipient, and says what the server said when it refuses", async () => {
    const heard: string[] = [];
    const { server, port } = await smtpServer(heard, (line) => (line.startsWith("RCPT TO:<nobody@") ? "550 no" : null));
    try {
      const transport = createMailTransport({ smtpUrl: new Secret(`smtp://127.0.0.1:${port}`), from: "Islet <islet@example.org>", folder: null }, silentLog);
      await transport.send(mail);
      expect(heard.filter((line) => /^(MAIL|RCPT)/.test(line)).map((line) => line.replace(/ (BODY|SIZE).*/, ""))).toEqual(["MAIL FROM:<islet@example.org>", "RCPT TO:<ana@example.org>"]);
      expect(heard).toContain("Auto-Submitted: auto-generated");
      expect(heard.some((line) => line.startsWith("Bcc"))).toBe(false);
      await expect(transport.send({ ...mail, to: "nobody@example.org" })).rejects.toMatchObject({ responseCode: 550 });
    } finally {
      server.close();
    }
  });

  it("does not hand a password to a server elsewhere that offers no encryption", async () => {
    const { server, port } = await smtpServer([], () => null);
    try {
      // The same server under a name that is not this machine's own.
      await expect(createMailTransport({ smtpUrl: new Secret(`smtp://user:canary@127.0.0.2:${port}`), from: "islet@example.org", folder: null }, silentLog).send(mail)).rejects.toMatchObject({ code: "ETLS" });
    } finally {
      server.close();
    }
  });
});

/** A mail server that takes everything but what `refusal` answers. */
async function smtpServer(heard: string[], refusal: (line: string) => string | null): Promise<{ server: Server; port: number }> {
  const server = createServer((socket: Socket) => {
    let isData = false;
    let rest = "";
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    say("220 test");
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      rest += bytes.toString();
      for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        heard.push(line);
        if (isData) {
          if (line === ".") {
            isData = false;
            say("250 taken");
          }
        } else if (line === "DATA") {
          isData = true;
          say("354 go on");
        } else say(refusal(line) ?? (line === "QUIT" ? "221 bye" : line.startsWith("STARTTLS") ? "502 no" : "250 ok"));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  return { server, port: (server.address() as { port: number }).port };
}
