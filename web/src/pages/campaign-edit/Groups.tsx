// Every term of a campaign, in the order in which a merchant thinks of it.
import { useShop } from '../../app/shop';
import { CheckField, Group, SelectField, TextField, useForm } from './Fields';
import { Things } from './Things';

const Basics = ({ isNew }: { isNew: boolean }) => (
  <Group heading="Campaign" lead="How you find it again in reports.">
    <TextField field="name" path="name" label="Name" placeholder="Winback" />
    {isNew && (
      <SelectField
        field="kind"
        path="kind"
        label="What it is for"
        options={[
          ['broadcast', 'Broadcast: one audience, sent at once'],
          ['abandoned_checkout', 'Abandoned carts: people whose checkout went quiet'],
          ['flow', 'Automated flow: a step of a longer conversation'],
        ]}
      />
    )}
  </Group>
);

const Offer = () => {
  const { draft } = useForm();
  const { currency } = useShop();
  return (
    <Group heading="Discount" lead="What each code takes off. Every recipient gets a code of their own, good for one order." locks={['offer']}>
      <div className="edit-row">
        <SelectField
          field="offer"
          path="offer"
          label="Type"
          options={[
            ['percentage', 'Percentage'],
            ['fixed_amount', 'Fixed amount'],
            ['free_shipping', 'Free shipping'],
            ['none', 'No discount, only a tracked link'],
          ]}
        />
        {draft.offer === 'percentage' && <TextField field="percentage" path="offer.percentage" label="Per cent off" suffix="%" />}
        {draft.offer === 'fixed_amount' && <TextField field="amount" path="offer.amount_minor" label="Amount off" suffix={currency} />}
      </div>
      {draft.offer !== 'none' && <TextField field="title" path="title" label="Title (optional)" details="What shoppers read beside the discount in the cart. Empty: the campaign’s name." />}
    </Group>
  );
};

const Conditions = () => {
  const { draft } = useForm();
  const { currency } = useShop();
  if (draft.offer === 'none') return null;
  return (
    <Group
      heading="Conditions"
      lead="When the code applies. Shopify checks these in the cart."
      locks={['minimum_subtotal_minor', 'applies_to', 'purchase', 'combines_with']}
    >
      <div className="edit-row">
        <SelectField
          field="minimum"
          path="minimum_subtotal_minor.choice"
          label="Minimum"
          options={[
            ['none', 'No minimum'],
            ['subtotal', 'Minimum subtotal'],
            ['quantity', 'Minimum number of pieces'],
          ]}
        />
        {draft.minimum === 'subtotal' && <TextField field="subtotal" path="minimum_subtotal_minor" label="Subtotal from" suffix={currency} />}
        {draft.minimum === 'quantity' && <TextField field="pieces" path="minimum_quantity" label="Pieces from" />}
      </div>
      {draft.offer !== 'free_shipping' && <Things />}
      <SelectField
        field="purchase"
        path="purchase"
        label="Purchase type"
        options={[
          ['one_time', 'One-time purchases'],
          ['subscription', 'Subscriptions, first order only'],
          ['both', 'Both; of a subscription the first order only'],
        ]}
      />
      <fieldset className="edit-set">
        <legend>May be combined with your other</legend>
        <CheckField field="product" path="combines_with.product" label="Product discounts" />
        <CheckField field="order" path="combines_with.order" label="Order discounts" />
        {draft.offer !== 'free_shipping' && <CheckField field="shipping" path="combines_with.shipping" label="Shipping discounts" />}
      </fieldset>
    </Group>
  );
};

const SLOTS: [string, string][] = [
  ['900', '15 minutes'],
  ['3600', '1 hour'],
  ['21600', '6 hours'],
  ['86400', '24 hours'],
];

