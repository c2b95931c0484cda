// What files are called, and how large they are.
import type { MadeFile } from '../../api/types';
import { locale } from '../../lib/locale';
import { words } from '../../words';

export type Table = NonNullable<MadeFile['table']>;

export const TABLES: Table[] = ['orders', 'restatements', 'learned_late', 'ledger', 'agreement', 'messages', 'clicks'];

export const nameOf = ({ kind, table }: Pick<MadeFile, 'kind' | 'table'>): string =>
  kind === 'pack' || !table ? words.files.pack : words.download.tables[table].name;

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** "3.4 MB". */
export const formatSize = (bytes: number): string => {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const options = { style: 'unit', unit: UNITS[step], unitDisplay: 'short', maximumFractionDigits: step === 0 ? 0 : 1 } as const;
  return new Intl.NumberFormat(locale(), options).format(bytes / 1_000 ** step);
};
