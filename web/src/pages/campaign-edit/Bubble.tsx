// The message as the recipient's phone shows it, and where a tap on its link leads.
import type { Preview } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';
import { rich } from '../../words/rich';

const CopyIcon = () => (
  <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" aria-hidden="true">
    <rect x="5" y="5" width="8.5" height="8.5" rx="2" />
    <path d="M11 3.2A1.7 1.7 0 0 0 9.5 2.5H4.2A1.7 1.7 0 0 0 2.5 4.2v5.3c0 .7.4 1.3 1 1.5" />
  </svg>
);

const LinkIcon = () => (
  <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" aria-hidden="true">
    <path d="M6.5 3.5h-2a2 2 0 0 0-2 2v6a2 2 0 0 0 2 2h6a2 2 0 0 0 2-2v-2M9 2.5h4.500v4.500M13 3 7.500 8.500" />
  </svg>
);

/** What an address leads to, in the two steps a shopper goes: the discount is applied, then the page opens. */
const Leads = ({ to }: { to: string }) => (
  <div className="bubble-leads small">
    <b>{words.edit.tapLeads}</b>
    <span className="mono">{to}</span>
  </div>
);

export const Bubble = ({ preview, isFresh }: { preview: Preview | undefined; isFresh: boolean }) => {
  const { name, time_zone: zone } = useShop();
  const hasCode = Boolean(preview?.code);
  return (
    <s-section heading={words.edit.recipientSees}>
      <div className={isFresh ? 'bubble-stage' : 'bubble-stage stale'} aria-live="polite" aria-busy={!isFresh}>
        <div className="bubble-phone">
          <div className="bubble-top">
            <i aria-hidden="true">{name.slice(0, 1).toUpperCase()}</i>
            <span>
              <b>{name}</b>
              <small>{words.edit.business}</small>
            </span>
          </div>
          <div className="bubble">
            <p>
              <em>{words.edit.yourText}</em>
            </p>
            {preview?.expires_at && <p className="small">{fill(words.edit.offerEnds, { expires_at: formatInstant(preview.expires_at, zone) })}</p>}
            {hasCode && (
              <div className="bubble-button">
                <CopyIcon />{' '}{words.edit.copyOffer}
              </div>
            )}
            <div className="bubble-button">
              <LinkIcon />{' '}{words.edit.visit}
            </div>
          </div>
          {hasCode && (
            <p className="bubble-code">
              {words.edit.copies}{' '}<span className="mono">{preview?.code}</span>
              <s-badge>{words.edit.example}</s-badge>
            </p>
          )}
        </div>
        {preview?.summary ? <p>{told(preview.summary, zone)}</p> : <p className="quiet">{words.edit.summaryLater}</p>}
        {preview?.destination && <Leads to={preview.destination} />}
        {preview && (
          <div className="bubble-leads small">
            <b>{words.edit.linkItself}</b>
            <span className="mono">{preview.link}</span>
          </div>
        )}
        {preview?.expires_at && preview.shopify_ends_at && (
          <p className="quiet small">
            {rich(words.edit.sentNow, { expires_at: formatInstant(preview.expires_at, zone), byHand: preview.shopify_ends_at !== preview.expires_at && fill(words.edit.byHand, { shopify_ends_at: formatInstant(preview.shopify_ends_at, zone) }) })}
          </p>
        )}
      </div>
    </s-section>
  );
};
