// What all of the shop's links have in common: their name on the shop's own domain, what its analytics read, and what a
// message template needs to know of them.
import { useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { LinkSettings } from '../../api/types';
import { useShop } from '../../app/shop';
import { Copy } from '../../components/Copy';
import { Loaded } from '../../components/page-states';
import { formatMoment } from '../../lib/dates';
import { fill, said, words } from '../../words';
import { rich } from '../../words/rich';
import { useChooseLinks, useLinkSettings, useLookAtDomain } from './queries';
import { SavedForm, Wrong } from './SavedForm';

const UTM = ['source', 'medium', 'campaign', 'content', 'term'] as const;
const USUAL: Partial<Record<(typeof UTM)[number], string>> = { source: 'whatsapp', medium: 'message', campaign: '{campaign}' };

/** The records to write at the DNS provider, and how the domain stands. */
const Domain = ({ links }: { links: LinkSettings }) => {
  const { time_zone: zone } = useShop();
  const look = useLookAtDomain();
  if (!links.domain) return null;
  return (
    <>
      <table className="shop-record">
        <thead>
          <tr>
            <th scope="col">{words.shop.record}</th>
            <th scope="col">{words.edit.name}</th>
            <th scope="col">{words.shop.value}</th>
          </tr>
        </thead>
        <tbody>
          {[links.record, links.proof].map((record) => (
            <tr className="mono" key={record.type}>
              <td>{record.type}</td>
              <td>{record.name}</td>
              <td>{record.value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet small">{words.shop.records}</p>
      <p role="status">
        <i className={links.domain_serves ? 'dot dot-good' : 'dot'} aria-hidden="true" />{' '}
        {links.domain_serves
          ? words.shop.serves
          : ((links.domain_trouble && said(links.domain_trouble)) ?? words.shop.writeBoth)}
      </p>
      <p className="quiet small">
        {rich(words.shop.lookedAgain, { looked: links.domain_looked_at ? fill(words.shop.lookedAt, { domain_looked_at: formatMoment(links.domain_looked_at, zone) }) : words.shop.notLooked, seen: links.domain_looked_at && <span>{links.domain_seen}</span> })}
      </p>
      {links.domain_serves && links.domain_failing_since && (
        <s-banner tone="warning">
          {fill(words.shop.failing, { domain_failing_since: formatMoment(links.domain_failing_since, zone) })}
        </s-banner>
      )}
      {links.domain_serves && links.domain_unproved_until && (
        <s-banner tone="warning">
          {fill(words.shop.txtMissing, { domain_unproved_until: formatMoment(links.domain_unproved_until, zone) })}
        </s-banner>
      )}
      {look.error && <s-banner tone="critical">{fromThrown(look.error).detail}</s-banner>}
      <div>
        <s-button loading={look.isPending} onClick={() => look.mutate()}>
          {links.domain_serves ? words.shop.lookAgain : words.shop.lookWhether}
        </s-button>
      </div>
    </>
  );
};

const Choice = ({ links }: { links: LinkSettings }) => {
  const choose = useChooseLinks();
  const [domain, setDomain] = useState(links.domain ?? '');
  const [utm, setUtm] = useState(() => Object.fromEntries(UTM.map((name) => [name, links.utm[name] ?? ''])));
  const submit = (): void => {
    const chosen = Object.fromEntries(UTM.map((name) => [name, utm[name]?.trim() || null])) as LinkSettings['utm'];
    choose.mutate({ domain: domain.trim() || null, utm: chosen });
  };
  const isDirty = domain.trim() !== (links.domain ?? '') || UTM.some((name) => (utm[name]?.trim() ?? '') !== (links.utm[name] ?? ''));
  return (
    <SavedForm
      saving={choose}
      isDirty={isDirty}
      submit={submit}
      undo={() => {
        setDomain(links.domain ?? '');
        setUtm(Object.fromEntries(UTM.map((name) => [name, links.utm[name] ?? ''])));
      }}
      action={words.common.save}
      isOf={(name, refused) => name === refused || name.startsWith(`${refused}_`)}
    >
      <label>
        <span className="quiet small">{words.shop.ownDomain}</span>
        <input type="text" name="domain" value={domain} placeholder={words.shop.domainSample} onChange={(event) => setDomain(event.target.value)} />
        <Wrong saving={choose} field="domain" />
      </label>
      <fieldset className="shop-utm">
        <legend className="quiet small">{words.shop.utm}</legend>
        {UTM.map((name) => (
          <label key={name}>
            <span className="small">utm_{name}</span>
            <input
              type="text"
              name={`utm_${name}`}
              value={utm[name]}
              placeholder={USUAL[name] ?? words.shop.leftOut}
              onChange={(event) => setUtm({ ...utm, [name]: event.target.value })}
            />
          </label>
        ))}
      </fieldset>
      <Wrong saving={choose} field="utm" />
      <p className="quiet small">
        {fill(words.shop.variables, { names: '{campaign}, {campaign_id}, {kind}, {message}, {step}, {date}' })}
      </p>
    </SavedForm>
  );
};

const Template = ({ template }: { template: LinkSettings['template'] }) => (
  <>
    <h3>{words.shop.template}</h3>
    <p className="quiet">
      {rich(words.shop.templateText, { suffix: <span className="mono">button_suffix</span> })}
    </p>
    <div className="shop-buttons">
      <span className="shop-secret mono">{template.url}</span>
      <Copy text={template.url} label={words.shop.copyTemplate} />
    </div>
    <p className="quiet small">
      {words.shop.sample}{' '}<span className="mono">{template.sample}</span>
    </p>
  </>
);

export const Links = () => (
  <s-section heading={words.shell.links}>
    <Loaded of={useLinkSettings()} lines={4}>
      {(links) => (
        <>
          <Template template={links.template} />
          <Choice key={`${links.domain}`} links={links} />
          <Domain links={links} />
        </>
      )}
    </Loaded>
  </s-section>
);
