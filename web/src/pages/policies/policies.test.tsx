import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { compared, policies, policyPreview } from '../../test/fixtures';
import { open, PENDING, refusal, serve } from '../../test/render';

const ALL = { '/api/policies': policies, '/api/reports/policies': compared, 'POST /api/policies/preview': policyPreview };

describe('policies', () => {
  it('waits with a skeleton', () => {
    serve({ '/api/policies': PENDING });
    open('/policies');
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('fails with the request id', async () => {
    serve({ ...ALL, '/api/policies': refusal });
    open('/policies');
    expect(await screen.findByText('req-42')).toBeTruthy();
  });

  it('draws every way of counting beside the shop’s own, and says what is kept', async () => {
    serve(ALL);
    open('/policies');
    expect(await screen.findByText('Your shop')).toBeTruthy();
    expect(screen.getByText('Postscript')).toBeTruthy();
    expect(screen.getByText(/1,204 orders looked at/)).toBeTruthy();
    expect(screen.getByText(/they did not write or check it/)).toBeTruthy();
    expect(screen.getByText(/The order used a code issued to a recipient/)).toBeTruthy();
    expect(screen.getByText(/History judged/)).toBeTruthy();
  });

  it('shows what another way would change, order by order', async () => {
    serve(ALL);
    open('/policies');
    fireEvent.click(await screen.findByText('Postscript'));
    expect(await screen.findByText(/2 orders of 1204 would move/)).toBeTruthy();
    expect(screen.getByText('#1007').getAttribute('href')).toBe('/orders/5550007');
    expect(screen.getByText('Keep these verdicts beside yours')).toBeTruthy();
    expect(screen.getByText('Source').getAttribute('href')).toBe('https://help.example/windows');
  });
});
