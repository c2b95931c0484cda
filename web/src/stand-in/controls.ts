// The tags one acts on: link, button, select, date field. Their events are the native ones, sent on from inside.
import { Tag, make, slot } from './element';

export class Link extends Tag {
  static override focusable = true;
  static override css = `
    :host{display:inline}a{color:var(--link,#0b5f49);text-decoration:none;border-radius:4px;font-weight:550}
    a:hover{text-decoration:underline}a:focus-visible{outline:2px solid var(--focus,#0b5f49);outline-offset:2px}
    :host([tone=neutral]) a{color:inherit}`;
  static override mirrored = ['href', 'target', 'tone', 'accessibilityLabel'];
  override draw(): void {
    if (!this.root.firstChild) this.root.append(make('a', {}, slot()));
    const link = this.root.querySelector('a');
    if (!link) return;
    link.href = this.text('href') || '#';
    link.target = this.text('target').replace('auto', '');
    const label = this.text('accessibilitylabel');
    if (label) link.setAttribute('aria-label', label);
  }
}

export class Button extends Tag {
  static override focusable = true;
  static override css = `
    :host{display:inline-block}
    button{cursor:pointer;border:0;border-radius:9px;padding:6px 14px;min-height:34px;background:#fff;font-weight:550;box-shadow:0 0 0 1px rgb(0 0 0/.16),0 1px 1px rgb(0 0 0/.06)}
    button:hover{background:#f6f7f6}button:focus-visible{outline:2px solid var(--focus,#0b5f49);outline-offset:2px}
    button:disabled{opacity:.5;cursor:default}
    :host([variant=primary]) button{background:#17211d;color:#fff;box-shadow:none}:host([variant=tertiary]) button{background:none;box-shadow:none}`;
  static override mirrored = ['variant', 'disabled', 'loading', 'accessibilityLabel', 'href'];
  override draw(): void {
    if (!this.root.firstChild) this.root.append(make('button', { type: 'button' }, slot()));
    const button = this.root.querySelector('button');
    if (!button) return;
    button.disabled = this.hasAttribute('disabled') || this.hasAttribute('loading');
    button.setAttribute('aria-busy', String(this.hasAttribute('loading')));
    const label = this.text('accessibilitylabel');
    if (label) button.setAttribute('aria-label', label);
  }
}

const FIELD = `
  :host{display:inline-block;min-width:0}label{display:block;font-size:13px;line-height:20px;color:var(--quiet,#5a635f);margin-bottom:2px}
  :host([labelaccessibilityvisibility=exclusive]) label{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
  select,input{width:100%;min-height:34px;padding:5px 10px;border:1px solid #a3aaa6;border-radius:9px;background:#fff}
  select:focus-visible,input:focus-visible{outline:2px solid var(--focus,#0b5f49);outline-offset:1px}`;
const FIELDS = ['label', 'name', 'disabled', 'labelAccessibilityVisibility'];

/** What select and date field share: a label, a native control, a value that may be set before the control is drawn. */
abstract class Field<C extends HTMLSelectElement | HTMLInputElement> extends Tag {
  protected control: C | undefined;
  #value: string | undefined;
  protected abstract build(): C;

  get value(): string {
    return this.#value ?? this.text('value');
  }
  set value(value: string) {
    this.#value = value;
    this.settle();
  }
  protected settle(): void {
    if (this.control) this.control.value = this.value;
  }
  override draw(): void {
    if (!this.control) {
      const control = this.build();
      control.id = 'control';
      control.addEventListener('change', () => {
        this.#value = control.value;
        this.dispatchEvent(new Event('change', { bubbles: true }));
      });
      this.control = control;
      this.root.append(make('label', { for: 'control' }), control);
    }
    const label = this.root.querySelector('label');
    if (label) label.textContent = this.text('label');
    this.control.disabled = this.hasAttribute('disabled');
    this.settle();
  }
}

export class Select extends Field<HTMLSelectElement> {
  static override focusable = true;
  static override css = FIELD;
  static override mirrored = FIELDS;
  #watch: MutationObserver | undefined;
  protected build(): HTMLSelectElement {
    this.#watch = new MutationObserver(() => this.settle());
    this.#watch.observe(this, { childList: true, subtree: true, characterData: true });
    return make('select');
  }
  protected override settle(): void {
    const options = [...this.querySelectorAll('s-option')].map((option) => {
      const value = option.getAttribute('value') ?? '';
      return make('option', { value }, option.textContent ?? '');
    });
    this.control?.replaceChildren(...options);
    super.settle();
  }
}

export class DateField extends Field<HTMLInputElement> {
  static override focusable = true;
  static override css = FIELD;
  static override mirrored = FIELDS;
  protected build(): HTMLInputElement {
    return make('input', { type: 'date' });
  }
}
