// A list as a table, and the way to more of it. On a phone each row is a card: its first column the heading, and what is `beside`
// it stands at the heading's right.
import type { ReactNode } from 'react';
import { useShop } from '../../app/shop';
import { More } from './More';

export interface Column<Row> {
  heading: string;
  place?: 'primary' | 'inline' | 'secondary';
  format?: 'numeric' | 'currency';
  cell: (row: Row, zone: string) => ReactNode;
}

export interface ListOf<Row> {
  rows: Row[];
  hasMore: boolean;
  isFetching: boolean;
  more: () => void;
}

interface Props<Row> extends ListOf<Row> {
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
}

export const Rows = <Row,>({ columns, keyOf, rows, hasMore, isFetching, more }: Props<Row>) => {
  const { time_zone: zone } = useShop();
  return (
    <>
      <s-table>
        <s-table-header-row>
          {columns.map(({ heading, place, format }) => (
            <s-table-header key={heading} listSlot={place} format={format}>
              {heading}
            </s-table-header>
          ))}
        </s-table-header-row>
        <s-table-body>
          {rows.map((row) => (
            <s-table-row key={keyOf(row)}>
              {columns.map(({ heading, cell }) => (
                <s-table-cell key={heading}>{cell(row, zone)}</s-table-cell>
              ))}
            </s-table-row>
          ))}
        </s-table-body>
      </s-table>
      <More shown={rows.length} hasMore={hasMore} isFetching={isFetching} more={more} />
    </>
  );
};

/** Where there is nothing to say. */
export const Nothing = () => <span className="quiet">—</span>;
