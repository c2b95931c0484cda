// The files there are: how far each is, where it is fetched, and how to check a copy of it. A link is signed and good for an hour,
// so it is a plain one: the browser saves what it leads to, however large.
import { useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { MadeFile } from '../../api/types';
import { useShop } from '../../app/shop';
import { Confirm } from '../../components/Confirm';
import { Copy } from '../../components/Copy';
import { Empty } from '../../components/page-states';
import { formatDays, formatInstant } from '../../lib/dates';
import { counted, formatPercent } from '../../lib/rates';
import { fill, said, words } from '../../words';
import { formatSize, nameOf } from './names';
import { isOnItsWay, useDeleteFile } from './queries';

const titleOf = (file: MadeFile): string => fill(words.files.title, { name: nameOf(file), days: formatDays(file.from, file.to) });

const Progress = ({ file }: { file: MadeFile }) => (
  <p className="files-progress">
    <progress max={1} value={file.state === 'waiting' ? undefined : file.progress} aria-label={fill(words.files.progressOf, { name: titleOf(file) })} />
    <span className="small">
      {file.state === 'waiting'
        ? words.files.waiting
        : fill(words.files.making, { share: formatPercent(file.progress), rows: counted(file.rows, words.counts.row) })}
    </span>
  </p>
);

const Facts = ({ file }: { file: MadeFile }) => {
  const { time_zone: zone } = useShop();
  const facts = [
    fill(words.files.asOf, { at: formatInstant(file.as_of, zone) }),
    file.complete_through && fill(words.files.through, { at: formatInstant(file.complete_through, zone) }),
    file.kind === 'pack' && file.since && fill(words.files.since, { at: formatInstant(file.since, zone) }),
    file.bytes != null && `${counted(file.rows, words.counts.row)}, ${formatSize(file.bytes)}`,
    file.state === 'ready' && file.expires_at && fill(words.files.until, { at: formatInstant(file.expires_at, zone) }),
    file.personal && words.files.namesPeople,
    file.state === 'gone' && words.files.gone,
  ];
  return <p className="quiet small">{facts.filter((fact) => fact).join(' · ')}</p>;
};

const Sum = ({ sum }: { sum: string }) => (
  <details className="files-sum small">
    <summary>{words.files.checksum}</summary>
    <p>{words.files.checksumText}</p>
    <p>
      <span className="mono">{sum}</span> <Copy text={sum} label={words.files.copyChecksum} />
    </p>
  </details>
);

const Row = ({ file, ask, isPending }: { file: MadeFile; ask: () => void; isPending: boolean }) => (
  <li>
    <p>
      <strong>{titleOf(file)}</strong>
      <span className="quiet small below">{file.name}</span>
    </p>
    <span className="files-buttons">
      {file.link && (
        <a className="files-fetch" href={file.link.url} download={file.name} aria-label={fill(words.files.fetchNamed, { name: titleOf(file) })}>
          {words.files.fetch}
        </a>
      )}
      <s-button
        variant="tertiary"
        accessibilityLabel={fill(isOnItsWay(file) ? words.files.stopNamed : words.files.deleteNamed, { name: titleOf(file) })}
        disabled={isPending}
        onClick={ask}
      >
        {isOnItsWay(file) ? words.files.stop : words.files.delete}
      </s-button>
    </span>
    {isOnItsWay(file) ? <Progress file={file} /> : <Facts file={file} />}
    {file.trouble && <p role="alert" className="files-trouble small">{fill(words.files.failed, { why: said(file.trouble) })}</p>}
    {file.state === 'ready' && !file.link && <p className="quiet small">{words.files.notYours}</p>}
    {file.sha256 && <Sum sum={file.sha256} />}
  </li>
);

export const FileList = ({ files }: { files: MadeFile[] }) => {
  const [asked, ask] = useState<MadeFile | null>(null);
  const deletion = useDeleteFile();
  if (files.length === 0) return <Empty title={words.files.none}>{words.files.noneText}</Empty>;
  const forget = (file: MadeFile): void => deletion.mutate(file, { onSuccess: () => ask(null) });
  return (
    <>
      {deletion.error && !asked && <p role="alert">{fromThrown(deletion.error).detail}</p>}
      <ul className="files-list">
        {files.map((file) => (
          <Row key={file.id} file={file} isPending={deletion.isPending} ask={() => ask(file)} />
        ))}
      </ul>
      {asked && (
        <Confirm
          heading={fill(words.files.question, { name: titleOf(asked) })}
          action={isOnItsWay(asked) ? words.files.stop : words.files.delete}
          isPending={deletion.isPending}
          error={deletion.error}
          onClose={() => ask(null)}
          onConfirm={() => forget(asked)}
        >
          <p>{asked.kind === 'pack' && asked.state !== 'failed' && !isOnItsWay(asked) ? words.files.questionPack : words.files.questionText}</p>
        </Confirm>
      )}
    </>
  );
};
