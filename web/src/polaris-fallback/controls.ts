// The tags one acts on: link, button, select, date and text field, checkbox. Their events are the native ones, sent on from
// inside.
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
    button{cursor:pointer;border:0;border-radius:9px;padding:6px 14px;min-height:34px;background:var(--surface,#fff);font-weight:550;box-shadow:0 0 0 1px var(--ring,rgb(0 0 0/.16)),0 1px 1px rgb(0 0 0/.06)}
    button:hover{background:var(--soft,#f6f7f6)}button:focus-visible{outline:2px solid var(--focus,#0b5f49);outline-offset:2px}
    button:disabled{opacity:.5;cursor:default}
    :host([variant=primary]) button{background:var(--act,#17211d);color:var(--act-ink,#fff);box-shadow:none}:host([variant=tertiary]) button{background:none;box-shadow:none}
    :host([tone=critical]) button{color:var(--bad,#9b2214)}:host([tone=critical][variant=primary]) button{background:#a8281a;color:#fff}`;
  static override mirrored = ['variant', 'tone', 'disabled', 'loading', 'accessibilityLabel', 'href'];
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
  select,input{width:100%;min-height:34px;padding:5px 10px;border:1px solid var(--edge,#a3aaa6);border-radius:9px;background:var(--surface,#fff)}
  select:focus-visible,input:focus-visible{outline:2px solid var(--focus,#0b5f49);outline-offset:1px}
  select:disabled,input:disabled{background:var(--soft,#f1f2f1);color:var(--quiet,#5a635f)}
  .line{display:flex;align-items:center;gap:8px}.line>*{min-width:0}.affix{color:var(--quiet,#5a635f);flex:none}.affix:empty{display:none}
  .details,.error{display:block;font-size:13px;line-height:19px;margin-top:4px;color:var(--quiet,#5a635f)}.details:empty,.error:empty{display:none}
  .error{color:var(--bad,#9b2214)}:host([error]) select,:host([error]) input{border-color:#a8281a;background:var(--bad-ground,#fef6f5)}`;
const FIELDS = ['label', 'name', 'disabled', 'labelAccessibilityVisibility', 'error', 'details'];

/** What stands under a field: what it is for, and what is wrong with it, both read out with the field. */
const under = (): HTMLElement[] => [make('span', { class: 'details', id: 'details' }), make('span', { class: 'error', id: 'error' })];

const sayUnder = (tag: Tag, control: HTMLElement): void => {
  const error = tag.text('error');
  for (const name of ['details', 'error']) {
    const place = tag.root.getElementById(name);
    if (place && place.textContent !== tag.text(name)) place.textContent = tag.text(name);
  }
  control.setAttribute('aria-invalid', String(error !== ''));
  control.setAttribute('aria-describedby', 'details error');
};

/** What all fields share: a label, a native control, a value that may be set before the control is drawn. */
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
  /** Leads to the control, also where focus is not handed on by itself. */
  override focus(options?: FocusOptions): void {
    if (this.control) this.control.focus(options);
    else super.focus(options);
  }
  protected settle(): void {
    // Setting what already stands there would move the caret.
    if (this.control && this.control.value !== this.value) this.control.value = this.value;
  }
  override draw(): void {
    if (!this.control) {
      const control = this.build();
      control.id = 'control';
      control.addEventListener('change', () => {
        this.#value = control.value;
        this.dispatchEvent(new Event('change', { bubbles: true }));
      });
      control.addEventListener('input', () => {
        this.#value = control.value;
      });
      this.control = control;
      const line = make('span', { class: 'line' }, make('span', { class: 'affix before' }), control, make('span', { class: 'affix after' }));
      this.root.append(make('label', { for: 'control' }), line, ...under());
    }
    const label = this.root.querySelector('label');
    if (label) label.textContent = this.text('label');
    for (const [place, name] of [['.before', 'prefix'], ['.after', 'suffix']] as const) {
      const affix = this.root.querySelector(place);
      if (affix) affix.textContent = this.text(name);
    }
    this.control.disabled = this.hasAttribute('disabled');
    sayUnder(this, this.control);
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

export class TextField extends Field<HTMLInputElement> {
  static override focusable = true;
  static override css = FIELD;
  static override mirrored = [...FIELDS, 'placeholder', 'prefix', 'suffix', 'maxLength', 'autocomplete'];
  protected build(): HTMLInputElement {
    return make('input', { type: 'text', spellcheck: 'false' });
  }
  override draw(): void {
    super.draw();
    if (!this.control) return;
    this.control.placeholder = this.text('placeholder');
    this.control.autocomplete = (this.text('autocomplete') || 'off') as AutoFill;
  }
}

export class Checkbox extends Tag {
  static override focusable = true;
  static override css = `
    :host{display:block}label{display:grid;grid-template-columns:auto minmax(0,1fr);gap:0 9px;align-items:start;cursor:pointer}
    input{width:16px;height:16px;margin:3px 0 0;accent-color:var(--act,#17211d)}input:focus-visible{outline:2px solid var(--focus,#0b5f49);outline-offset:2px}
    :host([disabled]) label{cursor:default;color:var(--quiet,#5a635f)}
    .details,.error{display:block;font-size:13px;line-height:19px;color:var(--quiet,#5a635f);margin-left:25px}.details:empty,.error:empty{display:none}.error{color:var(--bad,#9b2214)}`;
  static override mirrored = ['label', 'name', 'disabled', 'error', 'details'];
  #checked = false;
  #control: HTMLInputElement | undefined;

  get checked(): boolean {
    return this.#checked;
  }
  set checked(checked: boolean) {
    this.#checked = checked;
    if (this.#control) this.#control.checked = checked;
  }
  override draw(): void {
    if (!this.#control) {
      const control = make('input', { type: 'checkbox' });
      control.addEventListener('change', () => {
        this.#checked = control.checked;
        this.dispatchEvent(new Event('change', { bubbles: true }));
      });
      this.#control = control;
      this.root.append(make('label', {}, control, make('span', { class: 'label' })), ...under());
    }
    const label = this.root.querySelector('.label');
    if (label) label.textContent = this.text('label');
    this.#control.checked = this.#checked;
    this.#control.disabled = this.hasAttribute('disabled');
    sayUnder(this, this.#control);
  }
}
