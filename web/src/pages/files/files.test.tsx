import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { MadeFile } from '../../api/types';
import { open, Refusal, serve } from '../../test/render';

const pack: MadeFile = {
  id: 'f1', kind: 'pack', table: null, format: 'csv', gzip: false, name: 'recoup-pack-2026-10-01-2026-10-31.zip', from: '2026-10-01', to: '2026-10-31',
  policy: 'default', campaign_id: null, receipts: false, personal: false, state: 'ready', progress: 1, rows: 1_204, trouble: null, asked_by: 'merchant 42',
  asked_at: '2026-11-22T10:00:00Z', as_of: '2026-11-22T10:00:00Z', complete_through: '2026-11-22T09:00:00Z', since: '2026-10-02T08:00:00Z',
  bytes: 34_512, sha256: 'ab12', ready_at: '2026-11-22T10:00:04Z', expires_at: '2026-11-29T10:00:04Z',
  link: { url: 'https://recoup.example/download/1/f1?until=1&signature=s', expires_at: '2026-11-22T12:00:00Z' },
};
const making: MadeFile = { ...pack, id: 'f2', kind: 'table', table: 'orders', name: 'recoup-orders.csv', state: 'making', progress: 0.42, rows: 300, bytes: null, sha256: null, since: null, link: null };
const failed: MadeFile = { ...making, id: 'f3', table: 'clicks', state: 'failed', trouble: 'The file grew larger than 512 MB.' };

const NONE = { '/api/files/schedule': { schedule: null } };
const list = (...files: MadeFile[]) => ({ files, next_cursor: null });
const button = (name: string) => document.querySelector(`s-button[accessibilitylabel^="${name}"]`) as HTMLElement;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T11:00:00Z') });
  return () => void vi.useRealTimers();
});

describe('the files', () => {
  it('say what they are, how far they are, where they are fetched and how a copy is checked', async () => {
    serve({ ...NONE, '/api/files': list(making, failed, pack) });
    open('/files');
    const link = await screen.findByRole('link', { name: /Download Accountant’s pack, / });
    expect(link.getAttribute('href')).toBe(pack.link?.url);
    expect(link.getAttribute('download')).toBe(pack.name);
    expect(screen.getByText(/1,204 rows, 34\.5 kB/)).toBeTruthy();
    expect(screen.getByText(/complete through .* · restatements since /)).toBeTruthy();
    expect(screen.getByText('ab12')).toBeTruthy();
    expect(screen.getByText('42% made, 300 rows so far')).toBeTruthy();
    expect(screen.getByRole('progressbar', { name: /Progress of Orders/ }).getAttribute('value')).toBe('0.42');
    expect(screen.getByRole('alert').textContent).toBe('It could not be made: The file grew larger than 512 MB.');
    expect(screen.getAllByRole('link', { name: /Download/ })).toHaveLength(1);
  });

  it('say so when there are none', async () => {
    serve({ ...NONE, '/api/files': list() });
    open('/files');
    expect(await screen.findByText('No file has been asked for yet')).toBeTruthy();
  });

  it('are looked at again while one is made, and not after', async () => {
    let files = list(making);
    const asked = serve({ ...NONE, '/api/files': () => files });
    open('/files');
    await screen.findByText(/made, 300 rows/);
    files = list(pack);
    await screen.findByRole('link', { name: /Download Accountant/ }, { timeout: 4_000 });
    const looks = asked.length;
    await new Promise((later) => setTimeout(later, 1_800));
    expect(asked).toHaveLength(looks);
  });

  it('are deleted after a question, which says what that means for the next pack', async () => {
    let files = list(pack);
    const asked = serve({ ...NONE, '/api/files': () => files, 'DELETE /api/files/f1': () => ((files = list()), new Response(null, { status: 204 })) });
    open('/files');
    await screen.findByText('ab12');
    fireEvent.click(button('Delete Accountant’s pack, '));
    expect(await screen.findByText(/The next pack then begins with the restatements after the pack before this one/)).toBeTruthy();
    fireEvent.click(document.querySelector('[slot="primary-action"]') as HTMLElement);
    await screen.findByText('No file has been asked for yet');
    expect(asked.some((url) => url.pathname === '/api/files/f1')).toBe(true);
  });
});

