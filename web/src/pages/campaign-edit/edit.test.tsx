import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { NewCampaign, PlanWanted } from '../../api/types';
import { shown } from '../../test/fixtures';
import { open, PENDING, Refusal, serve } from '../../test/render';
import { bodyOf, changed, draftOf, EMPTY } from './draft';

const PREVIEW = 'POST /api/campaigns/preview';
const preview = {
  problems: [] as { field: string; detail: string }[],
  example: true,
  code: 'WIN7K2M9QXDTPB',
  link: 'https://recoup.example/r/1-abc',
  button_suffix: '1-abc',
  destination: 'https://shop.example/discount/WIN7K2M9QXDTPB?redirect=%2F',
  expires_at: '2026-11-24T11:00:00Z',
  shopify_ends_at: '2026-11-24T12:00:00Z',
  summary: 'Every recipient gets a code of their own.',
};

/** The server's own rule about names, so that typing matters. */
const looks = async (_: URL, request: Request) => {
  const body = (await request.json()) as NewCampaign;
  const wrong = body.name.trim() === '' ? [{ field: 'name', detail: 'Give the campaign a name of 1 to 120 characters.' }] : [];
  return { ...preview, problems: wrong };
};

type Field = HTMLElement & { value: string; error: string | null; disabled: unknown };
const field = (name: string): Field => document.querySelector(`[name="${name}"]`) as Field;
const type = (name: string, text: string) => {
  const control = field(name).shadowRoot?.querySelector('input') as HTMLInputElement;
  control.value = text;
  fireEvent(control, new Event('input', { bubbles: true, composed: true }));
};

describe('a draft', () => {
  it('becomes the body the API takes, in minor units', () => {
    const draft = { ...EMPTY, name: 'W', offer: 'fixed_amount', amount: '10,50', minimum: 'subtotal', subtotal: '50', holdout: '12.5', after: '1.5', cost: '0.08', tags: 'a, b', prefix: 'win' };
    const body = bodyOf(draft, 'EUR');
    expect(body.offer).toEqual({ type: 'fixed_amount', amount_minor: 1050 });
    expect([body.minimum_subtotal_minor, body.holdout, body.expiry?.after_seconds]).toEqual([5000, 0.125, 5400]);
    expect([body.cost_per_message, body.tags, body.code?.prefix]).toEqual([{ minor: 8, currency: 'EUR' }, ['a', 'b'], 'WIN']);
  });

  it('takes ids as merchants find them', () => {
    const ids = 'https://admin.shopify.com/store/x/products/7234590408000, 42';
    expect(bodyOf({ ...EMPTY, about: 'products', ids }, 'EUR').applies_to).toEqual({ products: ['7234590408000', '42'], collections: [] });
  });

  it('leaves the judging of what is no number to the server', () => {
    const body = bodyOf({ ...EMPTY, offer: 'fixed_amount', amount: 'ten', after: 'x', holdout: 'all', expected: '1.5', cost: '-' }, 'EUR');
    expect(body.offer).toEqual({ type: 'fixed_amount', amount_minor: 0 });
    expect([body.expiry?.after_seconds, body.holdout, body.expected_recipients, body.cost_per_message?.minor]).toEqual([0, -1, -1, -1]);
  });

  it('sends nothing the offer has no place for', () => {
    const draft = { ...EMPTY, offer: 'free_shipping', about: 'products', ids: '1' };
    expect([bodyOf(draft, 'EUR').applies_to, bodyOf(draft, 'EUR').combines_with?.shipping]).toEqual([null, false]);
    const none = bodyOf({ ...draft, offer: 'none', purchase: 'both', minimum: 'quantity', pieces: '2' }, 'EUR');
    expect([none.offer, none.purchase, none.minimum_quantity]).toEqual([null, 'one_time', null]);
  });

  it('of a campaign that is there changes nothing by itself', () => {
    const before = bodyOf(draftOf(shown, 'EUR'), 'EUR');
    expect(changed(before, before)).toEqual({});
    expect(changed(before, bodyOf({ ...draftOf(shown, 'EUR'), name: 'New' }, 'EUR'))).toEqual({ name: 'New' });
    expect([before.holdout, before.expiry?.after_seconds, before.minimum_subtotal_minor]).toEqual([0.1, 172_800, 5000]);
  });
});

