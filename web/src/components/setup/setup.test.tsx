import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { open, PENDING, serve } from '../../test/render';

const step = (name: string, state: string, over: object = {}) => ({ step: name, state, optional: false, sentence: `About ${name}.`, at: null, ...over });
const setup = (over: object = {}) => ({
  finished: false,
  done: 2,
  of: 4,
  next: 'platform',
  steps: [step('install', 'done', { at: '2026-11-21T10:00:00Z' }), step('permissions', 'done'), step('platform', 'todo'), step('order', 'waiting'), step('link_domain', 'todo', { optional: true })],
  ...over,
});
const rest = { '/api/reports/summary': PENDING, '/api/reports/ledger': PENDING, '/api/reports/kpis': PENDING, '/api/codes/alarms': { alarms: [], next_cursor: null } };

describe('the first steps', () => {
  it('stand on the overview until they are done, and say what is next and where', async () => {
    serve({ '/api/setup': setup(), ...rest });
    open('/');
    expect(await screen.findByText('2 of 4 steps done')).toBeTruthy();
    expect(document.querySelector('[aria-current="step"]')?.textContent).toContain('About platform.');
    expect(screen.getByText('Make a key').getAttribute('href')).toBe('/shop#keys');
    expect(document.querySelector('[data-step="link_domain"]')?.textContent).toContain('Optional');
  });

  it('leave the overview when they are done, and stay with the settings', async () => {
    serve({ '/api/setup': setup({ finished: true, done: 4, next: null }), ...rest });
    open('/shop');
    expect(await screen.findByText('4 of 4 steps done')).toBeTruthy();
    open('/');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(screen.getAllByText('4 of 4 steps done')).toHaveLength(1);
  });
});
