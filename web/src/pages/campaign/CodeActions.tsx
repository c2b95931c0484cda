// Taking a code back and giving another one: the same two questions wherever a code is shown.
import { useState } from 'react';
import { Confirm } from '../../components/Confirm';
import { useReplace, useRevokeCode, useRevokeOf } from './queries';

interface Props {
  /** What the code reads, where it is told. */
  code: string | null;
  message: string | null;
  canRevoke: boolean;
  done: (what: string) => void;
}

export const CodeActions = ({ code, message, canRevoke, done }: Props) => {
  const [asks, ask] = useState<'revoke' | 'replace' | null>(null);
  const revokeCode = useRevokeCode();
  const revokeOf = useRevokeOf();
  const replace = useReplace();
  const which = code ?? 'this recipient’s code';
  const close = (): void => {
    ask(null);
    [revokeCode, revokeOf, replace].forEach((deed) => deed.reset());
  };
  const finish = (what: string) => ({
    onSuccess: () => {
      close();
      done(what);
    },
  });
  const revoke = (): void => {
    if (code !== null) revokeCode.mutate(code, finish(`${code} is taken back.`));
    else if (message !== null) revokeOf.mutate(message, finish('The code is taken back.'));
  };
  return (
    <span className="deeds">
      {canRevoke && (
        <s-button tone="critical" accessibilityLabel={`Revoke ${which}`} onClick={() => ask('revoke')}>
          Revoke
        </s-button>
      )}
      {message !== null && (
        <s-button accessibilityLabel={`Replace ${which}`} onClick={() => ask('replace')}>
          Replace
        </s-button>
      )}
      {asks === 'revoke' && (
        <Confirm
          heading={`Revoke ${which}?`}
          action="Revoke code"
          critical
          isPending={revokeCode.isPending || revokeOf.isPending}
          error={revokeCode.error ?? revokeOf.error}
          onClose={close}
          onConfirm={revoke}
        >
          <p>The link stops applying it at once and still takes the shopper to your shop. Shopify deletes the code within minutes. This cannot be undone.</p>
          <p>Afterwards you can give the recipient another code with “Replace”.</p>
        </Confirm>
      )}
      {asks === 'replace' && (
        <Confirm
          heading={`Replace ${which}?`}
          action="Give another code"
          isPending={replace.isPending}
          error={replace.error}
          onClose={close}
          onConfirm={() =>
            message !== null &&
            replace.mutate(message, {
              onSuccess: (answer) => {
                close();
                done(answer.code ? `The recipient’s code is ${answer.code} now.` : 'A new code is on its way to Shopify; it shows here once it is live.');
              },
            })
          }
        >
          <p>The recipient gets a fresh code with the same offer and a new end; the link in their message applies it from now on. The old one stays ended.</p>
          <p className="quiet small">Once per message, for a code that was revoked, ended before the message arrived, or whose order was cancelled.</p>
        </Confirm>
      )}
    </span>
  );
};
