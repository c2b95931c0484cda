// Chooses the days: three presets, the month before this one, or days of one's own.
import { daysBetween, formatDay, formatLongDay } from '../../lib/dates';
import { fill, words } from '../../words';
import { counted } from '../../lib/rates';
import type { PeriodChoice } from './usePeriod';
import { LAST_MONTH, PRESETS } from './usePeriod';
import './period.css';

const Choice = ({ name, checked, choose }: { name: string; checked: boolean; choose: () => void }) => (
  <label className="period-choice">
    <input type="radio" name="period" checked={checked} onChange={choose} />
    <span>{name}</span>
  </label>
);

export const PeriodPicker = ({ period }: { period: PeriodChoice }) => {
  const { from, to, preset, today } = period;
  const isCustom = preset === null;
  return (
    <div className="period">
      <fieldset className="period-presets">
        <legend className="hidden">{words.parts.days}</legend>
        {PRESETS.map((days) => (
          <Choice key={days} name={counted(days, words.counts.day)} checked={preset === days} choose={() => period.choosePreset(days)} />
        ))}
        <Choice name={words.parts.lastMonth} checked={preset === LAST_MONTH} choose={() => period.choosePreset(LAST_MONTH)} />
        <Choice name={words.parts.custom} checked={isCustom} choose={() => period.chooseDays(from, to)} />
      </fieldset>
      {isCustom ? (
        <div className="period-days">
          <s-date-field label={words.parts.from} value={from} onChange={({ currentTarget: { value } }) => value && period.chooseDays(value, to)} />
          <s-date-field label={words.parts.to} value={to} onChange={({ currentTarget: { value } }) => value && period.chooseDays(from, value)} />
        </div>
      ) : (
        <span className="quiet small">
          {formatDay(from)} – {to === today ? fill(words.parts.today, { to: formatDay(to) }) : formatLongDay(to)}
        </span>
      )}
      <span className="hidden" role="status">
        {counted(daysBetween(from, to), words.counts.day)}
      </span>
    </div>
  );
};
