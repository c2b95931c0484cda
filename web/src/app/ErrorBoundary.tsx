// The last net: a page that breaks says so in words and offers the way back, instead of going blank.
import { Component, type ReactNode } from 'react';
import { words } from '../words';

export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <s-page heading="Recoup">
        <s-banner tone="critical" heading={words.shell.broken}>
          {words.shell.brokenText}
          <s-button slot="secondary-actions" onClick={() => window.location.reload()}>
            {words.shell.reload}
          </s-button>
        </s-banner>
      </s-page>
    );
  }
}
