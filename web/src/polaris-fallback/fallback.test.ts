import { expect, it, vi } from 'vitest';

const put = (html: string): HTMLElement => {
  document.body.innerHTML = html;
  return document.body.firstElementChild as HTMLElement;
};

it('gives a table its roles, and its cells the headings they stand under', async () => {
  const table = put(`<s-table><s-table-header-row><s-table-header>Order</s-table-header><s-table-header format="currency">Sales</s-table-header></s-table-header-row>
    <s-table-body><s-table-row><s-table-cell>#1</s-table-cell><s-table-cell>5</s-table-cell></s-table-row></s-table-body></s-table>`);
  await vi.waitFor(() => expect(table.querySelectorAll('s-table-cell')[1]?.getAttribute('data-label')).toBe('Sales'));
  expect(table.getAttribute('role')).toBe('table');
  expect(table.querySelector('s-table-row')?.getAttribute('role')).toBe('row');
  expect(table.querySelectorAll('s-table-cell')[1]?.hasAttribute('data-numeric')).toBe(true);
});

it('mirrors camelCase properties as attributes', () => {
  const field = put('<s-select label="Show"></s-select>') as HTMLElement & { labelAccessibilityVisibility: string };
  field.labelAccessibilityVisibility = 'exclusive';
  expect(field.getAttribute('labelaccessibilityvisibility')).toBe('exclusive');
});

it('keeps a value that was set before its options came', async () => {
  const field = put('<s-select label="Show"></s-select>') as HTMLElement & { value: string };
  field.value = 'b';
  field.innerHTML = '<s-option value="a">A</s-option><s-option value="b">B</s-option>';
  const control = () => field.shadowRoot?.querySelector('select');
  await vi.waitFor(() => expect(control()?.options.length).toBe(2));
  expect(control()?.value).toBe('b');
});
