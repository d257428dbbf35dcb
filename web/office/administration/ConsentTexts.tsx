/** The texts that ask for consent: every version, and publishing the next one in both languages, looked at before. */
import { useState } from "react";
import Accordion from "@mui/material/Accordion";
import AccordionDetails from "@mui/material/AccordionDetails";
import AccordionSummary from "@mui/material/AccordionSummary";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import ExpandMoreIcon from "@mui/icons-material/ExpandMore";
import type { ConsentTextHistory } from "#web/client/operations.d.ts";
import { useAct, useOperation } from "../data/queries.ts";
import { useWords } from "../messages/words.ts";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { Instant } from "../parts/Instant.tsx";
import { Loaded } from "../parts/Loaded.tsx";
import { PageTitle } from "../parts/PageTitle.tsx";
import { useErrorWords } from "../parts/error-words.ts";

type Text = ConsentTextHistory["data"][number];
const GENERAL = ["storage", "sharing", "research", "vendor"] as const;

export function ConsentTexts() {
  const t = useWords();
  const [based, setBased] = useState<Text | null>(null);
  const query = useOperation("get /consent-texts/history", {});
  return (
    <>
      <PageTitle title={t("consents.title")} sub={t("consents.lead")} />
      <Loaded query={query}>
        {({ data }) => [...Map.groupBy(data, ({ purpose }) => purpose)].map(([purpose, versions]) => (
          <section key={purpose}>
            <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, justifyContent: "space-between", alignItems: "center", mt: 3, mb: 1 }}>
              <Typography variant="h6" component="h2">{purposeWords(t, purpose)}</Typography>
              <Button size="small" variant="outlined" onClick={() => setBased(versions.find(({ state }) => state === "present") ?? versions[0]!)} data-testid={`publish-${purpose}`}>{t("consents.publish")}</Button>
            </Box>
            {versions.map((text) => <Version key={text.version} text={text} />)}
          </section>
        ))}
      </Loaded>
      {based ? <Publish based={based} onClose={() => setBased(null)} /> : null}
    </>
  );
}

function purposeWords(t: ReturnType<typeof useWords>, purpose: string): string {
  const general = GENERAL.find((each) => each === purpose);
  return general ? t(`consents.${general}`) : t("consents.ofVendor", { vendor: purpose.replace("vendor:", "") });
}

function Version({ text }: { readonly text: Text }) {
  const t = useWords();
  return (
    <Accordion variant="outlined" disableGutters slotProps={{ heading: { component: "h3" } }}>
      <AccordionSummary expandIcon={<ExpandMoreIcon />}>
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center" }}>
          {t("consents.version", { version: text.version })}
          <Chip size="small" variant="outlined" color={text.state === "present" ? "primary" : "default"} label={t(`consents.${text.state}`)} />
          {text.validFrom === null ? t("consents.ofIslet") : <Instant at={text.validFrom} />}
        </Box>
      </AccordionSummary>
      <AccordionDetails><Both texts={text.texts} /></AccordionDetails>
    </Accordion>
  );
}

function Both({ texts }: { readonly texts: Text["texts"] }) {
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" } }}>
      {(["en", "es"] as const).map((locale) => (
        <div key={locale} lang={locale}>
          <Typography variant="body2" color="textSecondary">{locale === "en" ? "English" : "Español"}</Typography>
          <Typography sx={{ whiteSpace: "pre-wrap" }}>{texts[locale]}</Typography>
        </div>
      ))}
    </Box>
  );
}

function Publish({ based, onClose }: { readonly based: Text; readonly onClose: () => void }) {
  const t = useWords();
  const errorWords = useErrorWords();
  const [texts, setTexts] = useState(based.texts);
  const [from, setFrom] = useState("");
  const [isPreview, setIsPreview] = useState(false);
  const act = useAct("post /consent-texts", { changes: ["get /consent-texts/history"], onDone: onClose, onError: () => true });
  const isReady = texts.en.trim().length >= 20 && texts.es.trim().length >= 20 && (texts.en !== based.texts.en || texts.es !== based.texts.es);
  return (
    <ConfirmDialog
      title={t("consents.publishWhat", { purpose: purposeWords(t, based.purpose) })} action={t(isPreview ? "consents.publish" : "consents.preview")} isWorking={act.isPending} isReady={isReady} onClose={onClose}
      onConfirm={() => {
        if (isPreview) act.mutate({ body: { purpose: based.purpose, texts: { en: texts.en.trim(), es: texts.es.trim() }, ...(from === "" ? {} : { validFrom: new Date(from).toISOString() }) } });
        else setIsPreview(true);
      }}
    >
      <Alert severity="warning" sx={{ mb: 2 }}>{t("consents.warning")}</Alert>
      {isPreview ? <><Both texts={texts} /><Button sx={{ mt: 1 }} onClick={() => setIsPreview(false)}>{t("consents.back")}</Button></> : (
        <>
          {(["en", "es"] as const).map((locale) => (
            <TextField
              key={locale} fullWidth multiline minRows={4} margin="dense" label={locale === "en" ? "English" : "Español"} value={texts[locale]} onChange={(event) => setTexts({ ...texts, [locale]: event.target.value })}
              helperText={based.purpose === "vendor" ? t("consents.vendorHelp") : undefined} slotProps={{ htmlInput: { lang: locale, maxLength: 20_000, "data-testid": `text-${locale}` } }}
            />
          ))}
          <TextField type="datetime-local" margin="dense" label={t("consents.validFrom")} value={from} onChange={(event) => setFrom(event.target.value)} helperText={t("consents.validFromHelp")} slotProps={{ inputLabel: { shrink: true } }} />
        </>
      )}
      {act.error ? <Alert severity="error" sx={{ mt: 1 }}>{errorWords(act.error)}</Alert> : null}
    </ConfirmDialog>
  );
}