describe('a new campaign', () => {
  it('shows what a recipient will see, and where a tap leads', async () => {
    serve({ [PREVIEW]: preview });
    open('/campaigns/new');
    expect(await screen.findByText('WIN7K2M9QXDTPB')).toBeTruthy();
    expect(screen.getByText(preview.destination)).toBeTruthy();
    expect(screen.getByText(preview.summary)).toBeTruthy();
  });

  it('waits for the preview with the form in sight', () => {
    serve({ [PREVIEW]: PENDING });
    open('/campaigns/new');
    expect(field('name')).toBeTruthy();
    expect(screen.getByText(/The sentence that sums it up appears once/)).toBeTruthy();
  });

  it('shows a problem at its field once that was touched, and takes it away again', async () => {
    serve({ [PREVIEW]: looks });
    open('/campaigns/new');
    await screen.findByText(preview.summary);
    expect(field('name').error).toBeNull();
    type('name', ' ');
    await waitFor(() => expect(field('name').error).toBe('Give the campaign a name of 1 to 120 characters.'));
    expect(field('name').shadowRoot?.querySelector('input')?.getAttribute('aria-invalid')).toBe('true');
    type('name', 'Winback');
    await waitFor(() => expect(field('name').error).toBeNull());
  });

  it('is not sent while something is wrong, and says how much', async () => {
    const asked = serve({ [PREVIEW]: looks });
    open('/campaigns/new');
    await screen.findByText(preview.summary);
    fireEvent.click(screen.getByText('Create campaign'));
    expect(await screen.findByText('1 field to put right, marked above.')).toBeTruthy();
    expect(asked.some(({ pathname }) => pathname === '/api/campaigns')).toBe(false);
    expect(document.activeElement?.getAttribute('name')).toBe('name');
  });

  it('leaves it to the shop how many are left alone, unless somebody says so', async () => {
    expect(bodyOf(EMPTY, 'EUR').holdout).toBeNull();
    serve({ [PREVIEW]: preview, '/api/settings': { whatsapp_phone_number_ids: [], whatsapp_numbers: [], default_holdout: 0.05, margin: null } });
    open('/campaigns/new');
    await waitFor(() => expect(field('holdout').getAttribute('details')).toContain('Empty: 5%, as your shop chose'));
  });

  it('shows beside the holdout what it costs and what it would show, for the recipients expected', async () => {
    const planned: PlanWanted[] = [];
    serve({
      [PREVIEW]: preview,
      '/api/lift/plan': async (_: URL, request: Request) => {
        const wanted = (await request.json()) as PlanWanted;
        planned.push(wanted);
        const share = (of: number) => ({ share: of, held: wanted.recipients * of, cost: { minor: 1_000_000 * of, currency: 'EUR' }, conversions: 900 * of, interval_shown: of > 0.04, detectable_minor: 40, detectable_relative: 0.2, detectable_conversion: 0.01, recipients_needed: 123_456 });
        return { asked: share(wanted.share ?? 0.1), others: [0.05, 0.1, 0.2, 0.5].filter((of) => of !== wanted.share).map(share), cheapest: { per_arm: 700, share: 0.1 }, sentence: '' };
      },
    });
    open('/campaigns/new');
    expect(await screen.findByText(/^Say how many recipients you expect/)).toBeTruthy();
    type('expected_recipients', '30000');
    expect(await screen.findByText('Nobody is left alone: it costs nothing, and what it causes will never be known.')).toBeTruthy();
    fireEvent.click(screen.getByRole('radio', { name: '20%' }));
    expect(await screen.findByText('Leaving 20% alone (6,000 people) costs about €2,000.00 if messages bring 10% more, and shows effects of 20% or more.')).toBeTruthy();
    expect(field('holdout').value).toBe('20');
    expect(planned.at(-1)).toMatchObject({ recipients: 30_000, share: 0.2, base_rate: 0.03, value_minor: 6_000 });
  });

  it('splits into three groups, whose shares sum to one', async () => {
    const three = { ...EMPTY, groups: 'three', holdout: '10', alone: '44.9' };
    const body = bodyOf(three, 'EUR');
    expect([body.arms, body.holdout]).toEqual([{ nothing: 0.1, message: 0.449, message_and_code: 0.451 }, undefined]);
    expect(bodyOf({ ...three, offer: 'none' }, 'EUR').arms).toBeNull();
    const before = bodyOf(draftOf({ ...shown, arms: body.arms }, 'EUR'), 'EUR');
    expect(before.arms).toEqual(body.arms);
    expect(changed(before, bodyOf({ ...draftOf({ ...shown, arms: body.arms }, 'EUR'), groups: 'two' }, 'EUR'))).toEqual({ arms: null, holdout: 0.1 });
    serve({ [PREVIEW]: { ...preview, problems: [{ field: 'arms', detail: 'Give three shares.' }] } });
    open('/campaigns/new');
    const groups = field('arms.choice').shadowRoot?.querySelector('select') as HTMLSelectElement;
    groups.value = 'three';
    fireEvent(groups, new Event('change', { bubbles: true }));
    await waitFor(() => expect(field('arms')).toBeTruthy());
    type('arms.nothing', '10');
    type('arms', '100');
    await waitFor(() => expect(field('arms').error).toMatch(/^Write shares in per cent/));
  });

  it('is not left without a question once something was typed', async () => {
    serve({ [PREVIEW]: looks, '/api/campaigns': { campaigns: [], next_cursor: null } });
    open('/campaigns/new');
    await screen.findByText(preview.summary);
    type('name', 'Winback');
    fireEvent.click(screen.getByText('Cancel'));
    await waitFor(() => expect(document.querySelector('s-modal')?.getAttribute('heading')).toBe('Leave without saving?'));
    fireEvent.click(screen.getByText('Stay here'));
    await waitFor(() => expect(document.querySelector('s-modal')).toBeNull());
    expect(field('name').value).toBe('Winback');
    const closing = new Event('beforeunload', { cancelable: true });
    window.dispatchEvent(closing);
    expect(closing.defaultPrevented).toBe(true);
    fireEvent.click(screen.getByText('Cancel'));
    await screen.findByText('Stay here');
    fireEvent.click(screen.getByText('Leave without saving'));
    expect(await screen.findByText('No campaigns yet')).toBeTruthy();
  });

  it('untouched is left at once', async () => {
    serve({ [PREVIEW]: looks, '/api/campaigns': { campaigns: [], next_cursor: null } });
    open('/campaigns/new');
    await screen.findByText(preview.summary);
    fireEvent.click(screen.getByText('Cancel'));
    expect(await screen.findByText('No campaigns yet')).toBeTruthy();
  });

  it('has a form the admin’s save bar watches, whose discarding brings back what was there', async () => {
    serve({ [PREVIEW]: looks });
    open('/campaigns/new');
    const form = document.querySelector('form[data-save-bar]') as HTMLFormElement;
    type('name', 'Winback');
    await waitFor(() => expect(field('name').value).toBe('Winback'));
    fireEvent.reset(form);
    await waitFor(() => expect(field('name').value).toBe(''));
  });

  it('is made once, under one key, and opened', async () => {
    const keys: (string | null)[] = [];
    let first = true;
    serve({
      [PREVIEW]: looks,
      'POST /api/campaigns': (_: URL, request: Request) => {
        keys.push(request.headers.get('Idempotency-Key'));
        const answer = first ? new Refusal(503, { title: 'Busy', status: 503, detail: 'Try again in a moment.' }) : { id: 'c1' };
        first = false;
        return answer;
      },
      '/api/campaigns/c1': shown,
    });
    open('/campaigns/new');
    type('name', 'Winback');
    await new Promise((resolve) => setTimeout(resolve, 400));
    await screen.findByText(preview.summary);
    fireEvent.click(screen.getByText('Create campaign'));
    expect(await screen.findByText('Try again in a moment.')).toBeTruthy();
    fireEvent.click(screen.getByText('Create campaign'));
    expect(await screen.findByText(/^Every recipient gets a code of their own for 15% off from €50.00 on/)).toBeTruthy();
    expect(await screen.findByText('Saved.')).toBeTruthy();
    expect(keys.length).toBe(2);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  it('shows a refusal of the server that is about no field', async () => {
    serve({ [PREVIEW]: new Refusal(503, { title: 'Recoup is busy', status: 503, detail: 'In a moment.' }) });
    open('/campaigns/new');
    expect(await screen.findByText('In a moment.')).toBeTruthy();
  });
});

describe('changing a campaign', () => {
  it('locks what recipients were promised, says why, and sends only what changed', async () => {
    const sent: unknown[] = [];
    serve({
      [PREVIEW]: looks,
      'GET /api/campaigns/c1': { ...shown, bound: ['offer', 'code', 'expiry', 'holdout'] },
      'PATCH /api/campaigns/c1': async (_: URL, request: Request) => {
        sent.push(await request.json());
        return shown;
      },
    });
    vi.stubGlobal('scrollTo', () => undefined);
    open('/campaigns/c1/change');
    await screen.findAllByText(/Fixed, because recipients were already drawn/);
    expect(field('offer.percentage').hasAttribute('disabled')).toBe(true);
    expect(field('name').hasAttribute('disabled')).toBe(false);
    type('name', 'Winback II');
    await new Promise((resolve) => setTimeout(resolve, 400));
    await screen.findByText(preview.summary);
    fireEvent.click(screen.getByText('Save changes'));
    await waitFor(() => expect(sent).toEqual([{ name: 'Winback II' }]));
  });
});
