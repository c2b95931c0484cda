// One order, and why it stands where it stands: the answer to "why this message?", in words an accountant would sign.
import { useParams } from 'react-router';
import { Problem } from '../../api/problem';
import { Empty, Failed, Skeleton } from '../../components/page-states';
import { fill, words } from '../../words';
import { Breakdown } from './Breakdown';
import { Candidates } from './Candidates';
import { Credits } from './Credits';
import { Journey } from './Journey';
import { Others } from './Others';
import { useReceipt } from './queries';
import { Timeline } from './Timeline';
import { Verdict } from './Verdict';
import { Versions } from './Versions';
import './order.css';

const Back = () => (
  <s-link slot="breadcrumb-actions" href="/orders">
    {words.order.back}
  </s-link>
);

export const Order = () => {
  const { id = '' } = useParams();
  const receipt = useReceipt(id);

  if (receipt.data) {
    return (
      <s-page heading={fill(words.order.title, { name: receipt.data.order.name })}>
        <Back />
        <div className="stack">
          <Verdict receipt={receipt.data} />
          <Timeline receipt={receipt.data} />
          <Journey receipt={receipt.data} />
          <Candidates receipt={receipt.data} />
          <Others receipt={receipt.data} />
          <div className="columns">
            <Breakdown receipt={receipt.data} />
            <div className="stack order-beside">
              <Credits receipt={receipt.data} />
              <Versions receipt={receipt.data} />
            </div>
          </div>
        </div>
      </s-page>
    );
  }
  const isMissing = receipt.error instanceof Problem && receipt.error.status === 404;
  return (
    <s-page heading={words.common.order}>
      <Back />
      {isMissing && (
        <s-section accessibilityLabel={words.order.none}>
          <Empty title={words.order.unknown}>
            {words.order.unknownText}{' '}<s-link href="/orders">{words.order.seeAll}</s-link>
          </Empty>
        </s-section>
      )}
      {receipt.error && !isMissing && <Failed error={receipt.error} retry={receipt.refetch} />}
      {receipt.isPending && <Skeleton lines={8} />}
    </s-page>
  );
};
