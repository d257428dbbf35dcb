/** What Islet writes to people, in English and Spanish: plain sentences, no picture, nothing of their health. `{name}` is filled in. */

export type MailLocale = "en" | "es";

interface Words {
  readonly subject: string;
  /** Paragraphs; `{link}` stands alone in one. */
  readonly lines: readonly string[];
}

type Template = Readonly<Record<MailLocale, Words>>;

const IGNORE = {
  en: "If this was not you, there is nothing you need to do.",
  es: "Si no ha sido usted, no tiene que hacer nada.",
};
const ALARM = {
  en: "If this was not you, ask for a new password on the sign-in page at once and tell whoever runs this Islet.",
  es: "Si no ha sido usted, pida enseguida una contraseña nueva en la página de acceso y avise a quien administra este Islet.",
};

export const TEMPLATES = {
  verify_email: {
    en: { subject: "Confirm your e-mail address", lines: ["Welcome to Islet at {organization}.", "Open this link within 24 hours to confirm that this address is yours:", "{link}", IGNORE.en] },
    es: { subject: "Confirme su correo electrónico", lines: ["Le damos la bienvenida a Islet en {organization}.", "Abra este enlace en las próximas 24 horas para confirmar que esta dirección es suya:", "{link}", IGNORE.es] },
  },
  already_registered: {
    en: { subject: "You already have an account", lines: ["Somebody, probably you, asked for an account with this address. There is one already.", "If you have forgotten your password, ask for a new one on the sign-in page.", IGNORE.en] },
    es: { subject: "Ya tiene una cuenta", lines: ["Alguien, probablemente usted, ha pedido una cuenta con esta dirección. Ya existe una.", "Si ha olvidado su contraseña, pida una nueva en la página de acceso.", IGNORE.es] },
  },
  invitation: {
    en: { subject: "An invitation to Islet", lines: ["{organization} invites you to Islet.", "Open this link within 7 days to make your account. It works once, and only for this address:", "{link}", "If you did not expect it, you can ignore it."] },
    es: { subject: "Una invitación a Islet", lines: ["{organization} le invita a Islet.", "Abra este enlace en los próximos 7 días para crear su cuenta. Sirve una sola vez y solo para esta dirección:", "{link}", "Si no la esperaba, puede ignorarla."] },
  },
  password_recovery: {
    en: { subject: "Choose a new password", lines: ["A new password was asked for your account.", "Open this link within 30 minutes to choose one. It works once:", "{link}", IGNORE.en] },
    es: { subject: "Elija una contraseña nueva", lines: ["Se ha pedido una contraseña nueva para su cuenta.", "Abra este enlace en los próximos 30 minutos para elegirla. Sirve una sola vez:", "{link}", IGNORE.es] },
  },
  password_changed: {
    en: { subject: "Your password was changed", lines: ["The password of your account was changed. Everybody who was signed in elsewhere has been signed out.", ALARM.en] },
    es: { subject: "Su contraseña ha cambiado", lines: ["Se ha cambiado la contraseña de su cuenta. Se ha cerrado la sesión en todos los demás lugares.", ALARM.es] },
  },
  email_change: {
    en: { subject: "Confirm your new e-mail address", lines: ["Open this link within 24 hours to use this address for your account:", "{link}", IGNORE.en] },
    es: { subject: "Confirme su nuevo correo electrónico", lines: ["Abra este enlace en las próximas 24 horas para usar esta dirección en su cuenta:", "{link}", IGNORE.es] },
  },
  email_changed: {
    en: { subject: "Your e-mail address was changed", lines: ["Your account now uses another e-mail address.", "If this was not you, take it back within 7 days with this link; everybody will be signed out:", "{link}"] },
    es: { subject: "Su correo electrónico ha cambiado", lines: ["Su cuenta usa ahora otra dirección de correo.", "Si no ha sido usted, deshágalo en los próximos 7 días con este enlace; se cerrarán todas las sesiones:", "{link}"] },
  },
  new_device: {
    en: { subject: "A new sign-in to your account", lines: ["Somebody has signed in to your account from a browser that we did not know yet, at {time}.", ALARM.en] },
    es: { subject: "Un nuevo acceso a su cuenta", lines: ["Alguien ha accedido a su cuenta desde un navegador que no conocíamos, el {time}.", ALARM.es] },
  },
  session_reused: {
    en: { subject: "A program was signed out of your account", lines: ["A program's token for your account was used twice, which can mean that it was copied. The program was signed out.", "Sign it in again if it is yours."] },
    es: { subject: "Se ha cerrado la sesión de un programa", lines: ["La credencial de un programa de su cuenta se ha usado dos veces, lo que puede significar que fue copiada. Se ha cerrado su sesión.", "Si es suyo, vuelva a conectarlo."] },
  },
  account_deleted: {
    en: { subject: "Your account was deleted", lines: ["Your account at {organization} was deleted, as you asked."] },
    es: { subject: "Su cuenta se ha eliminado", lines: ["Se ha eliminado su cuenta en {organization}, como pidió."] },
  },
  emergency_access: {
    en: { subject: "Somebody opened your data in an emergency", lines: ["A clinician of {organization} opened your data as an emergency, at {time}. You see who it was, and why, under \"Who looked at my data\"."] },
    es: { subject: "Se han abierto sus datos por una emergencia", lines: ["El {time}, personal sanitario de {organization} ha abierto sus datos por una emergencia. Puede ver quién y por qué en «Quién ha visto mis datos»."] },
  },
  webhook_gone: {
    en: { subject: "A system does not take messages any more", lines: ["The system at {host} answered that it is gone. {organization} sends it no more messages.", "If that is wrong, an administrator can bring it back under Administration, Webhooks, and send once more what it missed."] },
    es: { subject: "Un sistema ya no acepta mensajes", lines: ["El sistema en {host} ha respondido que ya no existe. {organization} no le envía más mensajes.", "Si es un error, la administración puede reactivarlo en Administración, Webhooks, y enviarle de nuevo lo que le falta."] },
  },
  webhook_failing: {
    en: { subject: "A system could not be reached for days", lines: ["The system at {host} has taken no message for three days. {organization} sends it no more.", "Once it works again, an administrator can bring it back under Administration, Webhooks, and send once more what it missed."] },
    es: { subject: "No se puede llegar a un sistema desde hace días", lines: ["El sistema en {host} no ha aceptado ningún mensaje en tres días. {organization} no le envía más.", "Cuando vuelva a funcionar, la administración puede reactivarlo en Administración, Webhooks, y enviarle de nuevo lo que le falta."] },
  },
  export_ready: {
    en: { subject: "Your data is ready", lines: ["The copy of your data that you asked for is ready. Sign in to fetch it within 24 hours."] },
    es: { subject: "Sus datos están listos", lines: ["La copia de sus datos que pidió está lista. Acceda a su cuenta para descargarla en las próximas 24 horas."] },
  },
  erasure_done: {
    en: { subject: "Your data was erased", lines: ["Your data at {organization} was erased on {time}, as you asked. Reference: {reference}"] },
    es: { subject: "Sus datos se han borrado", lines: ["El {time} se han borrado sus datos en {organization}, como pidió. Referencia: {reference}"] },
  },
} as const satisfies Readonly<Record<string, Template>>;

export type MailTemplate = keyof typeof TEMPLATES;