describe('a new file', () => {
  const serving = (answer: unknown) => {
    const bodies: unknown[] = [];
    serve({ ...NONE, '/api/files': list(), 'POST /api/files': async (_: URL, request: Request) => (bodies.push(await request.json()), answer) });
    return bodies;
  };

  it('is last month’s pack unless something else is chosen', async () => {
    const bodies = serving({ ...pack, state: 'waiting', progress: 0 });
    open('/files');
    fireEvent.click(await screen.findByText('Make the file'));
    expect(await screen.findByText('It is being made. You may leave this page.')).toBeTruthy();
    expect(bodies).toEqual([{ kind: 'pack', from: '2026-10-01', to: '2026-10-31' }]);
  });

  it('says how recipients are reached only where that is chosen, of messages', async () => {
    const bodies = serving({ ...pack, kind: 'table', table: 'messages', personal: true });
    open('/files');
    await screen.findByText('Make the file');
    expect(document.querySelector('.files-form s-checkbox[label^="With how"]')).toBeNull();
    const what = document.querySelector('.files-form s-select')?.shadowRoot?.querySelector('select') as HTMLSelectElement;
    what.value = 'messages';
    fireEvent.change(what);
    await waitFor(() => expect(document.querySelector('.files-form s-checkbox[label^="With how"]')).toBeTruthy());
    const box = document.querySelector('.files-form s-checkbox[label^="With how"]')?.shadowRoot?.querySelector('input') as HTMLInputElement;
    fireEvent.click(box);
    fireEvent.click(screen.getByText('Make the file'));
    await screen.findByText('It is being made. You may leave this page.');
    expect(bodies).toEqual([expect.objectContaining({ kind: 'table', table: 'messages', personal: true })]);
  });

  it('is refused in the server’s words', async () => {
    serving(new Refusal(409, { title: 'Conflict', status: 409, code: 'too_many_files', detail: '3 files are on their way already. Wait for one, or delete it.' }));
    open('/files');
    fireEvent.click(await screen.findByText('Make the file'));
    await waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(/3 files are on their way/));
  });
});

describe('a daily file', () => {
  const schedule = { kind: 'pack', table: null, format: 'csv', gzip: false, bom: false, days: 7, hour: 6, time_zone: 'Europe/Vienna', next_at: '2026-11-23T05:00:00Z', chosen_by: 'merchant 42', chosen_at: '2026-11-22T10:00:00Z' };

  it('is chosen with what, how many days and the hour', async () => {
    const bodies: unknown[] = [];
    serve({ ...NONE, '/api/files': list(), 'PUT /api/files/schedule': async (_: URL, request: Request) => (bodies.push(await request.json()), { schedule }) });
    open('/files');
    fireEvent.click(await screen.findByText('Make it every day'));
    expect(await screen.findByText(/Accountant’s pack of the last 7 days, every day at 6:00 AM/)).toBeTruthy();
    expect(bodies).toEqual([{ kind: 'pack', days: 1, hour: 6 }]);
    expect(screen.getByText(/next .*\(Europe\/Vienna\)/)).toBeTruthy();
  });

  it('is stopped', async () => {
    serve({ '/api/files': list(), '/api/files/schedule': { schedule }, 'DELETE /api/files/schedule': () => new Response(null, { status: 204 }) });
    open('/files');
    fireEvent.click(await screen.findByText('Stop it'));
    expect(await screen.findByText('Make it every day')).toBeTruthy();
    expect(screen.queryByText('Stop it')).toBeNull();
  });
});
