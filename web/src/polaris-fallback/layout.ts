// The tags that arrange a page: page, section, banner, badge, heading, paragraph, text.
import { Tag, make, plain, slot } from './element';

export class Page extends Tag {
  static override css = `
    :host{display:block;max-width:1120px;margin:0 auto;padding:28px 24px 64px}
    header{display:flex;flex-wrap:wrap;align-items:center;gap:12px 20px;margin:0 0 20px}
    h1{margin:0;font-size:24px;line-height:32px;font-weight:650;letter-spacing:-.015em}
    .crumbs{flex-basis:100%;font-size:13px}.crumbs.none{display:none}
    .actions{margin-left:auto;display:flex;gap:8px}
    .body{display:flex;flex-direction:column;gap:16px}
    :host([inlinesize=small]){max-width:680px}
    @media (max-width:600px){:host{padding:18px 14px 48px}h1{font-size:21px;line-height:28px}}
    @media print{:host{max-width:none;padding:0}.crumbs,.actions{display:none}}`;
  static override mirrored = ['heading', 'inlineSize'];
  override draw(): void {
    if (!this.root.firstChild) {
      const crumbs = slot('breadcrumb-actions');
      const nav = make('div', { class: 'crumbs none' }, crumbs);
      crumbs.addEventListener('slotchange', () => nav.classList.toggle('none', crumbs.assignedNodes().length === 0));
      const actions = make('div', { class: 'actions' }, slot('secondary-actions'), slot('primary-action'));
      this.root.append(make('header', {}, nav, make('h1'), actions), make('div', { class: 'body' }, slot()));
    }
    const heading = this.root.querySelector('h1');
    if (heading) heading.textContent = this.text('heading');
  }
}

export class Section extends Tag {
  static override css = `
    :host{display:block;background:var(--surface,#fff);border-radius:14px;padding:20px;box-shadow:var(--lift,0 0 0 1px rgb(0 0 0/.07));min-width:0}
    header{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:center;margin:0 0 14px}
    h2{margin:0;font-size:15px;line-height:22px;font-weight:650}
    .none{display:none}.side{margin-left:auto}
    :host([padding=none]){padding:20px 0 0;overflow:hidden}:host([padding=none]) header{padding:0 20px}:host([padding=none]:not([heading])){padding-top:6px}
    @media (max-width:600px){:host{padding:16px}:host([padding=none]){padding:16px 0 0}:host([padding=none]) header{padding:0 16px}:host([padding=none]:not([heading])){padding-top:0}}`;
  static override mirrored = ['heading', 'accessibilityLabel', 'padding'];
  override draw(): void {
    if (!this.root.firstChild) {
      const side = make('div', { class: 'side' }, slot('secondary-actions'), slot('primary-action'));
      this.root.append(make('header', {}, make('h2'), side), slot());
    }
    const title = this.text('heading');
    const heading = this.root.querySelector('h2');
    if (heading) heading.textContent = title;
    this.root.querySelector('header')?.classList.toggle('none', title === '');
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', this.text('accessibilitylabel') || title || 'Section');
  }
}

export class Banner extends Tag {
  static override css = `
    :host{display:block;border-radius:14px;padding:16px 20px;background:var(--info-ground,#eef4fb);box-shadow:inset 0 0 0 1px var(--info-edge,#c9dcf1);color:var(--info-ink,#1d3149)}
    :host([tone=critical]){background:var(--bad-ground,#fdf1ef);box-shadow:inset 0 0 0 1px var(--bad-edge,#f1c7c0);color:var(--bad-ink,#57170d)}
    :host([tone=warning]){background:var(--warn-ground,#fff6e5);box-shadow:inset 0 0 0 1px var(--warn-edge,#f0d9a8);color:var(--warn-ink,#4b3407)}
    :host([tone=success]){background:var(--good-ground,#ecf7f1);box-shadow:inset 0 0 0 1px var(--good-edge,#bfe0cf);color:var(--tint-ink,#0d3d2b)}
    strong{display:block;margin:0 0 4px;font-weight:650}strong:empty{display:none}
    .actions{display:flex;gap:8px;margin-top:12px}.none{display:none}`;
  static override mirrored = ['heading', 'tone'];
  override draw(): void {
    if (!this.root.firstChild) {
      const more = slot('secondary-actions');
      const actions = make('div', { class: 'actions none' }, more);
      more.addEventListener('slotchange', () => actions.classList.toggle('none', more.assignedNodes().length === 0));
      this.root.append(make('strong'), slot(), actions);
    }
    const heading = this.root.querySelector('strong');
    if (heading) heading.textContent = this.text('heading');
    this.setAttribute('role', this.text('tone') === 'critical' ? 'alert' : 'status');
  }
}

export const Badge = plain(`
  :host{display:inline-block;padding:1px 9px;border-radius:99px;background:var(--well,#ebeceb);color:var(--ink,#3c4340);font-size:12px;line-height:18px;font-weight:550;white-space:nowrap}
  :host([tone=success]){background:var(--good-badge,#d8f0e4);color:var(--good-ink,#0b4a33)}:host([tone=info]){background:var(--info-badge,#dfebf8);color:var(--info-ink,#1c4067)}
  :host([tone=warning]),:host([tone=caution]){background:var(--warn-badge,#fdebc8);color:var(--warn-ink,#5c3d02)}:host([tone=critical]){background:var(--bad-badge,#fadcd7);color:var(--bad-ink,#6f1d10)}`);

export const Heading = plain(':host{display:block;font-weight:650;font-size:15px;line-height:22px}', 'heading');
export const Paragraph = plain(':host{display:block;margin:0}:host([color=subdued]){color:var(--quiet,#5a635f)}');
export const Text = plain(`
  :host([color=subdued]){color:var(--quiet,#5a635f)}:host([type=strong]){font-weight:600}
  :host([fontvariantnumeric=tabular-nums]){font-variant-numeric:tabular-nums}`);
