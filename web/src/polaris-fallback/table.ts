// The table family. Wide, it is a table; on a phone each row becomes a card whose cells carry their column's heading, as the
// real one does. Headings reach the cells as `data-label`, kept true by watching the rows come and go.
import { Tag, make, plain, slot } from './element';

export class Table extends Tag {
  static override css = `
    :host{display:table;width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
    @media (max-width:640px){:host{display:block}}`;
  static override mirrored = ['variant', 'loading'];
  #watch: MutationObserver | undefined;
  override draw(): void {
    if (this.root.firstChild) return;
    this.setAttribute('role', 'table');
    this.root.append(slot());
    this.#watch = new MutationObserver(() => this.#label());
    this.#watch.observe(this, { childList: true, subtree: true, characterData: true });
    this.#label();
  }
  #label(): void {
    const headers = [...this.querySelectorAll('s-table-header')];
    for (const row of this.querySelectorAll('s-table-row')) {
      [...row.children].forEach((cell, index) => {
        const header = headers[index];
        const label = header?.textContent ?? '';
        if (cell.getAttribute('data-label') !== label) cell.setAttribute('data-label', label);
        cell.toggleAttribute('data-numeric', header?.matches('[format=numeric],[format=currency]') ?? false);
        cell.setAttribute('data-place', header?.getAttribute('listslot') ?? 'labeled');
        cell.toggleAttribute('data-empty', cell.textContent?.trim() === '—');
      });
    }
  }
}

const numeric = ':host([format=numeric]),:host([format=currency]),:host([data-numeric]){text-align:right;white-space:nowrap}';

export const HeaderRow = plain(':host{display:table-row}@media (max-width:640px){:host{display:none}}@media print{:host{display:table-header-group}}', 'row');

class HeaderTag extends Tag {
  static override css = `
    :host{display:table-cell;padding:8px 12px;font-size:12px;line-height:18px;font-weight:550;color:var(--quiet,#5a635f);text-align:left;border-bottom:1px solid var(--hair,#e4e7e5);vertical-align:bottom}
    :host(:first-child){padding-left:20px}:host(:last-child){padding-right:20px}${numeric}`;
  static override mirrored = ['format', 'listSlot'];
  override draw(): void {
    this.setAttribute('role', 'columnheader');
    if (!this.root.firstChild) this.root.append(slot());
  }
}
export const Header = HeaderTag;

export const Body = plain(':host{display:table-row-group}@media (max-width:640px){:host{display:block}}', 'rowgroup');
export const Row = plain(
  `:host{display:table-row}:host(:hover){background:var(--soft,#fafbfa)}
   @media (max-width:640px){
     :host{display:grid;grid-template-columns:minmax(0,1fr) auto;column-gap:16px;padding:13px 16px;border-top:1px solid var(--hair,#e4e7e5)}
     :host(:first-child){border-top:0}}`,
  'row',
);
/** On a phone a cell stands where its column's `listSlot` puts it: primary on top, inline beside it, secondary below as text. */
export class Cell extends Tag {
  static override css = `
    :host{display:table-cell;padding:11px 12px;border-bottom:1px solid var(--hair,#eef0ef);vertical-align:top;min-width:0}
    :host(:first-child){padding-left:20px}:host(:last-child){padding-right:20px}${numeric}
    @media (max-width:640px){
      :host,:host(:first-child),:host(:last-child){display:flex;gap:16px;justify-content:space-between;grid-column:1/-1;text-align:right;padding:3px 0;border:0;white-space:normal}
      :host::before{content:attr(data-label);color:var(--quiet,#5a635f);text-align:left;flex:none}
      :host([data-empty]){display:none!important}
      :host([data-place=primary]),:host([data-place=primary]:first-child){grid-column:1;grid-row:1;text-align:left;padding-bottom:5px}
      :host([data-place=inline]),:host([data-place=inline]:last-child){grid-column:2;grid-row:1}
      :host([data-place=secondary]),:host([data-place=secondary]:last-child){display:block;text-align:left;padding-top:6px}
      :host([data-place=primary])::before,:host([data-place=inline])::before,:host([data-place=secondary])::before{content:none}}`;
  override draw(): void {
    this.setAttribute('role', 'cell');
    if (!this.root.firstChild) this.root.append(make('div', {}, slot()));
  }
}
