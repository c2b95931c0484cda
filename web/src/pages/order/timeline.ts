// What happened, in the order it happened: the message's stations, the shopper's, and what became of the order since. Only
// instants the receipt names appear as done; a read that was never reported appears as unknown, because that is what it is.
import type { Receipt } from '../../api/types';
import { fill, words } from '../../words';

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
      const of = message === winner?.message_id ? undefined : fill(words.order.linkOf, { name: campaign.name });
      return station(`tap-${index}`, again ? words.order.tappedAgain : words.order.tapped, at, 'shopper', of);
    }),
    // What the evidence rests on stands here in any case.
    ...(winner && isTap(winner.kind) && !all.some(({ at }) => at === winner.evidence_at)
      ? station('tap', words.order.tapped, winner.evidence_at, 'shopper')
      : []),
  ];

const taken = ({ versions, order }: Receipt): Station[] =>
  versions.flatMap((version, index) => {
    const before = versions[index - 1];
    if (!before || version.net_sales.minor >= before.net_sales.minor || version.effective_at === order.cancelled_at) return [];
    return station(`taken-${index}`, words.order.reduced, version.effective_at, 'taken', version.why);
  });

export const stationsOf = (receipt: Receipt): Station[] => {
  const { winner, recovered, order } = receipt;
  // Without a winner the message about the checkout is the story's: it did not win the order, but it is what happened.
  const message = winner?.message ?? recovered?.message ?? undefined;
  const known = [
    ...station('abandoned', words.order.leftBehind, recovered?.abandoned_at, 'shopper'),
    ...station('issued', winner?.code ? words.order.codeIssued : words.order.messageMade, message?.issued_at, 'message'),
    ...station('sent', words.order.messageSent, message?.sent_at, 'message'),
    ...station('delivered', words.overview.delivered, message?.delivered_at, 'message'),
    ...station('read', words.overview.read, message?.read_at, 'message'),
    ...station('failed', words.order.messageFailed, message?.failed_at, 'taken'),
    ...taps(receipt),
    ...station('ordered', words.overview.ordered, order.ordered_at, 'order'),
    ...station('cancelled', words.order.cancelledShort, order.cancelled_at, 'taken'),
    ...taken(receipt),
  ];
  // Sorting is stable: stations of the same second stay in the order of the story above.
  known.sort((a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? ''));
  if (!message?.delivered_at || message.read_at) return known;
  const unread: Station = { key: 'read', name: words.order.noReceipt, at: null, tone: 'message', note: words.order.receiptsOff };
  const delivered = known.findIndex(({ key }) => key === 'delivered');
  return known.toSpliced(delivered + 1, 0, unread);
};
