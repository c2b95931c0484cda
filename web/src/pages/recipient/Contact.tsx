// How the recipient is reached, in clear: only after a press, which is written down and says so.
import { useShop } from '../../app/shop';
import { Failed } from '../../components/page-states';
import { formatInstant } from '../../lib/dates';
import { fill, words } from '../../words';
import { useContact } from './queries';

export const Contact = ({ id, isKept }: { id: string; isKept: boolean }) => {
  const { time_zone: zone } = useShop();
  const contact = useContact(id);
  const shown = contact.data;
  if (!isKept) return <p className="quiet">{words.recipient.notKept}</p>;
  if (!shown)
    return (
      <>
        <p className="quiet">{words.recipient.sealed}</p>
        {contact.error && <Failed error={contact.error} retry={() => contact.mutate()} />}
        <div>
          <s-button loading={contact.isPending} onClick={() => contact.mutate()}>
            {words.recipient.open}
          </s-button>
        </div>
      </>
    );
  const rows = [
    [words.recipient.phone, shown.phone],
    [words.recipient.user, shown.whatsapp_user_id],
    [words.recipient.email, shown.email],
    [words.recipient.key, shown.platform_key],
  ] as const;
  return (
    <>
      <dl className="recipient-contact" data-contact>
        {rows.map(([name, value]) =>
          value ? (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="mono">{value}</dd>
            </div>
          ) : null,
        )}
      </dl>
      <p className="quiet small" role="status">
        {fill(words.recipient.noted, { at: formatInstant(shown.noted_at, zone) })} <s-link href="/shop">{words.recipient.whoLooked}</s-link>
      </p>
    </>
  );
};
