// Whether the web pixel is on, and what it means while it is not.
import { useShop } from '../../app/shop';
import { Loaded } from '../../components/page-states';
import { formatMoment } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';
import { usePixel } from './queries';

export const Pixel = () => {
  const { time_zone: zone } = useShop();
  return (
    <s-section heading={words.shop.pixel}>
      <Loaded of={usePixel()} lines={2}>
        {({ state, sentence, trouble, looked_at: looked }) => (
          <>
            <p>
              <i className={state === 'on' ? 'dot dot-good' : 'dot'} aria-hidden="true" /> {told(sentence, zone)}
            </p>
            {trouble && <p className="quiet">{told(trouble, zone)}</p>}
            {looked && <p className="quiet small">{fill(words.shop.lookedPixel, { looked: formatMoment(looked, zone) })}</p>}
          </>
        )}
      </Loaded>
    </s-section>
  );
};
