// How the shop counts, how others would, and what another way would change. Nothing here proves cause.
import { useSearchParams } from 'react-router';
import { Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { words } from '../../words';
import { Compared } from './Compared';
import { Kept } from './Kept';
import { Maker } from './Maker';
import { Preview } from './Preview';
import { useComparison, usePolicies, usePreview } from './queries';
import '../campaign-edit/edit.css';
import './policies.css';

export const PoliciesPage = () => {
  const period = usePeriod();
  const [params, setParams] = useSearchParams();
  const chosen = params.get('preview') ?? '';
  const policies = usePolicies();
  const compared = useComparison(period);
  const preview = usePreview(chosen, period);
  const choose = (name: string): void => {
    params.set('preview', name);
    setParams(params, { replace: true });
  };
  return (
    <s-page heading={words.shell.policies}>
      <div className="stack">
        <PeriodPicker period={period} />
        <Loaded of={policies} lines={5}>
          {(kept) => (
            <>
              <Loaded of={compared} lines={8}>
                {(all) => <Compared compared={all} presets={kept.presets} chosen={chosen} choose={choose} />}
              </Loaded>
              <Maker kept={kept} choose={choose} />
              {chosen && (
                <Loaded of={preview} lines={8}>
                  {(found) => <Preview preview={found} kept={kept} />}
                </Loaded>
              )}
              <Kept policies={kept} />
            </>
          )}
        </Loaded>
      </div>
    </s-page>
  );
};
