// One amount of money, in digits that line up.
import type { Money } from '../api/types';
import { formatMoney } from '../lib/money';

export const Amount = ({ of }: { of: Money }) => <span className="amount">{formatMoney(of)}</span>;
