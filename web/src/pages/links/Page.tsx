// Links: how often they were opened, by people and by machines, and how each was told from the other.
import { useSearchParams } from 'react-router';
import type { LinksReport } from '../../api/types';
import { Download } from '../../components/download/Download';
import { Empty, Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { words } from '../../words';
import { CampaignTable } from './CampaignTable';
import { Days } from './Days';
import { Headline } from './Headline';
import { LinkTable } from './LinkTable';
import { Machines } from './Machines';
import { MetaComparison } from './MetaComparison';
import { useLinksReport } from './queries';
import './links.css';

const isBare = ({ total, orders }: LinksReport): boolean => total.raw === 0 && total.heads === 0 && orders === 0;

export const Links = () => {
  const [params, setParams] = useSearchParams();
  const period = usePeriod();
  const campaign = params.get('campaign') ?? undefined;
  const report = useLinksReport({ from: period.from, to: period.to, campaign });
  const links = report.data?.pages.flatMap((page) => page.links) ?? [];
  const drop = (): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      next.delete('campaign');
      return next;
    });
  return (
    <s-page heading={words.shell.links}>
      <div className="stack">
        <div className="toolbar">
          <PeriodPicker period={period} />
          {campaign !== undefined && <s-button onClick={drop}>{words.links.allCampaigns}</s-button>}
          <Download tables={['clicks']} from={period.from} to={period.to} campaign={campaign} />
        </div>
        <Loaded of={{ ...report, data: report.data?.pages[0] }} lines={8}>
          {(data) =>
            isBare(data) ? (
              <s-section accessibilityLabel={words.overview.nothing}>
                <Empty title={words.links.none}>
                  {words.links.noneText}
                </Empty>
              </s-section>
            ) : (
              <>
                <Headline total={data.total} />
                <Days days={data.days} />
                <div className="columns">
                  <Machines total={data.total} />
                  <MetaComparison witness={data.witness} total={data.total} />
                </div>
                <CampaignTable report={data} query={period.query} only={campaign} />
                <LinkTable
                  links={links}
                  hasMore={report.hasNextPage}
                  isFetching={report.isFetchingNextPage}
                  more={() => void report.fetchNextPage()}
                />
              </>
            )
          }
        </Loaded>
      </div>
    </s-page>
  );
};
