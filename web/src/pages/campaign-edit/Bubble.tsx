// The message as the recipient's phone shows it, and where a tap on its link leads.
import type { Preview } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';
import { told } from '../../lib/sentence';

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
    <b>A tap leads to</b>
    <span className="mono">{to}</span>
  </div>
);

export const Bubble = ({ preview, isFresh }: { preview: Preview | undefined; isFresh: boolean }) => {
  const { name, time_zone: zone } = useShop();
  const hasCode = Boolean(preview?.code);
  return (
    <s-section heading="What a recipient sees">
      <div className={isFresh ? 'bubble-stage' : 'bubble-stage stale'} aria-live="polite" aria-busy={!isFresh}>
        <div className="bubble-phone">
          <div className="bubble-top">
            <i aria-hidden="true">{name.slice(0, 1).toUpperCase()}</i>
            <span>
              <b>{name}</b>
              <small>Business account</small>
            </span>
          </div>
          <div className="bubble">
            <p>
              <em>The text you write at your WhatsApp platform.</em>
            </p>
            {preview?.expires_at && <p className="small">This offer ends on {formatInstant(preview.expires_at, zone)}.</p>}
            {hasCode && (
              <div className="bubble-button">
                <CopyIcon /> Copy offer code
              </div>
            )}
            <div className="bubble-button">
              <LinkIcon /> Visit website
            </div>
          </div>
          {hasCode && (
            <p className="bubble-code">
              Copies <span className="mono">{preview?.code}</span>
              <s-badge>Example</s-badge>
            </p>
          )}
        </div>
        {preview?.summary ? <p>{told(preview.summary, zone)}</p> : <p className="quiet">The sentence that sums it up appears once the fields are right.</p>}
        {preview?.destination && <Leads to={preview.destination} />}
        {preview && (
          <div className="bubble-leads small">
            <b>The link itself</b>
            <span className="mono">{preview.link}</span>
          </div>
        )}
        {preview?.expires_at && preview.shopify_ends_at && (
          <p className="quiet small">
            Sent now, the code is good until {formatInstant(preview.expires_at, zone)}
            {preview.shopify_ends_at !== preview.expires_at && `; typed in by hand Shopify takes it until ${formatInstant(preview.shopify_ends_at, zone)}`}.
          </p>
        )}
      </div>
    </s-section>
  );
};
