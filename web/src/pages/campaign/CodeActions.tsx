// Taking a code back and giving another one: the same two questions wherever a code is shown.
import { useState } from 'react';
import { Confirm } from '../../components/Confirm';
import { fill, words } from '../../words';
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
  const which = code ?? words.campaign.thisCode;
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
    if (code !== null) revokeCode.mutate(code, finish(fill(words.campaign.takenBack, { code })));
    else if (message !== null) revokeOf.mutate(message, finish(words.campaign.theTakenBack));
  };
  return (
    <span className="deeds">
      {canRevoke && (
        <s-button tone="critical" accessibilityLabel={fill(words.campaign.revokeWhich, { which })} onClick={() => ask('revoke')}>
          {words.campaign.revoke}
        </s-button>
      )}
      {message !== null && (
        <s-button accessibilityLabel={fill(words.campaign.replaceWhich, { which })} onClick={() => ask('replace')}>
          {words.campaign.replace}
        </s-button>
      )}
      {asks === 'revoke' && (
        <Confirm
          heading={fill(words.campaign.revokeQuestion, { which })}
          action={words.campaign.revokeCode}
          critical
          isPending={revokeCode.isPending || revokeOf.isPending}
          error={revokeCode.error ?? revokeOf.error}
          onClose={close}
          onConfirm={revoke}
        >
          <p>{words.campaign.revokeText}</p>
          <p>{words.campaign.revokeThen}</p>
        </Confirm>
      )}
      {asks === 'replace' && (
        <Confirm
          heading={fill(words.campaign.replaceQuestion, { which })}
          action={words.campaign.giveAnother}
          isPending={replace.isPending}
          error={replace.error}
          onClose={close}
          onConfirm={() =>
            message !== null &&
            replace.mutate(message, {
              onSuccess: (answer) => {
                close();
                done(answer.code ? fill(words.campaign.codeNow, { code: answer.code }) : words.campaign.newOnWay);
              },
            })
          }
        >
          <p>{words.campaign.replaceText}</p>
          <p className="quiet small">{words.campaign.replaceOnce}</p>
        </Confirm>
      )}
    </span>
  );
};
