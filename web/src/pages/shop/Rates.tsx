// What messages cost where nobody tells: the merchant's own rates, and which of them are missing.
import { useState } from 'react';
import type { Costs, Rate } from '../../api/types';
import { Loaded } from '../../components/page-states';
import { fill, words } from '../../words';
import { counted } from '../../lib/rates';
import { refusalOf, SavedForm, Wrong } from './SavedForm';
import { useChooseRates, useCosts, useRates } from './queries';

const FIELDS = ['country', 'category', 'from', 'amount', 'currency'] as const;
type Field = (typeof FIELDS)[number];
type Row = Record<Field, string> & { key: number };

const names = (): Record<Field, string> => ({ country: words.shop.country, category: words.shop.category, from: words.shop.fromDay, amount: words.shop.oneCosts, currency: words.shop.currencyName });
const samples = (): Record<Field, string> => ({ country: words.shop.countrySample, category: 'marketing', from: '2026-10-01', amount: '0.1131', currency: 'EUR' });

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

const many = (count: number): string => counted(count, words.counts.message);

/** Where the prices of the last thirty days come from. A price that is missing is said to be so, never shown as nothing. */
const Known = ({ costs }: { costs: Costs }) => (
  <>
    <p className="quiet">
      {fill(words.shop.costsLine, { messages: many(costs.reported.messages), byRates: many(costs.rate_table.messages), notCharged: many(costs.not_charged) })}
    </p>
    {costs.missing.length > 0 && (
      <s-banner tone="warning" heading={fill(words.shop.withoutPrice, { messages: many(costs.rate_missing) })}>
        {fill(words.shop.ratesMissing, { missing: costs.missing.map(({ country, category, messages }) => `${country ?? words.shop.unknownCountry}, ${category} (${many(messages)})`).join('; ') })}
      </s-banner>
    )}
  </>
);

const Table = ({ rates }: { rates: Rate[] }) => {
  const choose = useChooseRates();
  const usual = rates[0]?.currency ?? '';
  const [table, setTable] = useState(() => rates.map(row));
  const refused = refusalOf(choose);
  const isDirty = JSON.stringify(table.map(told)) !== JSON.stringify(rates.map(told));
  const change = (key: number, field: Field, value: string): void => setTable(table.map((one) => (one.key === key ? { ...one, [field]: value } : one)));
  return (
    <SavedForm
      saving={choose}
      isDirty={isDirty}
      submit={() => choose.mutate({ rates: table.map(told) })}
      undo={() => setTable(rates.map(row))}
      action={words.shop.saveRates}
      besides={<><s-button onClick={() => setTable([...table, empty(usual)])}>{words.shop.addRate}</s-button> </>}
    >
      {table.length === 0 && <p className="quiet">{words.shop.noRates}</p>}
      {table.map((one, index) => (
        <fieldset className="shop-utm" key={one.key}>
          <legend className="quiet small">{fill(words.shop.rate, { index: index + 1 })}</legend>
          {FIELDS.map((field) => {
            const name = `rates[${index}].${field}`;
            return (
              <label key={field}>
                <span className="small">{names()[field]}</span>
                <input type="text" name={name} value={one[field]} placeholder={samples()[field]} onChange={(event) => change(one.key, field, event.target.value)} />
                <Wrong saving={choose} field={name} />
              </label>
            );
          })}
          <s-button variant="tertiary" accessibilityLabel={fill(words.shop.removeRate, { index: index + 1 })} onClick={() => setTable(table.filter(({ key }) => key !== one.key))}>
            {words.shop.remove}
          </s-button>
        </fieldset>
      ))}
      {refused?.field === 'rates' && <s-banner tone="critical">{refused.detail}</s-banner>}
    </SavedForm>
  );
};

export const Rates = () => {
  const costs = useCosts();
  return (
    <s-section heading={words.shop.costs}>
      <p className="quiet">
        {words.shop.costsText}
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