const Expiry = () => {
  const { draft } = useForm();
  if (draft.offer === 'none') return null;
  const slots = SLOTS.some(([width]) => width === draft.slot) ? SLOTS : [...SLOTS, [draft.slot, `${Number(draft.slot) / 60} minutes`] as [string, string]];
  return (
    <Group heading="How long a code is good" lead="The link stops applying the code at the exact second and still takes the shopper to your shop." locks={['expiry']}>
      <div className="edit-row">
        <TextField field="after" path="expiry.after_seconds" label="Good for" />
        <SelectField
          field="unit"
          path="expiry.unit"
          label="Unit"
          options={[
            ['60', 'minutes'],
            ['3600', 'hours'],
            ['86400', 'days'],
          ]}
        />
        <SelectField
          field="starts"
          path="expiry.starts"
          label="Counted from"
          options={[
            ['issue', 'being drawn'],
            ['delivery', 'its delivery'],
          ]}
        />
      </div>
      <CheckField
        field="exact"
        path="expiry.exact"
        label="End at Shopify to the second"
        details="Makes one discount per recipient in your admin. For small, precious campaigns; otherwise leave it off."
      />
      {!draft.exact && (
        <SelectField
          field="slot"
          path="expiry.slot_seconds"
          label="Ends at Shopify within"
          details="Codes that end in the same slot share one discount in your admin. Typed in by hand, a code works until its slot ends: at most this much longer."
          options={slots}
        />
      )}
    </Group>
  );
};

const Code = () => {
  const { draft } = useForm();
  if (draft.offer === 'none') return null;
  return (
    <Group heading="Look of the codes" lead="WhatsApp’s copy button takes at most 15 letters and digits." locks={['code']}>
      <div className="edit-row">
        <TextField field="prefix" path="code.prefix" label="Begins with (optional)" placeholder="WIN" />
        <SelectField
          field="length"
          path="code.length"
          label="Random characters"
          options={[
            ['10', '10'],
            ['11', '11'],
            ['12', '12'],
          ]}
        />
      </div>
    </Group>
  );
};

const Link = () => {
  const { draft } = useForm();
  return (
    <Group heading="Link" lead="Where a tap in the message leads. Every recipient’s link is their own, so that taps can be told apart.">
      <TextField field="destination" path="link.destination" label="Page of your shop" details="A path such as /collections/sale, / for the front page, or the word checkout: back to the checkout the message is about." />
      {draft.offer !== 'none' && <CheckField field="autoApply" path="link.auto_apply" label="The link applies the code, nothing has to be typed" />}
      <div className="edit-row edit-thirds">
        <TextField field="source" path="link.utm" label="utm_source" placeholder="the shop’s" />
        <TextField field="medium" path="link.utm" label="utm_medium" placeholder="the shop’s" />
        <TextField field="campaign" path="link.utm" label="utm_campaign" placeholder={draft.name || 'the campaign’s name'} />
      </div>
      <div className="edit-row edit-thirds">
        <TextField field="content" path="link.utm" label="utm_content" placeholder="the shop’s" />
        <TextField field="message" path="link.message" label="Message (optional)" details="Your word for it: {message} in UTM values." />
        <TextField field="step" path="link.step" label="Step (optional)" details="Of a conversation: {step} in UTM values." />
      </div>
    </Group>
  );
};

const Audience = () => {
  const { currency } = useShop();
  return (
    <Group heading="Audience and cost" lead="Your WhatsApp platform names the recipients. What you say here prepares for them." locks={['holdout']}>
      <div className="edit-row edit-thirds">
        <TextField field="holdout" path="holdout" label="Left out to compare" suffix="%" details="They get no message, which costs you their sales. Recoup does not compare them with the others yet: leave it at 0 unless you do that yourself." />
        <TextField field="expected" path="expected_recipients" label="Expected recipients (optional)" details="Codes are made ready for so many before they are asked for." />
        <TextField field="cost" path="cost_per_message" label="Cost per message (optional)" suffix={currency} details="Until WhatsApp reports the price." />
      </div>
      <TextField field="tags" path="tags" label="Tags in your admin (optional)" details="At most three, separated by commas. “recoup” and the campaign’s name are there anyway." />
    </Group>
  );
};

export const Groups = ({ isNew }: { isNew: boolean }) => (
  <>
    <Basics isNew={isNew} />
    <Offer />
    <Conditions />
    <Expiry />
    <Code />
    <Link />
    <Audience />
  </>
);
