// The paths that brought most: channels in their order, what their orders are worth, and how many of that path ended in nothing.
import { Fragment, useState } from 'react';
import type { Journeys } from '../../api/types';
import { Amount } from '../../components/Amount';
import { Empty } from '../../components/page-states';
import { formatMoney, shareOf } from '../../lib/money';
import { counted, formatCount } from '../../lib/rates';
import { channelName } from '../../lib/words';
import { fill, words } from '../../words';

type Path = Journeys['paths'][number];

const PAGE = 10;

const Steps = ({ channels }: { channels: Path['channels'] }) => (
  <span className="path-steps">
    {channels.map((channel, index) => (
      <Fragment key={index}>
        {index > 0 && (
          <span className="path-then">
            <span aria-hidden="true">→</span>
            <span className="hidden">{words.journeys.then}</span>
          </span>
        )}
        <span className={`path-step path-${channel}`}>{channelName(channel)}</span>
      </Fragment>
    ))}
  </span>
);

const Row = ({ path, largest }: { path: Path; largest: Path['value'] }) => (
  <s-table-row>
    <s-table-cell>
      <Steps channels={path.channels} />
      <span className="path-bar" aria-hidden="true">
        <i style={{ width: `${shareOf(path.value, largest) * 100}%` }} />
      </span>
    </s-table-cell>
    <s-table-cell>{formatCount(path.orders)}</s-table-cell>
    <s-table-cell>{formatCount(path.ended_in_nothing)}</s-table-cell>
    <s-table-cell>
      <strong>
        <Amount of={path.value} />
      </strong>
    </s-table-cell>
  </s-table-row>
);

export const Paths = ({ journeys }: { journeys: Journeys }) => {
  const [shown, show] = useState(PAGE);
  const { paths, paths_in_all: all, value, converted, ended_in_nothing: nothing } = journeys;
  const largest = paths[0]?.value ?? value;
  if (paths.length === 0) {
    return (
      <s-section heading={words.journeys.paths}>
        <Empty title={words.journeys.noPaths}>{words.journeys.noPathsText}</Empty>
      </s-section>
    );
  }
  return (
    <s-section heading={words.journeys.paths} padding="none">
      <p className="quiet small journeys-lead">
        {fill(words.journeys.pathsText, { journeys: counted(converted, words.counts.journey), value: formatMoney(value), people: counted(nothing, words.counts.person) })}
      </p>
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">{words.journeys.path}</s-table-header>
          <s-table-header format="numeric">{words.shell.orders}</s-table-header>
          <s-table-header format="numeric">{words.journeys.nothing}</s-table-header>
          <s-table-header format="currency" listSlot="inline">{words.journeys.value}</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {paths.slice(0, shown).map((path) => (
            <Row key={path.channels.join('>')} path={path} largest={largest} />
          ))}
        </s-table-body>
      </s-table>
      <div className="journeys-more">
        <span className="quiet small" role="status">
          {fill(words.journeys.allPaths, { shown: formatCount(Math.min(shown, paths.length)), all: formatCount(all) })}
        </span>
        {shown < paths.length && <s-button onClick={() => show(shown + PAGE)}>{words.journeys.morePaths}</s-button>}
      </div>
    </s-section>
  );
};
