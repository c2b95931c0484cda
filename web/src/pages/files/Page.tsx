// Files: what was made to be taken away, what is on its way, asking for another, and one that comes every day.
import { Loaded } from '../../components/page-states';
import { words } from '../../words';
import { Daily } from './Daily';
import { FileList } from './FileList';
import { NewFile } from './NewFile';
import { useFiles } from './queries';
import './files.css';

export const FilesPage = () => {
  const files = useFiles();
  return (
    <s-page heading={words.shell.files}>
      <NewFile />
      <s-section heading={words.files.list}>
        <Loaded of={files} lines={6}>
          {({ pages }) => (
            <>
              <FileList files={pages.flatMap((page) => page.files)} />
              {files.hasNextPage && (
                <s-button loading={files.isFetchingNextPage} onClick={() => void files.fetchNextPage()}>
                  {words.files.older}
                </s-button>
              )}
            </>
          )}
        </Loaded>
      </s-section>
      <Daily />
    </s-page>
  );
};
