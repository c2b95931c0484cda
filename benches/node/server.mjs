// Shopify's official library behind the same door: prove, store once, answer 200. For comparison only.
//
//   node server.mjs PORT DATABASE SECRET      DATABASE: a file for SQLite, or postgres://…
import http from 'node:http';
import '@shopify/shopify-api/adapters/node';
import { shopifyApi, ApiVersion } from '@shopify/shopify-api';

const [port, database, secret] = process.argv.slice(2);

const shopify = shopifyApi({
  apiKey: 'client',
  apiSecretKey: secret,
  apiVersion: Object.values(ApiVersion).at(-1),
  isEmbeddedApp: true,
  hostName: '127.0.0.1',
  hostScheme: 'http',
  scopes: [],
  logger: { level: 0 },
});

const TABLE = 'CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY, topic TEXT NOT NULL, shop TEXT NOT NULL, body TEXT NOT NULL)';

async function store() {
  if (database.startsWith('postgres')) {
    const { default: pg } = await import('pg');
    const pool = new pg.Pool({ connectionString: database, max: 16 });
    await pool.query(TABLE);
    const text = 'INSERT INTO deliveries VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING';
    return (...row) => pool.query({ name: 'keep', text, values: row });
  }
  const { default: Sqlite } = await import('better-sqlite3');
  const db = new Sqlite(database);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(TABLE);
  const insert = db.prepare('INSERT INTO deliveries VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  return (...row) => insert.run(...row);
}

const keep = await store();

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    try {
      const rawBody = Buffer.concat(chunks).toString('utf8');
      const seen = await shopify.webhooks.validate({ rawBody, rawRequest: request, rawResponse: response });
      if (!seen.valid) {
        response.writeHead(401, { 'Content-Length': 0 }).end();
        return;
      }
      await keep(seen.webhookId, seen.topic, seen.domain, rawBody);
      response.writeHead(200, { 'Content-Length': 0 }).end();
    } catch (error) {
      console.error(error);
      response.writeHead(503, { 'Content-Length': 0 }).end();
    }
  });
});
server.keepAliveTimeout = 75_000;
server.listen(Number(port), '127.0.0.1');
