// The dialog: the browser's own, which keeps the focus inside, closes by Escape and gives the focus back.
import { Tag, make, slot } from './element';

export class Modal extends Tag {
  static override css = `
    dialog{border:0;border-radius:16px;padding:0;width:min(520px,calc(100vw - 32px));color:var(--ink,#17211d);background:var(--surface,#fff);box-shadow:0 20px 60px rgb(23 33 29/.28)}
    dialog::backdrop{background:rgb(23 33 29/.45)}
    h2{margin:0;padding:20px 22px 0;font-size:17px;line-height:24px;font-weight:650}
    .body{padding:10px 22px 18px}
    .actions{display:flex;flex-wrap:wrap;gap:8px;justify-content:flex-end;padding:14px 22px;border-top:1px solid var(--hair,#e4e7e5);background:var(--soft,#fafbfa)}`;
  static override mirrored = ['heading'];
  #dialog: HTMLDialogElement | undefined;

  override draw(): void {
    if (!this.#dialog) {
      const actions = make('div', { class: 'actions' }, slot('secondary-actions'), slot('primary-action'));
      this.#dialog = make('dialog', { 'aria-labelledby': 'title' }, make('h2', { id: 'title' }), make('div', { class: 'body' }, slot()), actions);
      this.#dialog.addEventListener('close', () => this.dispatchEvent(new Event('hide')));
      this.root.append(this.#dialog);
    }
    const heading = this.root.querySelector('h2');
    if (heading) heading.textContent = this.text('heading');
  }

  showOverlay(): void {
    if (this.#dialog?.open) return;
    // Where there is no top layer (in tests), it is only marked as open.
    if (this.#dialog?.showModal) this.#dialog.showModal();
    else this.#dialog?.setAttribute('open', '');
  }

  hideOverlay(): void {
    if (this.#dialog?.close) this.#dialog.close();
    else this.#dialog?.removeAttribute('open');
  }

  toggleOverlay(): void {
    if (this.#dialog?.open) this.hideOverlay();
    else this.showOverlay();
  }
}
