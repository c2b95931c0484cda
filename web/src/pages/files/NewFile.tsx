// Asks for a file: the accountant's pack of last month unless something else is chosen.
import { useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { MadeFile, NewFile as Wanted } from '../../api/types';
import { useShop } from '../../app/shop';
import { monthBefore, todayIn } from '../../lib/dates';
import { words } from '../../words';
import { TABLES, type Table } from './names';
import { useMakeFile } from './queries';

type Form = MadeFile['format'];

/** What is chosen: the pack or one of the tables. */
type What = 'pack' | Table;

export const NewFile = () => {
  const { time_zone: zone } = useShop();
  const make = useMakeFile();
  const [days, setDays] = useState(() => monthBefore(todayIn(zone)));
  const [what, setWhat] = useState<What>('pack');
  const [form, setForm] = useState<Form>('csv');
  const [gzip, setGzip] = useState(false);
  const [personal, setPersonal] = useState(false);
  const wanted: Wanted = what === 'pack' ? { kind: 'pack', ...days } : { kind: 'table', table: what, format: form, gzip, bom: form === 'csv', personal: personal && what === 'messages', ...days };
  return (
    <s-section heading={words.files.new}>
      <p className="quiet small">{what === 'pack' ? words.files.packText : words.download.tables[what].what}</p>
      <div className="files-form">
        <s-select label={words.files.what} value={what} onChange={({ currentTarget }) => setWhat(currentTarget.value as What)}>
          <s-option value="pack">{words.files.pack}</s-option>
          {TABLES.map((table) => (
            <s-option key={table} value={table}>
              {words.download.tables[table].name}
            </s-option>
          ))}
        </s-select>
        <s-date-field label={words.parts.from} value={days.from} onChange={({ currentTarget: { value } }) => value && setDays({ ...days, from: value })} />
        <s-date-field label={words.parts.to} value={days.to} onChange={({ currentTarget: { value } }) => value && setDays({ ...days, to: value })} />
        {what !== 'pack' && (
          <>
            <s-select label={words.files.form} value={form} onChange={({ currentTarget }) => setForm(currentTarget.value as Form)}>
              <s-option value="csv">{words.download.csv}</s-option>
              <s-option value="jsonl">{words.download.jsonl}</s-option>
            </s-select>
            <s-checkbox label={words.files.gzip} checked={gzip} onChange={({ currentTarget }) => setGzip(currentTarget.checked ?? false)} />
            {what === 'messages' && (
              <s-checkbox label={words.files.personal} details={words.files.personalText} checked={personal} onChange={({ currentTarget }) => setPersonal(currentTarget.checked ?? false)} />
            )}
          </>
        )}
      </div>
      <s-button variant="primary" loading={make.isPending} disabled={make.isPending} onClick={() => make.mutate(wanted)}>
        {words.files.make}
      </s-button>
      <p role="status" className="small">{make.isSuccess && !make.isPending && words.files.asked}</p>
      {make.error && (
        <p role="alert" className="small">
          {fromThrown(make.error).detail}
        </p>
      )}
    </s-section>
  );
};
