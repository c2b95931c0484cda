// What happened, in the order it happened: the message's stations, the shopper's, and what became of the order since. Only
// instants the receipt names appear as done; a read that was never reported appears as unknown, because that is what it is.
import type { Receipt } from '../../api/types';

export interface Station {
  key: string;
  name: string;
  at: string | null;
  tone: 'message' | 'shopper' | 'order' | 'taken';
  note?: string;
}

const station = (key: string, name: string, at: string | null | undefined, tone: Station['tone'], note?: string): Station[] =>
  at ? [{ key, name, at, tone, note }] : [];

const isTap = (kind: string): boolean => kind.includes('click');

/** Every tap on a link of a message that was considered; a tap of another message says whose it was. */
const taps = ({ taps: all, winner }: Receipt): Station[] =>
  [
    ...all.flatMap(({ at, campaign, message_id: message, again }, index) => {
      const of = message === winner?.message_id ? undefined : `Link of ${campaign.name}`;
      return station(`tap-${index}`, again ? 'Tapped again' : 'Link tapped', at, 'shopper', of);
    }),
    // What the evidence rests on stands here in any case.
    ...(winner && isTap(winner.kind) && !all.some(({ at }) => at === winner.evidence_at)
      ? station('tap', 'Link tapped', winner.evidence_at, 'shopper')
      : []),
  ];

const taken = ({ versions, order }: Receipt): Station[] =>
  versions.flatMap((version, index) => {
    const before = versions[index - 1];
    if (!before || version.net_sales.minor >= before.net_sales.minor || version.effective_at === order.cancelled_at) return [];
    return station(`taken-${index}`, 'Net sales reduced', version.effective_at, 'taken', version.why);
  });

export const stationsOf = (receipt: Receipt): Station[] => {
  const { winner, recovered, order } = receipt;
  // Without a winner the message about the checkout is the story's: it did not win the order, but it is what happened.
  const message = winner?.message ?? recovered?.message ?? undefined;
  const known = [
    ...station('abandoned', 'Cart left behind', recovered?.abandoned_at, 'shopper'),
    ...station('issued', winner?.code ? 'Code issued' : 'Message made', message?.issued_at, 'message'),
    ...station('sent', 'Message sent', message?.sent_at, 'message'),
    ...station('delivered', 'Delivered', message?.delivered_at, 'message'),
    ...station('read', 'Read', message?.read_at, 'message'),
    ...station('failed', 'Message failed', message?.failed_at, 'taken'),
    ...taps(receipt),
    ...station('ordered', 'Ordered', order.ordered_at, 'order'),
    ...station('cancelled', 'Cancelled', order.cancelled_at, 'taken'),
    ...taken(receipt),
  ];
  // Sorting is stable: stations of the same second stay in the order of the story above.
  known.sort((a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? ''));
  if (!message?.delivered_at || message.read_at) return known;
  const unread: Station = { key: 'read', name: 'No read receipt', at: null, tone: 'message', note: 'Receipts may be off' };
  const delivered = known.findIndex(({ key }) => key === 'delivered');
  return known.toSpliced(delivered + 1, 0, unread);
};
