// Every term of a campaign, in the order in which a merchant thinks of it.
import { useShop } from '../../app/shop';
import { formatSpan, inUnit } from '../../lib/dates';
import { words } from '../../words';
import { Comparison } from './Comparison';
import { CheckField, Group, SelectField, TextField, useForm } from './Fields';
import { Things } from './Things';

const Basics = ({ isNew }: { isNew: boolean }) => (
  <Group heading={words.common.campaign} lead={words.edit.findAgain}>
    <TextField field="name" path="name" label={words.edit.name} placeholder={words.edit.namePlaceholder} />
    {isNew && (
      <SelectField
        field="kind"
        path="kind"
        label={words.edit.whatFor}
        options={[
          ['broadcast', words.edit.broadcast],
          ['abandoned_checkout', words.edit.abandoned],
          ['flow', words.edit.flow],
        ]}
      />
    )}
  </Group>
);

const Offer = () => {
  const { draft } = useForm();
  const { currency } = useShop();
  return (
    <Group heading={words.edit.discount} lead={words.edit.discountLead} locks={['offer']}>
      <div className="edit-row">
        <SelectField
          field="offer"
          path="offer"
          label={words.edit.type}
          options={[
            ['percentage', words.edit.percentage],
            ['fixed_amount', words.edit.fixed],
            ['free_shipping', words.edit.freeShipping],
            ['none', words.edit.noDiscount],
          ]}
        />
        {draft.offer === 'percentage' && <TextField field="percentage" path="offer.percentage" label={words.edit.percentOff} suffix="%" />}
        {draft.offer === 'fixed_amount' && <TextField field="amount" path="offer.amount_minor" label={words.edit.amountOff} suffix={currency} />}
      </div>
      {draft.offer !== 'none' && <TextField field="title" path="title" label={words.edit.title} details={words.edit.titleDetails} />}
    </Group>
  );
};

const Conditions = () => {
  const { draft } = useForm();
  const { currency } = useShop();
  if (draft.offer === 'none') return null;
  return (
    <Group
      heading={words.edit.conditions}
      lead={words.edit.conditionsLead}
      locks={['minimum_subtotal_minor', 'applies_to', 'purchase', 'combines_with']}
    >
      <div className="edit-row">
        <SelectField
          field="minimum"
          path="minimum_subtotal_minor.choice"
          label={words.campaign.minimum}
          options={[
            ['none', words.edit.noMinimum],
            ['subtotal', words.edit.minSubtotal],
            ['quantity', words.edit.minPieces],
          ]}
        />
        {draft.minimum === 'subtotal' && <TextField field="subtotal" path="minimum_subtotal_minor" label={words.edit.subtotalFrom} suffix={currency} />}
        {draft.minimum === 'quantity' && <TextField field="pieces" path="minimum_quantity" label={words.edit.piecesFrom} />}
      </div>
      {draft.offer !== 'free_shipping' && <Things />}
      <SelectField
        field="purchase"
        path="purchase"
        label={words.edit.purchase}
        options={[
          ['one_time', words.edit.oneTime],
          ['subscription', words.edit.subscriptions],
          ['both', words.edit.both],
        ]}
      />
      <fieldset className="edit-set">
        <legend>{words.edit.combine}</legend>
        <CheckField field="product" path="combines_with.product" label={words.edit.productDiscounts} />
        <CheckField field="order" path="combines_with.order" label={words.edit.orderDiscounts} />
        {draft.offer !== 'free_shipping' && <CheckField field="shipping" path="combines_with.shipping" label={words.edit.shippingDiscounts} />}
      </fieldset>
    </Group>
  );
};

const SLOTS = ['900', '3600', '21600', '86400'];
const slotOf = (width: string): [string, string] => [width, width === '86400' ? inUnit(24, 'hour') : formatSpan(Number(width))];

const Expiry = () => {
  const { draft } = useForm();
  if (draft.offer === 'none') return null;
  const slots = (SLOTS.includes(draft.slot) ? SLOTS : [...SLOTS, draft.slot]).map(slotOf);
  return (
    <Group heading={words.edit.howLong} lead={words.edit.howLongLead} locks={['expiry']}>
      <div className="edit-row">
        <TextField field="after" path="expiry.after_seconds" label={words.edit.goodFor} />
        <SelectField
          field="unit"
          path="expiry.unit"
          label={words.policyForm.unit}
          options={[
            ['60', words.policyForm.minutes],
            ['3600', words.policyForm.hours],
            ['86400', words.policyForm.days],
          ]}
        />
        <SelectField
          field="starts"
          path="expiry.starts"
          label={words.policyForm.clock}
          options={[
            ['issue', words.edit.beingDrawn],
            ['delivery', words.edit.itsDelivery],
          ]}
        />
      </div>
      <CheckField
        field="exact"
        path="expiry.exact"
        label={words.edit.exact}
        details={words.edit.exactDetails}
      />
      {!draft.exact && (
        <SelectField
          field="slot"
          path="expiry.slot_seconds"
          label={words.edit.slot}
          details={words.edit.slotDetails}
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
    <Group heading={words.edit.look} lead={words.edit.lookLead} locks={['code']}>
      <div className="edit-row">
        <TextField field="prefix" path="code.prefix" label={words.edit.prefix} placeholder="WIN" />
        <SelectField
          field="length"
          path="code.length"
          label={words.edit.random}
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
    <Group heading={words.common.link} lead={words.edit.linkLead}>
      <TextField field="destination" path="link.destination" label={words.edit.destination} details={words.edit.destinationDetails} />
      {draft.offer !== 'none' && <CheckField field="autoApply" path="link.auto_apply" label={words.edit.autoApply} />}
      <div className="edit-row edit-thirds">
        <TextField field="source" path="link.utm" label="utm_source" placeholder={words.edit.shops} />
        <TextField field="medium" path="link.utm" label="utm_medium" placeholder={words.edit.shops} />
        <TextField field="campaign" path="link.utm" label="utm_campaign" placeholder={draft.name || words.edit.campaignName} />
      </div>
      <div className="edit-row edit-thirds">
        <TextField field="content" path="link.utm" label="utm_content" placeholder={words.edit.shops} />
        <TextField field="message" path="link.message" label={words.edit.message} details={words.edit.messageDetails} />
        <TextField field="step" path="link.step" label={words.edit.step} details={words.edit.stepDetails} />
      </div>
    </Group>
  );
};

const Audience = () => {
  const { currency } = useShop();
  return (
    <Group heading={words.edit.audience} lead={words.edit.audienceLead}>
      <div className="edit-row">
        <TextField field="expected" path="expected_recipients" label={words.edit.expected} details={words.edit.expectedDetails} />
        <TextField field="cost" path="cost_per_message" label={words.edit.cost} suffix={currency} details={words.edit.costDetails} />
      </div>
      <TextField field="tags" path="tags" label={words.edit.tags} details={words.edit.tagsDetails} />
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
    <Comparison isNew={isNew} />
  </>
);
