import { expect, it } from 'vitest';
import { listed } from './ahead.ts';

const chunk = (fileName: string, facadeModuleId: string | null, ...imports: string[]) => ({ type: 'chunk' as const, fileName, facadeModuleId, imports });

it('lists what a page needs beyond what every page needs', () => {
  const chunks = [
    chunk('assets/index.js', '/x/src/main.tsx'),
    chunk('assets/start.js', '/x/src/app/start.tsx', 'assets/index.js', 'assets/vendor.js'),
    chunk('assets/vendor.js', null),
    chunk('assets/charts.js', null, 'assets/vendor.js'),
    chunk('assets/page-overview.js', '/x/src/pages/overview/Page.tsx', 'assets/start.js', 'assets/charts.js'),
    chunk('assets/tags.js', '/x/src/polaris-fallback/index.ts'),
  ];
  expect(listed(chunks, 'assets/index.js')).toEqual({ always: ['start.js', 'vendor.js'], alone: ['tags.js'], pages: { overview: ['page-overview.js', 'charts.js'] } });
});
