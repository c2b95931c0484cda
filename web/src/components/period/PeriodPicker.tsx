// Chooses the days: three presets, or days of one's own.
import { daysBetween, formatDay, formatLongDay } from '../../lib/dates';
import type { PeriodChoice } from './usePeriod';
import { PRESETS } from './usePeriod';
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
        <legend className="hidden">Days to look at</legend>
        {PRESETS.map((days) => (
          <Choice key={days} name={`${days} days`} checked={preset === days} choose={() => period.choosePreset(days)} />
        ))}
        <Choice name="Custom" checked={isCustom} choose={() => period.chooseDays(from, to)} />
      </fieldset>
      {isCustom ? (
        <div className="period-days">
          <s-date-field label="From" value={from} onChange={({ currentTarget: { value } }) => value && period.chooseDays(value, to)} />
          <s-date-field label="To" value={to} onChange={({ currentTarget: { value } }) => value && period.chooseDays(from, value)} />
        </div>
      ) : (
        <span className="quiet small">
          {formatDay(from)} – {to === today ? `today, ${formatDay(to)}` : formatLongDay(to)}
        </span>
      )}
      <span className="hidden" role="status">
        {daysBetween(from, to)} days
      </span>
    </div>
  );
};
