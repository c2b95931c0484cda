// Every word of this page, in one place.
import type { AgreementDay } from '../../api/types';

export const WORDS = {
  heading: 'Agreement with Shopify',
  lead: 'Ours = Shopify’s + the named lines. Both by the day on which each thing happened: a refund counts on its own day here, not on its order’s as in the ledger.',
  allow: 'Allow it in Shopify',
  allowHeading: 'Shopify’s figures are not allowed yet',
  refused: 'Shopify refuses its reports',
  unread: 'Not read yet',
  whole: 'All days together',
  byDay: 'Day by day',
  columns: { day: 'Day', verdict: 'Verdict', shopify: 'Shopify', ours: 'Here', lines: 'Explained', unexplained: 'Unexplained' },
  none: '–',
  red: (day: string): string => `${day} does not agree`,
  suspects: 'Orders it can come from',
  noSuspects: 'Nothing was booked here on that day.',
  readAgain: 'Read these orders again',
  asked: (orders: number): string => `The sales of ${orders} ${orders === 1 ? 'order' : 'orders'} are being read again. This page looks again in a moment.`,
  complete: 'Complete through',
  read: 'Shopify’s figures read',
} as const;

export const VERDICTS: Record<AgreementDay['verdict'], { name: string; tone: 'success' | 'critical' | 'warning' | 'neutral' }> = {
  agrees: { name: 'Agrees', tone: 'success' },
  differs: { name: 'Differs', tone: 'critical' },
  open: { name: 'Not whole yet', tone: 'neutral' },
  other_currency: { name: 'Other currency', tone: 'warning' },
  before: { name: 'Before Recoup', tone: 'neutral' },
  unread: { name: 'Not read', tone: 'neutral' },
};
