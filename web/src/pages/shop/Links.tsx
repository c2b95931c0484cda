// What all of the shop's links have in common: their name on the shop's own domain, what its analytics read, and what a
// message template needs to know of them.
import { useEffect, useRef, useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { LinkSettings } from '../../api/types';
import { useShop } from '../../app/shop';
import { Copy } from '../../components/Copy';
import { Loaded } from '../../components/page-states';
import { LeaveGuard } from '../../components/Unsaved';
import { formatMoment } from '../../lib/dates';
import { focusFirst } from '../../lib/focus';
import { useChooseLinks, useLinkSettings, useLookAtDomain } from './queries';

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
            <th scope="col">Record</th>
            <th scope="col">Name</th>
            <th scope="col">Value</th>
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
      <p className="quiet small">The CNAME record leads the name here; the TXT record says that it is your shop’s, and stays there. The name needs both.</p>
      <p role="status">
        <i className={links.domain_serves ? 'dot dot-good' : 'dot'} aria-hidden="true" />{' '}
        {links.domain_serves
          ? 'Serves: new links begin with it, and links made before stay good.'
          : (links.domain_trouble ?? 'Write both records at your DNS provider. Until they are known, links begin with our own address.')}
      </p>
      <p className="quiet small">
        {links.domain_looked_at ? `Last looked at ${formatMoment(links.domain_looked_at, zone)}: ` : 'Not looked at yet. '}
        {links.domain_looked_at && <span>{links.domain_seen}</span>} It is looked at again by itself: every few minutes while it is new or failing,
        every few hours while it serves.
      </p>
      {links.domain_serves && links.domain_failing_since && (
        <s-banner tone="warning">
          It has failed since {formatMoment(links.domain_failing_since, zone)}. If it does so for an hour, new links begin with our own address until it
          leads here again.
        </s-banner>
      )}
      {links.domain_serves && links.domain_unproved_until && (
        <s-banner tone="warning">
          The TXT record is missing. Write it before {formatMoment(links.domain_unproved_until, zone)}; without it new links begin with our own address
          from then on.
        </s-banner>
      )}
      {look.error && <s-banner tone="critical">{fromThrown(look.error).detail}</s-banner>}
      <div>
        <s-button loading={look.isPending} onClick={() => look.mutate()}>
          {links.domain_serves ? 'Look again' : 'Look whether it leads here'}
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
  const place = useRef<HTMLFormElement>(null);
  const isDirty = domain.trim() !== (links.domain ?? '') || UTM.some((name) => (utm[name]?.trim() ?? '') !== (links.utm[name] ?? ''));
  const refused = choose.error ? fromThrown(choose.error) : undefined;
  useEffect(() => {
    const field = choose.error ? fromThrown(choose.error).field : undefined;
    if (field) focusFirst(place.current, (name) => name === field || name.startsWith(`${field}_`));
  }, [choose.error]);
  const wrong = (field: string) => refused?.field === field && <span className="shop-wrong">{refused.detail}</span>;
  return (
    <form
      ref={place}
      className="shop-add"
      data-save-bar
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onReset={(event) => {
        event.preventDefault();
        setDomain(links.domain ?? '');
        setUtm(Object.fromEntries(UTM.map((name) => [name, links.utm[name] ?? ''])));
        choose.reset();
      }}
    >
      <LeaveGuard when={isDirty} />
      <label>
        <span className="quiet small">Your own link domain (optional)</span>
        <input type="text" name="domain" value={domain} placeholder="go.your-shop.com" onChange={(event) => setDomain(event.target.value)} />
        {wrong('domain')}
      </label>
      <fieldset className="shop-utm">
        <legend className="quiet small">UTM values, for what a campaign does not say itself</legend>
        {UTM.map((name) => (
          <label key={name}>
            <span className="small">utm_{name}</span>
            <input
              type="text"
              name={`utm_${name}`}
              value={utm[name]}
              placeholder={USUAL[name] ?? 'left out'}
              onChange={(event) => setUtm({ ...utm, [name]: event.target.value })}
            />
          </label>
        ))}
      </fieldset>
      {wrong('utm')}
      <p className="quiet small">
        Variables: {'{campaign}'}, {'{campaign_id}'}, {'{kind}'}, {'{message}'}, {'{step}'}, {'{date}'}. None of them names a person.
      </p>
      {refused && !refused.field && <s-banner tone="critical">{refused.detail}</s-banner>}
      <div>
        <s-button variant="primary" loading={choose.isPending} onClick={() => place.current?.requestSubmit()}>
          Save
        </s-button>{' '}
        <span role="status" className="small">
          {choose.isSuccess && !isDirty && 'Saved.'}
        </span>
      </div>
    </form>
  );
};

const Template = ({ template }: { template: LinkSettings['template'] }) => (
  <>
    <h3>For your message template</h3>
    <p className="quiet">
      Give the template’s button this address. It is approved once; each message brings its own end, the <span className="mono">button_suffix</span>.
    </p>
    <div className="shop-buttons">
      <span className="shop-secret mono">{template.url}</span>
      <Copy text={template.url} label="Copy the template’s address" />
    </div>
    <p className="quiet small">
      As the sample that WhatsApp asks for: <span className="mono">{template.sample}</span>
    </p>
  </>
);

export const Links = () => (
  <s-section heading="Links">
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
