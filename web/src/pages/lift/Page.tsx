// What messages caused. The shop's programme first, where there is one; then the campaigns of some days together and side by side;
// or one campaign, or one programme, by the address.
import { useSearchParams } from 'react-router';
import type { Experiment, Lift as Answer, Programs } from '../../api/types';
import { useShop } from '../../app/shop';
import { Empty, Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { formatInstant, formatLongDay, todayIn } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { fill, words } from '../../words';
import { Arms } from './Arms';
import { Meta } from './Meta';
import { Parts } from './Parts';
import { Programme } from './Programme';
import { useLift, useMeta, usePrograms, useRecovery, type Days } from './queries';
import { Recovered } from './Recovered';
import { League, Together } from './Together';
import { Verdict } from './Verdict';
import './lift.css';

const HORIZONS = [7, 14, 30, 60, 90];
const DAYS = 90;

/** For how many days after the message orders count; the address holds it. */
const useHorizon = (): [number, (days: number) => void] => {
  const [params, setParams] = useSearchParams();
  const asked = Number(params.get('horizon'));
  const days = HORIZONS.includes(asked) ? asked : 7;
  const choose = (horizon: number): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      next.set('horizon', String(horizon));
      return next;
    });
  return [days, choose];
};

const Choice = ({ horizon, choose }: { horizon: number; choose: (days: number) => void }) => {
  const period = usePeriod(DAYS);
  return (
    <div className="bar">
      <PeriodPicker period={period} />
      <s-select label={words.lift.horizon} value={String(horizon)} onChange={(event) => choose(Number(event.currentTarget.value))}>
        {HORIZONS.map((days) => (
          <s-option key={days} value={String(days)}>
            {counted(days, words.counts.day)}
          </s-option>
        ))}
      </s-select>
    </div>
  );
};

const Complete = ({ complete }: { complete: string | null | undefined }) => {
  const { time_zone: zone } = useShop();
  return (
    <p className="quiet small">
      {complete ? fill(words.ledgerPage.complete, { complete: formatInstant(complete, zone) }) : words.ledgerPage.unchecked} {words.lift.reading}
    </p>
  );
};

const Nobody = ({ campaign }: { campaign: string }) => (
  <s-section accessibilityLabel={words.lift.nobody.title}>
    <Empty title={words.lift.nobody.title}>
      {words.lift.nobody.text} <s-link href={`/campaigns/${encodeURIComponent(campaign)}/change`}>{words.lift.nobody.change}</s-link>
    </Empty>
  </s-section>
);

const ExperimentPart = ({ experiment, report, scope, heading }: { experiment: Experiment; report: Answer; scope: 'campaign' | 'program'; heading: string }) => {
  const [main, ...others] = experiment.comparisons;
  if (!main) return scope === 'campaign' ? <Nobody campaign={experiment.campaign_id ?? ''} /> : null;
  const isMain = main.against.name === 'nothing';
  return (
    <>
      <s-section heading={heading}>
        <Verdict comparison={main} scope={scope} complete={report.complete_through} horizon={experiment.horizon_days} />
      </s-section>
      {(others.length > 0 || !isMain) && <Arms comparisons={isMain ? others : experiment.comparisons} isKnown={report.complete_through != null} />}
    </>
  );
};

const OfCampaign = ({ id }: { id: string }) => {
  const period = usePeriod(DAYS);
  const [horizon, choose] = useHorizon();
  const lift = useLift({ campaign: id }, { from: period.from, to: period.to, horizon_days: horizon });
  return (
    <s-page heading={lift.data?.experiment?.name ? fill(words.lift.ofCampaign, { name: lift.data.experiment.name }) : words.shell.lift}>
      <s-link slot="breadcrumb-actions" href={`/campaigns/${encodeURIComponent(id)}`}>
        ← {lift.data?.experiment?.name ?? words.common.campaign}
      </s-link>
      <div className="lift stack">
        <Choice horizon={horizon} choose={choose} />
        <Loaded of={lift} lines={8}>
          {(report) => (
            <>
              {report.experiment && <ExperimentPart experiment={report.experiment} report={report} scope="campaign" heading={words.lift.caused.title} />}
              {hasAnybody(report.experiment) && <Parts of={{ campaign: id }} days={{ from: period.from, to: period.to, horizon_days: horizon }} choices={['month', 'horizon']} />}
              <p className="small">
                <s-link href={`/lift?${period.query}`}>{words.lift.all}</s-link>
              </p>
              <Complete complete={report.complete_through} />
            </>
          )}
        </Loaded>
      </div>
    </s-page>
  );
};

