// How far the campaign's codes are: one bar from made to used, what is in the way, and slot by slot how it stands at Shopify.
import { useState } from 'react';
import { useShop } from '../../app/shop';
import { Confirm } from '../../components/Confirm';
import { Loaded } from '../../components/page-states';
import { formatMoment, formatSpan } from '../../lib/dates';
import { counted, formatCount } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { slotState, STATIONS, type CampaignCodes, type Slot } from './codes';
import { useCodes, useRevokeAll } from './queries';

const Bar = ({ codes }: { codes: CampaignCodes }) => {
  const made = STATIONS.reduce((sum, { key }) => sum + codes[key], 0) + codes.expired;
  const whole = Math.max(made, codes.wanted, 1);
  return (
    <>
      <div className="codes-bar" role="img" aria-label={STATIONS.map(({ key, name }) => `${name}: ${codes[key]}`).join(', ')}>
        {[...STATIONS].reverse().map(({ key }) => (
          <i key={key} data-station={key} ref={(bar) => bar?.style.setProperty('width', `${(codes[key] / whole) * 100}%`)} />
        ))}
        <i data-station="expired" ref={(bar) => bar?.style.setProperty('width', `${(codes.expired / whole) * 100}%`)} />
      </div>
      <dl className="codes-counts">
        {STATIONS.map(({ key, name, what }) => (
          <div key={key} data-count={key}>
            <dt>
              <i data-station={key} aria-hidden="true" /> {name}
            </dt>
            <dd>
              <b className="amount">{formatCount(codes[key])}</b>
              <span className="quiet small">{what}</span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
};

const beside = (codes: CampaignCodes): string[] => {
  const rest: [number, (count: string) => string][] = [
    [codes.expired, (count) => `${count} ended unused`],
    [codes.revoked, (count) => `${count} taken back`],
    [codes.revoking, (count) => `${count} being deleted at Shopify`],
    [codes.canaries, (count) => `${count} kept as canaries: never given to anybody, so that a leak shows`],
  ];
  return rest.filter(([count]) => count > 0).map(([count, words]) => words(formatCount(count)));
};

const Pace = ({ codes }: { codes: CampaignCodes }) => {
  if (codes.reserved + codes.pushed + codes.pending === 0) return null;
  const left = codes.seconds_left;
  const pace = codes.per_minute;
  return (
    <p role="status">
      <b>{counted(codes.reserved + codes.pushed, 'code')} on the way to Shopify</b>
      {left !== null && left !== undefined && left > 0 && ` · about ${formatSpan(left)} left`}
      {pace ? ` · ${formatCount(Math.round(pace))} a minute` : ''}
      {codes.pending > 0 && (
        <span className="below quiet small">
          {counted(codes.pending, 'recipient')} {codes.pending === 1 ? 'waits' : 'wait'} for a code. Their links work meanwhile, and apply it once it is live.
        </span>
      )}
    </p>
  );
};

const SlotRow = ({ slot, zone, now }: { slot: Slot; zone: string; now: number }) => {
  const { name, tone } = slotState(slot, now);
  const waiting = slot.reserved + slot.pushed;
  return (
    <s-table-row>
      <s-table-cell>
        <b>{formatMoment(slot.slot_ends_at, zone)}</b>
      </s-table-cell>
      <s-table-cell>
        <s-badge tone={tone}>{name}</s-badge>
        {slot.last_error && <span className="below small codes-error">{told(slot.last_error, zone)}</span>}
      </s-table-cell>
      <s-table-cell>{waiting > 0 ? formatCount(waiting) : '—'}</s-table-cell>
      <s-table-cell>{formatCount(slot.imported)}</s-table-cell>
      <s-table-cell>{formatCount(slot.issued)}</s-table-cell>
      <s-table-cell>{formatCount(slot.redeemed)}</s-table-cell>
      <s-table-cell>{formatCount(slot.expired)}</s-table-cell>
      <s-table-cell>{slot.revoked > 0 ? formatCount(slot.revoked) : '—'}</s-table-cell>
    </s-table-row>
  );
};

const FEW = 6;

const Slots = ({ slots }: { slots: Slot[] }) => {
  const { time_zone: zone } = useShop();
  const [all, showAll] = useState(false);
  const now = Date.now();
  return (
    <div className="codes-slots">
      <h3>Discounts at Shopify</h3>
      <p className="quiet small">Codes that end in the same slot share one discount in your admin. It ends there with its slot.</p>
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">Ends</s-table-header>
          <s-table-header listSlot="inline">At Shopify</s-table-header>
          <s-table-header format="numeric">On the way</s-table-header>
          <s-table-header format="numeric">Ready</s-table-header>
          <s-table-header format="numeric">Given out</s-table-header>
          <s-table-header format="numeric">Used</s-table-header>
          <s-table-header format="numeric">Ended unused</s-table-header>
          <s-table-header format="numeric">Taken back</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {(all ? slots : slots.slice(0, FEW)).map((slot) => (
            <SlotRow key={slot.discount_id} slot={slot} zone={zone} now={now} />
          ))}
        </s-table-body>
      </s-table>
      {slots.length > FEW && !all && (
        <div className="codes-more">
          <s-button onClick={() => showAll(true)}>Show all {formatCount(slots.length)}</s-button>
        </div>
      )}
    </div>
  );
};

const RevokeAll = ({ id, codes }: { id: string; codes: CampaignCodes }) => {
  const [asks, ask] = useState(false);
  const revoke = useRevokeAll();
  const unused = codes.reserved + codes.pushed + codes.imported + codes.issued + codes.canaries;
  return (
    <>
      <s-button slot="secondary-actions" tone="critical" disabled={unused === 0} onClick={() => ask(true)}>
        Revoke all codes
      </s-button>
      {asks && (
        <Confirm
          heading="Revoke all unused codes?"
          action="Revoke all codes"
          critical
          isPending={revoke.isPending}
          error={revoke.error}
          onClose={() => ask(false)}
          onConfirm={() => revoke.mutate(id, { onSuccess: () => ask(false) })}
        >
          <p>
            {counted(unused, 'code')} that no order used stop working: {formatCount(codes.issued)} in people’s hands, the rest in store. Links stop applying
            them at once; Shopify deletes them within minutes. This cannot be undone.
          </p>
          <p>Links still take shoppers to your shop. Whoever still needs a code can be given a replacement below, and recipients drawn from now on get fresh ones.</p>
        </Confirm>
      )}
    </>
  );
};

export const Codes = ({ id }: { id: string }) => {
  const { time_zone: zone } = useShop();
  const codes = useCodes(id);
  return (
    <s-section heading="Codes">
      {codes.data && <RevokeAll id={id} codes={codes.data} />}
      <Loaded of={codes} lines={5}>
        {(data) => (
          <>
            {data.trouble && (
              <s-banner tone="warning" heading="Codes are waiting">
                {told(data.trouble, zone)}
              </s-banner>
            )}
            {data.slots.length === 0 && data.wanted === 0 ? (
              <p className="quiet">No codes yet. They are made when recipients are announced or drawn.</p>
            ) : (
              <>
                <Pace codes={data} />
                <Bar codes={data} />
                {data.failed > 0 && (
                  <p className="codes-error">
                    Shopify refused {counted(data.failed, 'code')}: {data.failed_because ?? 'it gave no reason.'} They are tried again by themselves.
                  </p>
                )}
                {beside(data).length > 0 && <p className="quiet small">{beside(data).join(' · ')}.</p>}
                {data.slots.length > 0 && <Slots slots={data.slots} />}
              </>
            )}
          </>
        )}
      </Loaded>
    </s-section>
  );
};
