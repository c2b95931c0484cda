// What messages cost where nobody tells: the merchant's own rates, and which of them are missing.
import { useEffect, useRef, useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { Costs, Rate } from '../../api/types';
import { Loaded } from '../../components/page-states';
import { LeaveGuard } from '../../components/Unsaved';
import { focusFirst } from '../../lib/focus';
import { useChooseRates, useCosts, useRates } from './queries';

const FIELDS = ['country', 'category', 'from', 'amount', 'currency'] as const;
type Field = (typeof FIELDS)[number];
type Row = Record<Field, string> & { key: number };

const NAMES: Record<Field, string> = { country: 'Country', category: 'Category', from: 'From (first day)', amount: 'One message costs', currency: 'Currency' };
const SAMPLES: Record<Field, string> = { country: 'AT or *', category: 'marketing', from: '2026-10-01', amount: '0.1131', currency: 'EUR' };

let rows = 0;
const row = (rate: Record<Field, string>): Row => ({ ...rate, key: rows++ });
const empty = (currency: string): Row => row({ country: '', category: 'marketing', from: '', amount: '', currency });
const told = ({ country, category, from, amount, currency }: Record<Field, string>): Rate => ({
  country: country.trim(),
  category: category.trim(),
  from: from.trim(),
  amount: amount.trim(),
  currency: currency.trim().toUpperCase(),
});

const many = (count: number): string => (count === 1 ? '1 message' : `${count} messages`);

/** Where the prices of the last thirty days come from. A price that is missing is said to be so, never shown as nothing. */
const Known = ({ costs }: { costs: Costs }) => (
  <>
    <p className="quiet">
      Messages of the last 30 days: {many(costs.reported.messages)} with a price that WhatsApp or your platform told,{' '}
      {many(costs.rate_table.messages)} by the rates below, {many(costs.not_charged)} not charged.
    </p>
    {costs.missing.length > 0 && (
      <s-banner tone="warning" heading={`${many(costs.rate_missing)} without a price`}>
        Rates are missing for{' '}
        {costs.missing.map(({ country, category, messages }) => `${country ?? 'unknown country'}, ${category} (${many(messages)})`).join('; ')}. Until
        then what messages cost is a lower bound.
      </s-banner>
    )}
  </>
);

const Table = ({ rates }: { rates: Rate[] }) => {
  const choose = useChooseRates();
  const usual = rates[0]?.currency ?? '';
  const [table, setTable] = useState(() => rates.map(row));
  const place = useRef<HTMLFormElement>(null);
  const isDirty = JSON.stringify(table.map(told)) !== JSON.stringify(rates.map(told));
  const refused = choose.error ? fromThrown(choose.error) : undefined;
  useEffect(() => {
    const field = choose.error ? fromThrown(choose.error).field : undefined;
    if (field) focusFirst(place.current, (name) => name === field);
  }, [choose.error]);
  const change = (key: number, field: Field, value: string): void => setTable(table.map((one) => (one.key === key ? { ...one, [field]: value } : one)));
  return (
    <form
      ref={place}
      className="shop-add"
      data-save-bar
      onSubmit={(event) => {
        event.preventDefault();
        choose.mutate({ rates: table.map(told) });
      }}
      onReset={(event) => {
        event.preventDefault();
        setTable(rates.map(row));
        choose.reset();
      }}
    >
      <LeaveGuard when={isDirty} />
      {table.length === 0 && <p className="quiet">There are no rates yet. A message whose price nobody tells is counted as “rate missing”.</p>}
      {table.map((one, index) => (
        <fieldset className="shop-utm" key={one.key}>
          <legend className="quiet small">Rate {index + 1}</legend>
          {FIELDS.map((field) => {
            const name = `rates[${index}].${field}`;
            return (
              <label key={field}>
                <span className="small">{NAMES[field]}</span>
                <input type="text" name={name} value={one[field]} placeholder={SAMPLES[field]} onChange={(event) => change(one.key, field, event.target.value)} />
                {refused?.field === name && <span className="shop-wrong">{refused.detail}</span>}
              </label>
            );
          })}
          <s-button variant="tertiary" accessibilityLabel={`Remove rate ${index + 1}`} onClick={() => setTable(table.filter(({ key }) => key !== one.key))}>
            Remove
          </s-button>
        </fieldset>
      ))}
      {refused && !refused.field?.startsWith('rates[') && <s-banner tone="critical">{refused.detail}</s-banner>}
      <div>
        <s-button onClick={() => setTable([...table, empty(usual)])}>Add a rate</s-button>{' '}
        <s-button variant="primary" loading={choose.isPending} onClick={() => place.current?.requestSubmit()}>
          Save rates
        </s-button>{' '}
        <span role="status" className="small">
          {choose.isSuccess && !isDirty && 'Saved.'}
        </span>
      </div>
    </form>
  );
};

export const Rates = () => {
  const costs = useCosts();
  return (
    <s-section heading="What messages cost">
      <p className="quiet">
        A price that WhatsApp or your platform tells counts as it was told. For all other messages say what you pay, your provider’s mark-up included: by
        the country of the recipient’s number (* for all others), WhatsApp’s category and the first day it holds.
      </p>
      <Loaded of={costs} lines={2}>
        {(known) => <Known costs={known} />}
      </Loaded>
      <Loaded of={useRates()} lines={3}>
        {({ rates }) => <Table key={JSON.stringify(rates)} rates={rates} />}
      </Loaded>
    </s-section>
  );
};
