// A file every day, at an hour of the shop's own clock: what is chosen, when it comes next, and choosing something else.
import { useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { FileSchedule } from '../../api/types';
import { useShop } from '../../app/shop';
import { Loaded } from '../../components/page-states';
import { formatInstant } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { locale } from '../../lib/locale';
import { fill, words } from '../../words';
import { nameOf, TABLES, type Table } from './names';
import { useChooseDaily, useDaily, useStopDaily } from './queries';

type What = 'pack' | Table;

const DAYS = [1, 7, 30, 90];

/** "6:00 AM", "06:00". */
const formatHour = (hour: number): string =>
  new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', hour: 'numeric', minute: '2-digit' }).format(Date.UTC(2026, 0, 1, hour));

const Chosen = ({ schedule }: { schedule: FileSchedule }) => {
  const { time_zone: zone } = useShop();
  const stop = useStopDaily();
  return (
    <div className="files-daily">
      <p>
        {fill(words.files.dailyChosen, { name: nameOf(schedule), days: counted(schedule.days, words.counts.day), hour: formatHour(schedule.hour) })}
        <span className="quiet small below">{fill(words.files.dailyNext, { at: formatInstant(schedule.next_at, zone), zone: schedule.time_zone })}</span>
      </p>
      <s-button loading={stop.isPending} disabled={stop.isPending} onClick={() => stop.mutate()}>
        {words.files.dailyStop}
      </s-button>
      {stop.error && <p role="alert" className="small">{fromThrown(stop.error).detail}</p>}
    </div>
  );
};

const Choose = ({ schedule }: { schedule: FileSchedule | null }) => {
  const choose = useChooseDaily();
  const [what, setWhat] = useState<What>(schedule?.table ?? 'pack');
  const [days, setDays] = useState(schedule?.days ?? 1);
  const [hour, setHour] = useState(schedule?.hour ?? 6);
  const wanted = what === 'pack' ? ({ kind: 'pack', days, hour } as const) : ({ kind: 'table', table: what, bom: true, days, hour } as const);
  return (
    <>
      <div className="files-form">
        <s-select label={words.files.dailyWhat} value={what} onChange={({ currentTarget }) => setWhat(currentTarget.value as What)}>
          <s-option value="pack">{words.files.pack}</s-option>
          {TABLES.map((table) => (
            <s-option key={table} value={table}>
              {words.download.tables[table].name}
            </s-option>
          ))}
        </s-select>
        <s-select label={words.files.dailyDays} value={String(days)} onChange={({ currentTarget }) => setDays(Number(currentTarget.value))}>
          {[...new Set([...DAYS, days])].sort((one, other) => one - other).map((count) => (
            <s-option key={count} value={String(count)}>
              {counted(count, words.counts.day)}
            </s-option>
          ))}
        </s-select>
        <s-select label={words.files.dailyHour} value={String(hour)} onChange={({ currentTarget }) => setHour(Number(currentTarget.value))}>
          {Array.from({ length: 24 }, (_, at) => (
            <s-option key={at} value={String(at)}>
              {formatHour(at)}
            </s-option>
          ))}
        </s-select>
      </div>
      <s-button loading={choose.isPending} disabled={choose.isPending} onClick={() => choose.mutate(wanted)}>
        {schedule ? words.files.dailyChange : words.files.dailyBegin}
      </s-button>
      {choose.error && <p role="alert" className="small">{fromThrown(choose.error).detail}</p>}
    </>
  );
};

export const Daily = () => {
  const daily = useDaily();
  return (
    <s-section heading={words.files.daily}>
      <p className="quiet small">{words.files.dailyText}</p>
      <Loaded of={daily} lines={3}>
        {({ schedule }) => (
          <>
            {schedule && <Chosen schedule={schedule} />}
            <Choose key={schedule?.chosen_at ?? 'none'} schedule={schedule ?? null} />
          </>
        )}
      </Loaded>
    </s-section>
  );
};
