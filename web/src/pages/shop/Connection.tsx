// Whether Recoup may speak for this shop, and what stands in its way.
import type { Shop } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';

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
      heading: 'Shopify has frozen this shop',
      text: `Since ${since(shop.frozen_since)} Shopify answers no calls, usually because its plan is not paid. Recoup waits and goes on by itself.`,
    });
  }
  if (shop.reopening) {
    found.push({
      heading: 'Open Recoup once more from your Shopify admin',
      text: `${shop.reopening.reason} This is so since ${since(shop.reopening.since)}. Orders keep arriving; new codes wait.`,
    });
  }
  if (shop.missing_scopes.length > 0) {
    found.push({
      heading: 'A permission is missing',
      text: `Recoup needs ${shop.missing_scopes.join(', ')}. Open it from your Shopify admin and allow it; without it some codes or orders are missing.`,
    });
  }
  if (shop.currency_trouble) {
    found.push({ heading: `Amounts in ${shop.currency} cannot be counted`, text: shop.currency_trouble });
  }
  if (shop.fallen_forward) {
    found.push({
      heading: 'Shopify answers in a newer version',
      text: `Recoup asks in version ${shop.fallen_forward.asked}, Shopify answers in ${shop.fallen_forward.served} since ${since(shop.fallen_forward.since)}. The operator should update Recoup.`,
    });
  }
  return found;
};

export const Connection = () => {
  const shop = useShop();
  const found = troubles(shop);
  return (
    <s-section heading="Connection">
      {found.length === 0 ? (
        <p>
          <i className="dot dot-good" aria-hidden="true" /> Connected to <b>{shop.domain}</b> since {formatInstant(shop.installed_at, shop.time_zone)}.
          Shopify grants everything Recoup needs.
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
