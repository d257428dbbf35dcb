/** The same in Spanish. */
import type { accounts as english } from "../en/accounts.ts";

export const accounts: Record<keyof typeof english, string> = {
  "accounts.title": "Cuentas",
  "accounts.lead": "Todos los que pueden iniciar sesión: pacientes, quienes los acompañan y el personal.",
  "accounts.search": "Nombre, correo, usuario o DNI completo",
  "accounts.searchHelp": "Lo que busque no aparece en ninguna dirección ni se recuerda.",
  "accounts.searchButton": "Buscar",
  "accounts.clear": "Borrar la búsqueda",
  "accounts.role": "Rol",
  "accounts.anyRole": "Cualquiera",
  "accounts.state": "Estado",
  "accounts.anyState": "Cualquiera",
  "accounts.active": "Activa",
  "accounts.blocked": "Bloqueada",
  "accounts.none": "Ninguna cuenta coincide. Busque menos texto, o elija otro rol u otro estado.",
  "accounts.first": "Se muestran las primeras %{count}. Escriba más del nombre para encontrar las demás.",
  "accounts.block": "Bloquear la cuenta",
  "accounts.unblock": "Desbloquear la cuenta",
  "accounts.blockWhom": "Bloquear la cuenta de %{name}",
  "accounts.unblockWhom": "Desbloquear la cuenta de %{name}",
  "accounts.blockLead": "Todas sus sesiones terminan en el acto, sus claves dejan de servir y nadie puede entrar en esta cuenta hasta que se desbloquee. Sus datos se conservan, los dispositivos conectados siguen enviando y aquellos con quienes comparte siguen viéndolos.",
  "accounts.unblockLead": "Puede volver a iniciar sesión con la contraseña que tenía.",
  "accounts.isBlockedNow": "%{name}: la cuenta está bloqueada.",
  "accounts.isUnblockedNow": "%{name}: la cuenta vuelve a estar abierta.",
};
