import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { KpiFigure, KpiGroup } from '../../../api/types';
import { ledger, summary } from '../../../test/fixtures';
import { open, serve } from '../../../test/render';

const KPIS = '/api/reports/kpis';

const figure = (numerator: number, denominator: number, low: number, high: number): KpiFigure => ({ numerator, denominator, value: numerator / denominator, low, high, amount: null, why: null });
const nothing: KpiFigure = { numerator: 0, denominator: 0, value: null, low: null, high: null, amount: null, why: 'Not every price is known, or some are in another currency.' };
const group = (key: string, name: string, messages: number, conversion: KpiFigure): KpiGroup => ({ key, name, messages, figures: { conversion_rate: conversion, cost_per_message: nothing } });
const kpi = (name: string, unit: string, of: KpiFigure) => ({ name, title: name, definition: 'a / b.', note: null, unit, ...of, before: nothing });

const whole = {
  from: '2026-11-16', to: '2026-11-22', before_from: '2026-11-09', before_to: '2026-11-15', policy: 'default', policy_version: 4, complete_through: null,
  kpis: [kpi('conversion_rate', 'share', figure(13, 300, 0.02, 0.07)), kpi('cost_per_message', 'money', nothing)],
};
const campaigns = [group('c1', 'Winback', 200, figure(3, 200, 0.005, 0.043)), group('c2', 'Autumn', 100, figure(10, 100, 0.055, 0.174)), group('c3', 'New', 1, nothing)];
const groupsOf: Record<string, KpiGroup[]> = {
  campaign: campaigns,
  template: [group('sale', 'sale', 250, figure(11, 250, 0.02, 0.08)), group('', 'Without a word for the message', 50, figure(2, 50, 0.01, 0.13))],
  day: [group('2026-11-21', '2026-11-21', 200, figure(3, 200, 0.005, 0.043)), group('2026-11-22', '2026-11-22', 100, figure(10, 100, 0.055, 0.174))],
};

const answer = (url: URL): object => {
  const by = url.searchParams.get('by');
  return by === null ? whole : { ...whole, by, definition: 'Messages by their campaign; orders by the campaign of the message they go back to.', groups: groupsOf[by], next_cursor: null };
};
const serveThem = (): URL[] => serve({ '/api/reports/summary': summary, '/api/reports/ledger': ledger, '/api/codes/alarms': { alarms: [], next_cursor: null }, [KPIS]: answer });
const names = (): (string | null | undefined)[] => [...document.querySelectorAll('.parts-table tbody th')].map((cell) => cell.textContent);
const parts = (): Promise<HTMLElement> => waitFor(() => document.querySelector<HTMLElement>('.parts-table') ?? Promise.reject(new Error('no table')));

beforeEach(() => {
  sessionStorage.clear();
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T11:00:00Z') });
  return () => vi.useRealTimers();
});

describe('indicators in parts', () => {
  it('are asked for only when somebody divides, and say what each rests on', async () => {
    const asked = serveThem();
    open('/?days=7');
    const control = await waitFor(() => [...document.querySelectorAll('.indicators-choice s-select')].at(-1)?.shadowRoot?.querySelector('select') ?? Promise.reject(new Error('no choice')));
    expect(asked.filter(({ pathname, searchParams }) => pathname === KPIS && searchParams.has('by'))).toEqual([]);
    control.value = 'campaign';
    fireEvent.change(control);
    const table = await parts();
    expect(names()).toEqual(['Winback', 'Autumn', 'New']);
    expect(table.querySelector('[data-part="c2"] td')?.textContent).toBe('10%10 of 100 · 5.5% – 17.4%');
    expect(table.querySelector('[data-part="c3"] td')?.textContent).toBe('–Not every price is known, or some are in another currency.');
    expect(within(table).getByText('Autumn').getAttribute('href')).toBe('/campaigns/c2');
  });

  it('are sorted by their value, what nothing can be said of last', async () => {
    serveThem();
    open('/?days=7&by=campaign');
    await parts();
    const sort = document.querySelectorAll<HTMLButtonElement>('.parts-table thead button')[1] as HTMLButtonElement;
    fireEvent.click(sort);
    expect(names()).toEqual(['Autumn', 'Winback', 'New']);
    expect(sort.closest('th')?.getAttribute('aria-sort')).toBe('descending');
    fireEvent.click(sort);
    expect(names()).toEqual(['Winback', 'Autumn', 'New']);
  });

  it('lead from a word to its campaigns alone, and back', async () => {
    const asked = serveThem();
    const page = open('/?days=7&by=template');
    const table = await parts();
    expect(names()).toEqual(['sale', 'Without a word for the message']);
    expect(within(table).getByText('sale').getAttribute('href')).toBe('/?days=7&by=campaign&template=sale');
    page.unmount();
    open('/?days=7&by=campaign&template=sale');
    expect(await screen.findByText(/Only campaigns with the word “sale” for their message\./)).toBeTruthy();
    await parts();
    expect(asked.filter(({ pathname, searchParams }) => pathname === KPIS && searchParams.get('template') === 'sale')).toHaveLength(2);
    fireEvent.click(screen.getByText('Show all again'));
    await waitFor(() => expect(screen.queryByText(/Only campaigns with the word/)).toBeNull());
  });

  it('are a line by days, which says in words what it shows', async () => {
    serveThem();
    open('/?days=7&by=day');
    await parts();
    expect(document.querySelector('.parts-days svg')?.getAttribute('aria-label')).toBe('Conversion rate, 2 days: highest 10% on November 22, 2026, lowest 1.5% on November 21, 2026. The table after it has the numbers.');
    expect(names()).toEqual(['Nov 21', 'Nov 22']);
  });
});
