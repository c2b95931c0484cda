// Asks for a table as a file. CSV says to spreadsheets that it is UTF-8.
import { useMutation } from '@tanstack/react-query';
import { download } from '../../api/client';

export type Table = 'orders' | 'restatements' | 'learned_late' | 'ledger' | 'messages' | 'clicks' | 'agreement' | 'definitions';

export type Form = 'csv' | 'jsonl';

interface Of {
  from: string;
  to: string;
  campaign?: string;
}

interface Wanted {
  table: Table;
  form: Form;
}

export const useExport = ({ from, to, campaign }: Of) =>
  useMutation({
    mutationFn: ({ table, form }: Wanted) => {
      const asked = new URLSearchParams(table === 'definitions' ? {} : { from, to });
      if (campaign !== undefined && table !== 'definitions') asked.set('campaign', campaign);
      if (form === 'csv') asked.set('bom', 'true');
      return download(`/api/exports/${table}.${form}?${asked}`, `recoup-${table}.${form}`);
    },
  });
