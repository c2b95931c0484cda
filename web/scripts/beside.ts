// `npm run dev`: the page's live sources beside a running server. Everything that is not a source goes on to the server; where it
// answers with the page, the built scripts are exchanged for the sources and the page's own headers stay.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin, ProxyOptions, ViteDevServer } from 'vite';

/** What Vite serves itself: sources and its own machinery. */
const NOT_SOURCES = '^/(?!src/|@|node_modules/|scripts/).*';

const BUILT = /\s*<(script|link)[^>]*\/assets\/[^>]*>(<\/script>)?/g;

/** The server's page with live sources in place of the built ones. */
export const live = (page: string): string =>
  page.replace(BUILT, '').replace('</head>', '<script type="module" src="/src/main.tsx"></script></head>');

/** The server's policy with room for what only development needs: Vite's inline preamble and its socket. */
export const relaxed = (policy: string): string =>
  policy.replace('script-src ', "script-src 'unsafe-inline' ").replace('connect-src ', 'connect-src ws: wss: ');

const isPage = (answer: IncomingMessage): boolean => answer.headers['content-type']?.startsWith('text/html') ?? false;

const text = async (answer: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
};

const passOn = async (vite: ViteDevServer, answer: IncomingMessage, request: IncomingMessage, to: ServerResponse): Promise<void> => {
  const headers = { ...answer.headers };
  if (!isPage(answer)) {
    to.writeHead(answer.statusCode ?? 502, headers);
    answer.pipe(to);
    return;
  }
  const page = await text(answer);
  const changed = page.includes('id="root"') ? await vite.transformIndexHtml(request.url ?? '/', live(page)) : page;
  const policy = headers['content-security-policy'];
  if (typeof policy === 'string') headers['content-security-policy'] = relaxed(policy);
  delete headers['content-length'];
  delete headers['transfer-encoding'];
  to.writeHead(answer.statusCode ?? 502, headers).end(changed);
};

/** A Vite plugin that stands in front of the server at `backend`. */
export const beside = (backend: string): Plugin => {
  let vite: ViteDevServer | undefined;
  const everythingElse: ProxyOptions = {
    target: backend,
    selfHandleResponse: true,
    configure: (proxy) => {
      // Compressed pages could not be changed.
      proxy.on('proxyReq', (request) => request.setHeader('accept-encoding', 'identity'));
      proxy.on('proxyRes', (answer, request, to) => {
        if (vite) passOn(vite, answer, request, to).catch((error: unknown) => to.destroy(error as Error));
      });
    },
  };
  return {
    name: 'recoup-beside-the-server',
    apply: 'serve',
    config: () => ({ appType: 'custom', server: { proxy: { [NOT_SOURCES]: everythingElse } } }),
    configureServer: (server) => {
      vite = server;
    },
  };
};
