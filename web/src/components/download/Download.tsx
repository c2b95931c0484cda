// Takes what a page shows away as files: each of its tables as CSV or JSON lines, and what the columns say. A file may take the
// server a while, so the panel says that it is on its way, then under which name it is saved, or why there is none.
import { useEffect, useId, useRef, useState } from 'react';
import { Failed } from '../page-states';
import { formatLongDay } from '../../lib/dates';
import { fill, words } from '../../words';
import { type Form, type Table, useExport } from './useExport';
import './download.css';

interface Props {
  tables: Table[];
  from: string;
  to: string;
  campaign?: string;
  /** What else has to be said of the files. */
  note?: string;
}

const Files = ({ tables, from, to, campaign, note }: Props) => {
  const file = useExport({ from, to, campaign });
  const take = (table: Table, form: Form) => {
    const isOnItsWay = file.isPending && file.variables.table === table && file.variables.form === form;
    return (
      <s-button
        accessibilityLabel={fill(words.download.named, { table: words.download.tables[table].name, form: words.download[form] })}
        loading={isOnItsWay}
        disabled={file.isPending}
        onClick={() => file.mutate({ table, form })}
      >
        {words.download[form]}
      </s-button>
    );
  };
  return (
    <>
      <p className="quiet small">
        {fill(words.download.lead, { from: formatLongDay(from), to: formatLongDay(to) })} {note}
      </p>
      <ul>
        {([...tables, 'definitions'] as const).map((table) => (
          <li key={table}>
            <span>
              <strong>{words.download.tables[table].name}</strong>
              <span className="quiet small below">
                {words.download.tables[table].what} {campaign !== undefined && table !== 'definitions' && words.download.ofCampaign}
              </span>
            </span>
            <span className="download-forms">
              {take(table, 'csv')}
              {table !== 'definitions' && take(table, 'jsonl')}
            </span>
          </li>
        ))}
      </ul>
      <p role="status" className="small">
        {file.isPending ? words.download.running : file.data !== undefined && fill(words.download.saved, { name: file.data })}
      </p>
      {file.error && <Failed error={file.error} retry={() => file.mutate(file.variables)} />}
    </>
  );
};

export const Download = (props: Props) => {
  const [isOpen, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => {
    if (!isOpen) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || !(event.target instanceof Node) || !place.current?.contains(event.target)) return;
      setOpen(false);
      place.current.querySelector('button')?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [isOpen]);

  return (
    <div className={isOpen ? 'download download-open' : 'download'} ref={place}>
      <button type="button" aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
        {words.download.open}
      </button>
      <div id={id} className="download-panel" hidden={!isOpen} role="group" aria-label={words.download.open}>
        {isOpen && <Files {...props} />}
      </div>
    </div>
  );
};
