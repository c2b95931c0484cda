// The foot of a list: how many rows are shown, and the way to more of them.
import { formatCount } from '../../lib/rates';
import { fill, words } from '../../words';

export const More = ({ shown, hasMore, isFetching, more }: { shown: number; hasMore: boolean; isFetching: boolean; more: () => void }) => (
  <div className="list-more">
    <span className="quiet small" role="status">
      {fill(hasMore ? words.list.shown : words.list.allShown, { count: formatCount(shown) })}
    </span>
    {hasMore && (
      <s-button onClick={more} loading={isFetching}>
        {words.common.showMore}
      </s-button>
    )}
  </div>
);
