import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Policies, Policy } from '../../api/types';
import { compared, policies, policyPreview } from '../../test/fixtures';
import { open, Refusal, serve } from '../../test/render';
import { bodyOf, draftOf } from './draft';

const kinds: Policies['kinds'] = [
  { kind: 'redeem_code', class: 'certain', called: 'a redeemed code', weak: false },
  { kind: 'click_session', class: 'strong', called: 'a visit opened by a link', weak: false },
  { kind: 'person_delivered', class: 'exposure', called: 'having got a message', weak: true },
];
const ids = kinds.map(({ kind }) => kind);
const ALL = { 'GET /api/policies': { ...policies, kinds }, '/api/reports/policies': compared };

type Field = HTMLElement & { value: string; checked: boolean; error: string | null };
const field = (name: string): Field => document.querySelector(`[name="${name}"]`) as Field;
const type = (name: string, text: string) => {
  const control = field(name).shadowRoot?.querySelector('input') as HTMLInputElement;
  control.value = text;
  fireEvent(control, new Event('input', { bubbles: true, composed: true }));
};
const choose = (name: string, value: string) => {
  field(name).value = value;
  fireEvent(field(name), new Event('change', { bubbles: true }));
};
const tick = (name: string, checked: boolean) => {
  field(name).checked = checked;
  fireEvent(field(name), new Event('change', { bubbles: true }));
};
const begin = async () => {
  open('/policies');
  fireEvent.click(await screen.findByText('Make a policy of your own'));
};

describe('a draft of a policy', () => {
  it('becomes the document it began from, in units a person picks', () => {
    const policy: Policy = {
      name: 'mine',
      pick: 'latest',
      veto: 'all',
      basis: 'total_sales',
      credit_shared: false,
      abandoned_after_seconds: 5_400,
      kinds: { redeem_code: { clock: 'unlimited', window_seconds: null }, person_delivered: { clock: 'sent', window_seconds: 43_200, credited: false } },
    };
    const draft = draftOf(policy, ids, 'mine');
    expect([draft.kinds.person_delivered?.count, draft.kinds.person_delivered?.unit, draft.abandoned.count, draft.abandoned.unit]).toEqual(['12', '3600', '90', '60']);
    expect(draft.kinds.click_session?.on).toBe(false);
    expect(bodyOf(draft)).toEqual(policy);
  });

  it('leaves the judging of what is no time to the server, and takes a comma', () => {
    const draft = draftOf({ name: 'm', kinds: { click_session: { window_seconds: 60 } } }, ids, 'm');
    const typed = (count: string) => bodyOf({ ...draft, kinds: { click_session: { ...draft.kinds.click_session!, count, unit: '3600' } } }).kinds.click_session?.window_seconds;
    expect([typed('1,5'), typed('soon'), typed('')]).toEqual([5_400, -1, -1]);
  });
});

describe('making a policy', () => {
  it('saves what was chosen, previews it at once, and offers to count by it', async () => {
    let sent: Policy | undefined;
    let made = false;
    const mine = { ...policies.policies[0]!, name: 'mine', version: 1, active: false, activated_at: null, restated: null };
    const asked = serve({
      ...ALL,
      'GET /api/policies': () => ({ ...policies, kinds, policies: made ? [...policies.policies, mine] : policies.policies }),
      'POST /api/policies': async (_: URL, request: Request) => {
        sent = (await request.json()) as Policy;
        made = true;
        return { ...sent, version: 1 };
      },
      'POST /api/policies/preview': { ...policyPreview, then: { ...policyPreview.then, policy: 'mine' } },
    });
    await begin();
    choose('start', 'preset:postscript');
    type('name', 'mine');
    tick('kinds.click_session', true);
    await waitFor(() => expect(field('kinds.click_session.window_seconds')).toBeTruthy());
    type('kinds.click_session.window_seconds', '36');
    choose('kinds.click_session.window_seconds.unit', '3600');
    choose('pick', 'latest');
    fireEvent.click(screen.getByText('Save and see what it would change'));
    expect(await screen.findByText(/“mine” is saved as version 1/)).toBeTruthy();
    expect(sent).toMatchObject({ name: 'mine', pick: 'latest', kinds: { redeem_code: { window_seconds: 86_400 }, click_session: { window_seconds: 129_600 } } });
    expect(sent?.kinds.person_delivered).toBeUndefined();
    await waitFor(() => expect(document.querySelector('s-section[heading="What “mine” would change"]')).toBeTruthy());
    expect(asked.some(({ pathname }) => pathname === '/api/policies/preview')).toBe(true);
    expect(screen.getAllByText('Count by it').length).toBeGreaterThan(0);
  });

  it('shows what the server refuses at its field until that is changed', async () => {
    const detail = 'Write 0 to 7776000 seconds (90 days), or null: without limit.';
    serve({ ...ALL, 'POST /api/policies': new Refusal(422, { title: 'Not valid', status: 422, code: 'invalid', field: 'kinds.redeem_code.window_seconds', detail }) });
    await begin();
    type('name', 'mine');
    type('kinds.redeem_code.window_seconds', '91');
    fireEvent.click(screen.getByText('Save and see what it would change'));
    await waitFor(() => expect(field('kinds.redeem_code.window_seconds').error).toMatch(/^Write a time from 0 to 90 days/));
    expect(document.activeElement?.getAttribute('name')).toBe('kinds.redeem_code.window_seconds');
    type('kinds.redeem_code.window_seconds', '2');
    await waitFor(() => expect(field('kinds.redeem_code.window_seconds').error).toBeNull());
  });

  it('says what has no field of its own above the button', async () => {
    serve({ ...ALL, 'POST /api/policies': new Refusal(403, { title: 'Only a merchant decides', status: 403, detail: 'Sign in as the shop.' }) });
    await begin();
    fireEvent.click(screen.getByText('Save and see what it would change'));
    expect(await screen.findByText('Sign in as the shop.')).toBeTruthy();
  });

  it('is not left without a question once something was changed', async () => {
    serve({ ...ALL, '/api/campaigns': { campaigns: [], next_cursor: null } });
    await begin();
    type('name', 'mine');
    fireEvent.click(screen.getByText('Cancel'));
    await waitFor(() => expect(document.querySelector('s-modal')?.getAttribute('heading')).toBe('Leave without saving?'));
    fireEvent.click(screen.getByText('Leave without saving'));
    await waitFor(() => expect(field('name')).toBeNull());
  });
});
