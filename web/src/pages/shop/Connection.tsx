// Whether Recoup may speak for this shop, and what stands in its way.
import type { Shop } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';
import { fill, said, words } from '../../words';
import { rich } from '../../words/rich';

interface Trouble {
  heading: string;
  text: string;
}

/** What the merchant should know, the most urgent first. */
export const troubles = (shop: Shop): Trouble[] => {
  const since = (instant: string): string => formatInstant(instant, shop.time_zone);
  const found: Trouble[] = [];
  if (shop.frozen_since) {
    found.push({
      heading: words.shop.frozen,
      text: fill(words.shop.frozenText, { frozen_since: since(shop.frozen_since) }),
    });
  }
  if (shop.reopening) {
    found.push({
      heading: words.shop.reopen,
      text: fill(words.shop.reopenText, { reason: said(shop.reopening.reason), since: since(shop.reopening.since) }),
    });
  }
  if (shop.missing_scopes.length > 0) {
    found.push({
      heading: words.shop.permission,
      text: fill(words.shop.permissionText, { scopes: shop.missing_scopes.join(', ') }),
    });
  }
  if (shop.currency_trouble) {
    found.push({ heading: fill(words.shop.currency, { currency: shop.currency }), text: shop.currency_trouble });
  }
  if (shop.fallen_forward) {
    found.push({
      heading: words.shop.version,
      text: fill(words.shop.versionText, { asked: shop.fallen_forward.asked, served: shop.fallen_forward.served, since: since(shop.fallen_forward.since) }),
    });
  }
  return found;
};

export const Connection = () => {
  const shop = useShop();
  const found = troubles(shop);
  return (
    <s-section heading={words.shop.connection}>
      {found.length === 0 ? (
        <p>
          <i className="dot dot-good" aria-hidden="true" />{' '}{rich(words.shop.connected, { domain: <b>{shop.domain}</b>, installed_at: formatInstant(shop.installed_at, shop.time_zone) })}
        </p>
      ) : (
        <div className="stack">
          {found.map(({ heading, text }) => (
            <s-banner key={heading} tone="warning" heading={heading}>
              {text}
            </s-banner>
          ))}
        </div>
      )}
    </s-section>
  );
};
