// One box for everything that has a name, on every page. What is found is a list of links below it: by the mouse, by Tab, and by
// Enter the first of them.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { get, must } from '../api/client';
import { fromThrown } from '../api/problem';
import type { SearchHit } from '../api/types';
import { formatInstant } from '../lib/dates';
import { counted } from '../lib/rates';
import { fill, words } from '../words';
import { useShop } from './shop';

/** Nobody is asked while somebody still types. */
const PAUSE = 250;

const hrefOf = ({ kind, id, campaign_id: campaign, held_out: heldOut }: SearchHit): string => {
  const name = encodeURIComponent(id);
  if (kind === 'order') return `/orders/${name}`;
  if (kind === 'checkout') return `/checkouts/${name}`;
  if (kind === 'message' && !heldOut) return `/messages/${name}`;
  return kind === 'code' ? `/campaigns/${campaign}?code=${name}` : `/campaigns/${campaign ?? name}`;
};

const useFound = (q: string) =>
  useQuery({
    queryKey: ['search', q],
    queryFn: () => must(get('/api/search', { params: { query: { q } } })),
    enabled: q !== '',
    placeholderData: keepPreviousData,
  });

const Hit = ({ hit, zone }: { hit: SearchHit; zone: string }) => (
  <li>
    <a href={hrefOf(hit)}>
      <strong>{hit.name || hit.id}</strong>
      <span className="small">{words.search.kinds[hit.kind]}</span>
      <span className="quiet small">
        {hit.at && formatInstant(hit.at, zone)}
        {hit.held_out && ` · ${words.search.heldOut}`}
      </span>
    </a>
  </li>
);

export const Search = () => {
  const { time_zone: zone } = useShop();
  const { pathname, search } = useLocation();
  const navigate = useNavigate();
  const [typed, type] = useState('');
  const [asked, ask] = useState('');
  const [isOpen, setOpen] = useState(false);
  const place = useRef<HTMLFormElement>(null);
  const id = useId();
  const found = useFound(asked);
  const hits = asked === '' ? [] : (found.data?.hits ?? []);
  const isKnown = asked !== '' && asked === typed.trim() && found.data !== undefined && !found.isPlaceholderData;

  useEffect(() => {
    const timer = window.setTimeout(() => ask(typed.trim().slice(0, 100)), PAUSE);
    return () => window.clearTimeout(timer);
  }, [typed]);
  // Whatever was gone to, the list is done with.
  useEffect(() => setOpen(false), [pathname, search]);
  useEffect(() => {
    if (!isOpen) return;
    const away = (event: Event): void => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', away);
    document.addEventListener('focusin', away);
    return () => {
      document.removeEventListener('pointerdown', away);
      document.removeEventListener('focusin', away);
    };
  }, [isOpen]);

  const go = (event: FormEvent): void => {
    event.preventDefault();
    const [first] = hits;
    if (isKnown && first) navigate(hrefOf(first));
    ask(typed.trim().slice(0, 100));
    setOpen(true);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') setOpen(false);
  };
  const shows = isOpen && asked !== '' && typed.trim() !== '';

  return (
    <form className="search" role="search" aria-label={words.search.label} ref={place} onSubmit={go} onKeyDown={onKey}>
      <input
        type="search"
        name="q"
        value={typed}
        maxLength={100}
        autoComplete="off"
        placeholder={words.search.place}
        aria-label={words.search.label}
        aria-describedby={`${id}-details`}
        onChange={(event) => {
          type(event.target.value);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
      />
      <span id={`${id}-details`} className="hidden">
        {words.search.details}
      </span>
      <span className="hidden" role="status">
        {shows && isKnown && counted(hits.length, words.search.hits)}
      </span>
      {shows && hits.length > 0 && (
        <ul className="search-found" aria-label={words.search.label}>
          {hits.map((hit) => (
            <Hit key={`${hit.kind} ${hit.id}`} hit={hit} zone={zone} />
          ))}
          {found.data?.more && (
            <li>
              <p className="quiet small">{words.search.more}</p>
            </li>
          )}
        </ul>
      )}
      {shows && hits.length === 0 && (
        <div className="search-found">
          {found.error && <p className="small">{fromThrown(found.error).detail}</p>}
          {!found.error && !isKnown && <p className="quiet small">{words.search.looking} …</p>}
          {isKnown && (
            <p className="small">
              {fill(words.search.none, { q: asked })}. <span className="quiet">{words.search.noneText}</span>
            </p>
          )}
        </div>
      )}
    </form>
  );
};
