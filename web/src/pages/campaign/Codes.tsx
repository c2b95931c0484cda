// How far the campaign's codes are: one bar from made to used, what is in the way, and slot by slot how it stands at Shopify.
import { useState } from 'react';
import { useShop } from '../../app/shop';
import { Confirm } from '../../components/Confirm';
import { Loaded } from '../../components/page-states';
import { formatMoment, formatSpan } from '../../lib/dates';
import { counted, formatCount } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { fill, plural, words } from '../../words';
import { slotState, stations, type CampaignCodes, type Slot } from './codes';
import { useCodes, useRevokeAll } from './queries';

const Bar = ({ codes }: { codes: CampaignCodes }) => {
  const made = stations().reduce((sum, { key }) => sum + codes[key], 0) + codes.expired;
  const whole = Math.max(made, codes.wanted, 1);
  return (
    <>
      <div className="codes-bar" role="img" aria-label={stations().map(({ key, name }) => `${name}: ${codes[key]}`).join(', ')}>
        {[...stations()].reverse().map(({ key }) => (
          <i key={key} data-station={key} ref={(bar) => bar?.style.setProperty('width', `${(codes[key] / whole) * 100}%`)} />
        ))}
        <i data-station="expired" ref={(bar) => bar?.style.setProperty('width', `${(codes.expired / whole) * 100}%`)} />
      </div>
      <dl className="codes-counts">
        {stations().map(({ key, name, what }) => (
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
    [codes.expired, (count) => fill(words.campaign.endedUnused, { count })],
    [codes.revoked, (count) => fill(words.campaign.takenBackCount, { count })],
    [codes.revoking, (count) => fill(words.campaign.beingDeleted, { count })],
    [codes.canaries, (count) => fill(words.campaign.canaries, { count })],
  ];
  return rest.filter(([count]) => count > 0).map(([count, say]) => say(formatCount(count)));
};

const Pace = ({ codes }: { codes: CampaignCodes }) => {
  if (codes.reserved + codes.pushed + codes.pending === 0) return null;
  const left = codes.seconds_left;
  const pace = codes.per_minute;
  return (
    <p role="status">
      <b>{fill(words.campaign.onWayTo, { codes: counted(codes.reserved + codes.pushed, words.counts.code) })}</b>
      {left !== null && left !== undefined && left > 0 && fill(words.campaign.aboutLeft, { left: formatSpan(left) })}
      {pace ? fill(words.campaign.aMinute, { pace: formatCount(Math.round(pace)) }) : ''}
      {codes.pending > 0 && (
        <span className="below quiet small">
          {plural(words.campaign.waits, codes.pending, { recipients: counted(codes.pending, words.counts.recipient) })}
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
      <h3>{words.campaign.discounts}</h3>
      <p className="quiet small">{words.campaign.discountsText}</p>
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">{words.campaign.ends}</s-table-header>
          <s-table-header listSlot="inline">{words.campaign.atShopify}</s-table-header>
          <s-table-header format="numeric">{words.campaign.onTheWay}</s-table-header>
          <s-table-header format="numeric">{words.campaign.ready}</s-table-header>
          <s-table-header format="numeric">{words.campaign.givenOut}</s-table-header>
          <s-table-header format="numeric">{words.campaign.used}</s-table-header>
          <s-table-header format="numeric">{words.campaign.endedUnusedShort}</s-table-header>
          <s-table-header format="numeric">{words.campaign.takenBackShort}</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {(all ? slots : slots.slice(0, FEW)).map((slot) => (
            <SlotRow key={slot.discount_id} slot={slot} zone={zone} now={now} />
          ))}
        </s-table-body>
      </s-table>
      {slots.length > FEW && !all && (
        <div className="codes-more">
          <s-button onClick={() => showAll(true)}>{fill(words.campaign.showAll, { slots: formatCount(slots.length) })}</s-button>
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
        {words.campaign.revokeAll}
      </s-button>
      {asks && (
        <Confirm
          heading={words.campaign.revokeAllQuestion}
          action={words.campaign.revokeAll}
          critical
          isPending={revoke.isPending}
          error={revoke.error}
          onClose={() => ask(false)}
          onConfirm={() => revoke.mutate(id, { onSuccess: () => ask(false) })}
        >
          <p>
            {fill(words.campaign.revokeAllText, { codes: counted(unused, words.counts.code), issued: formatCount(codes.issued) })}
          </p>
          <p>{words.campaign.revokeAllThen}</p>
        </Confirm>
      )}
    </>
  );
};

export const Codes = ({ id }: { id: string }) => {
  const { time_zone: zone } = useShop();
  const codes = useCodes(id);
  return (
    <s-section heading={words.campaign.codes}>
      {codes.data && <RevokeAll id={id} codes={codes.data} />}
      <Loaded of={codes} lines={5}>
        {(data) => (
          <>
            {data.trouble && (
              <s-banner tone="warning" heading={words.campaign.waiting}>
                {told(data.trouble, zone)}
              </s-banner>
            )}
            {data.slots.length === 0 && data.wanted === 0 ? (
              <p className="quiet">{words.campaign.noCodes}</p>
            ) : (
              <>
                <Pace codes={data} />
                <Bar codes={data} />
                {data.failed > 0 && (
                  <p className="codes-error">
                    {fill(words.campaign.refused, { codes: counted(data.failed, words.counts.code), failed_because: data.failed_because ?? words.campaign.noReason })}
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
