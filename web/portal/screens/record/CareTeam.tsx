import { useState } from "react";
import type { CareTeamMember } from "#web/client/record.ts";
import type { OrganizationProfile } from "#web/client/types.ts";
import { useData, useResource, useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import type { MessageKey } from "../../messages/translate.ts";
import { Card } from "../../parts/Card.tsx";
import { Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { careTeamOf, useRecord } from "../../record.ts";
import { organizationOf } from "../../resources.ts";
import { Link } from "../../router.tsx";
import { useWhose } from "../../whose.ts";
import { EndMembership, MemberForm, ROLE_NAMES } from "./MemberForm.tsx";

const ACCESS_NAMES: Readonly<Record<NonNullable<CareTeamMember["access"]>["scope"], MessageKey>> = { view: "careTeam.view", upload: "careTeam.upload", manage: "careTeam.manage" };

type Doing = { readonly what: "add" } | { readonly what: "place" | "end"; readonly member: CareTeamMember };

/** Who of the clinic cares for the person, what they may see now, and how the clinic is reached. Whoever manages says who it is. */
export function CareTeam({ mayWrite }: { readonly mayWrite: boolean }) {
  const { t } = useLanguage();
  const { api } = useData();
  const { patient } = useWho();
  const whose = useWhose();
  const team = useResource(careTeamOf(useRecord(), patient.id));
  const organization = useResource(organizationOf(api));
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = (): void => setDoing(null);
  return (
    <Card title={whose("careTeam.title", "careTeam.titleOf")} testId="care-team" foot={<p>{t("careTeam.sharing")} <Link href="/sharing">{t("nav.sharing")}</Link></p>}>
      <WhenLoaded resource={team} skeleton={<Skeleton lines={3} />}>
        {(members) => members.length === 0 ? <p className="muted">{t("careTeam.none")}</p> : (
          <ul className="rows">
            {members.map((member) => (
              <Member key={member.user.id} member={member} {...(mayWrite ? { onPlace: () => setDoing({ what: "place", member }), onEnd: () => setDoing({ what: "end", member }) } : {})} />
            ))}
          </ul>
        )}
      </WhenLoaded>
      {mayWrite ? (
        <div className="actions">
          <button type="button" className="button" onClick={() => setDoing({ what: "add" })} aria-haspopup="dialog" data-testid="member-add">{t("careTeam.add")}</button>
        </div>
      ) : null}
      {doing?.what === "end" ? <EndMembership member={doing.member} onClose={close} /> : null}
      {doing && doing.what !== "end" ? <MemberForm member={doing.what === "place" ? doing.member : null} team={team.data ?? []} onClose={close} /> : null}
      {organization.data ? <Reach organization={organization.data} /> : null}
    </Card>
  );
}

interface MemberProps {
  readonly member: CareTeamMember;
  /** Absent for whoever may not. */
  readonly onPlace?: () => void;
  readonly onEnd?: () => void;
}

function Member({ member, onPlace, onEnd }: MemberProps) {
  const { t, f } = useLanguage();
  const { id, user, role, roleWords, isMainContact, since, access } = member;
  const dateOf = (instant: string): string => f.yearDate(Date.parse(instant));
  return (
    <li className="row entry" data-testid="member">
      <div className="row-main">
        <h3>{user.name}</h3>
        {isMainContact ? <span className="chip">{t("careTeam.main")}</span> : null}
      </div>
      <p>{role === null ? t("careTeam.notNamed") : [t(ROLE_NAMES[role]), roleWords].filter((part) => part !== null).join(" · ")}</p>
      {since === null ? null : <p className="muted">{t("careTeam.since", { date: dateOf(since) })}</p>}
      <p className="muted">{access === null ? t("careTeam.noAccess") : t(ACCESS_NAMES[access.scope], { date: dateOf(access.since) })}</p>
      {onPlace ? (
        <div className="actions">
          <button type="button" className="button button-quiet" onClick={onPlace} aria-haspopup="dialog" data-testid="member-place">
            {t(id === null ? "careTeam.giveRole" : "careTeam.change")}<span className="visually-hidden">: {user.name}</span>
          </button>
          {id === null ? null : (
            <button type="button" className="button button-quiet" onClick={onEnd} aria-haspopup="dialog" data-testid="member-end">
              {t("careTeam.end")}<span className="visually-hidden">: {user.name}</span>
            </button>
          )}
        </div>
      ) : null}
    </li>
  );
}

/** By what the clinic wants to be reached; nothing where it has said nothing. */
function Reach({ organization: { name, contact: { phone, email, website } } }: { readonly organization: OrganizationProfile }) {
  const { t } = useLanguage();
  if (phone === null && email === null && website === null) return null;
  return (
    <section data-testid="clinic-contact">
      <h3>{t("careTeam.reach", { name })}</h3>
      <ul className="contacts">
        {phone === null ? null : <li><a href={`tel:${phone.replace(/[^\d+]/g, "")}`}>{phone}</a></li>}
        {email === null ? null : <li><a href={`mailto:${email}`}>{email}</a></li>}
        {website === null ? null : <li><a href={website} rel="noreferrer noopener" target="_blank">{website}</a></li>}
      </ul>
    </section>
  );
}
