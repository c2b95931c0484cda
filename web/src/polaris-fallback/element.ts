// The ground all fallback tags share: a shadow root with a sheet of its own, and properties that mirror attributes, because
// React sets camelCase properties on custom elements when it finds them. Roles are attributes, where audits look for them.

/** A constructed sheet: no inline style element, so the strictest content security policy lets it pass. */
const sheetOf = (css: string): CSSStyleSheet | undefined => {
  if (!('adoptedStyleSheets' in Document.prototype)) return undefined;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
};

const RESET = ':host([hidden]){display:none!important}*{box-sizing:border-box}button,input,select{font:inherit;color:inherit}';
const reset = sheetOf(RESET);

const dashed = (property: string): string => property.toLowerCase();

export class Tag extends HTMLElement {
  static css = '';
  static mirrored: string[] = [];
  static focusable = false;
  static get observedAttributes(): string[] {
    return this.mirrored.map(dashed);
  }

  readonly root: ShadowRoot = this.attachShadow({
    mode: 'open',
    delegatesFocus: (this.constructor as typeof Tag).focusable,
  });

  connectedCallback(): void {
    this.draw();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.draw();
  }

  /** Draws the tag anew from its attributes. May run often. */
  draw(): void {}

  text(name: string): string {
    return this.getAttribute(name) ?? '';
  }
}

type TagClass = (new () => Tag) & { css: string; mirrored: string[] };

/** Registers a tag, unless the real one is there. */
export const define = (name: string, tag: TagClass): void => {
  if (customElements.get(name)) return;
  for (const property of tag.mirrored) {
    if (property in tag.prototype) continue;
    Object.defineProperty(tag.prototype, property, {
      configurable: true,
      get(this: Tag) {
        return this.getAttribute(dashed(property));
      },
      set(this: Tag, value: unknown) {
        if (value === false || value === null || value === undefined) this.removeAttribute(dashed(property));
        else this.setAttribute(dashed(property), value === true ? '' : String(value));
      },
    });
  }
  const own = sheetOf(tag.css);
  const styled = class extends tag {
    constructor() {
      super();
      if (reset && own) this.root.adoptedStyleSheets = [reset, own];
    }
  };
  customElements.define(name, styled);
};

/** A tag that is its slot and a sheet, and at most a role. */
export const plain = (css: string, role?: string): TagClass =>
  class extends Tag {
    static override css = css;
    static override mirrored: string[] = [];
    override draw(): void {
      if (role && !this.hasAttribute('role')) {
        this.setAttribute('role', role);
        if (role === 'heading') this.setAttribute('aria-level', '3');
      }
      if (!this.root.firstChild) this.root.append(document.createElement('slot'));
    }
  };

export const make = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string | undefined> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

export const slot = (name?: string): HTMLSlotElement => make('slot', { name });