const beganOf = ({ running, ended }: Programs, id: string): string | undefined => [...(running ? [running] : []), ...ended].find((one) => id === '' || one.id === id)?.began_at;

const hasAnybody = (experiment: Experiment | null | undefined): boolean => experiment?.comparisons.some(({ treated, against }) => treated.recipients + against.recipients > 0) ?? false;

/** One that ended before anybody was drawn says nothing, and never will. */
const isEmpty = ({ program_id: id, comparisons }: Experiment, { running }: Programs): boolean =>
  running?.id !== id && comparisons.every(({ treated, against }) => treated.assigned + against.assigned === 0);

const ProgramPart = ({ id, programs }: { id: string; programs: Programs }) => {
  const { time_zone: zone } = useShop();
  const lift = useLift({ program: id });
  const began = beganOf(programs, id);
  const heading = began ? fill(words.lift.program, { began: formatLongDay(todayIn(zone, new Date(began))) }) : words.lift.programme.heading;
  return (
    <Loaded of={lift} lines={6}>
      {(report) =>
        report.experiment && !isEmpty(report.experiment, programs) ? (
          <>
            <ExperimentPart experiment={report.experiment} report={report} scope="program" heading={heading} />
            {hasAnybody(report.experiment) && <Parts of={{ program: id }} choices={['month', 'horizon']} />}
          </>
        ) : null
      }
    </Loaded>
  );
};

const OfProgram = ({ id }: { id: string }) => {
  const programs = usePrograms();
  return (
    <s-page heading={words.shell.lift}>
      <s-link slot="breadcrumb-actions" href="/lift">
        ← {words.shell.lift}
      </s-link>
      <div className="lift stack">
        <Loaded of={programs} lines={8}>
          {(data) => <ProgramPart id={id} programs={data} />}
        </Loaded>
      </div>
    </s-page>
  );
};

const Campaigns = ({ days, query, hasProgram }: { days: Days; query: string; hasProgram: boolean }) => {
  const lift = useLift({}, days);
  const recovery = useRecovery(days);
  const meta = useMeta(days.horizon_days);
  return (
    <>
      <Loaded of={lift} lines={8}>
        {({ pooled, complete_through: complete }) =>
          !pooled || pooled.campaigns + pooled.refused === 0 ? (
            <s-section accessibilityLabel={words.lift.empty.title}>
              <Empty title={hasProgram ? words.lift.empty.noCampaign : words.lift.empty.title}>{hasProgram ? words.lift.empty.noCampaignText : words.lift.empty.text}</Empty>
            </s-section>
          ) : (
            <>
              <Together pooled={pooled} isKnown={complete != null} />
              <League pooled={pooled} query={query} />
              <Parts of={{}} days={days} choices={['month', 'horizon', 'kind', 'template', 'step']} />
            </>
          )
        }
      </Loaded>
      <Loaded of={recovery} lines={4}>
        {(data) => <Recovered recovery={data} />}
      </Loaded>
      {/* Most shops have none, so nothing is said while it is looked for. */}
      {meta.data && <Meta control={meta.data} complete={lift.data?.complete_through} />}
      {lift.data && <Complete complete={lift.data.complete_through} />}
    </>
  );
};

const OfShop = () => {
  const period = usePeriod(DAYS);
  const [horizon, choose] = useHorizon();
  const programs = usePrograms();
  return (
    <s-page heading={words.shell.lift}>
      <div className="lift stack">
        <p className="quiet">{words.lift.lead}</p>
        <Loaded of={programs} lines={6}>
          {(data) => {
            const hasProgram = data.running != null;
            return (
              <>
                {(hasProgram || data.ended.length > 0) && <ProgramPart id="" programs={data} />}
                <Choice horizon={horizon} choose={choose} />
                <Campaigns days={{ from: period.from, to: period.to, horizon_days: horizon }} query={period.query} hasProgram={hasProgram} />
                <Programme programs={data} />
              </>
            );
          }}
        </Loaded>
      </div>
    </s-page>
  );
};

export const Lift = () => {
  const [params] = useSearchParams();
  const [campaign, program] = [params.get('campaign'), params.get('program')];
  if (campaign) return <OfCampaign key={campaign} id={campaign} />;
  return program === null ? <OfShop /> : <OfProgram key={program} id={program} />;
};
