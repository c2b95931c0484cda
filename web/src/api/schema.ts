// The wire, in the shape `npm run types` writes from `openapi.json`. Nothing but `types.ts` and `client.ts` looks in here,
// so that the generated file may take this one's place. An absent answer may be missing or null: read both alike.

type Json<T> = { 200: { headers: { [name: string]: unknown }; content: { 'application/json': T } } };
type Get<Query, Answer, Path = never> = {
  parameters: { query?: Query; header?: never; path: Path; cookie?: never };
  get: { parameters: { query?: Query; header?: never; path: Path; cookie?: never }; requestBody?: never; responses: Json<Answer> };
};
type GetPlain<Query, Answer> = {
  parameters: { query?: Query; header?: never; path?: never; cookie?: never };
  get: { parameters: { query?: Query; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: Json<Answer> };
};

export interface paths {
  '/api/shop': GetPlain<never, components['schemas']['Shop']>;
  '/api/reports/summary': GetPlain<
    { from?: string; to?: string; policy?: string; model?: string; campaign?: string },
    components['schemas']['Summary']
  >;
  '/api/reports/ledger': GetPlain<{ from?: string; to?: string; policy?: string }, components['schemas']['Ledger']>;
  '/api/orders': GetPlain<
    { from?: string; to?: string; line?: string; campaign?: string; cursor?: string; limit?: number },
    components['schemas']['OrderList']
  >;
  '/api/orders/{id}/receipt': Get<never, components['schemas']['Receipt'], { id: string }>;
  '/api/campaigns': GetPlain<{ cursor?: string; limit?: number }, components['schemas']['CampaignList']>;
}

export interface components {
  schemas: {
    Money: { minor: number; currency: string };
    CampaignName: { id: string; name: string };
    Shop: {
      id: string;
      name: string;
      domain: string;
      currency: string;
      time_zone: string;
      installed_at: string;
      needs_reopening: boolean;
      storefront_url?: string | null;
    };
    Summary: {
      from: string;
      to: string;
      time_zone: string;
      policy: string;
      policy_version: number | string;
      model: string;
      as_of: string;
      currency: string;
      complete_through?: string | null;
      heard_through?: string | null;
      orders: { all: number; attributed: number; recovered: number; assisted: number; pending: number };
      net_sales: components['schemas']['Money'];
      attributed: components['schemas']['Money'];
      recovered: components['schemas']['Money'];
      assisted: components['schemas']['Money'];
      pending: components['schemas']['Money'];
      shared: components['schemas']['Money'];
      incremental?: {
        value: components['schemas']['Money'];
        low: components['schemas']['Money'];
        high: components['schemas']['Money'];
      } | null;
      funnel: {
        drawn: number;
        held_out: number;
        issued: number;
        sent: number;
        delivered: number;
        read: number;
        clicked: number;
        ordered: number;
        failed: number;
      };
      series: {
        day: string;
        net_sales: components['schemas']['Money'];
        attributed: components['schemas']['Money'];
        recovered: components['schemas']['Money'];
      }[];
      campaigns: {
        id: string;
        name: string;
        kind: string;
        drawn: number;
        held_out: number;
        messages: number;
        delivered: number;
        clicked: number;
        orders: number;
        attributed: components['schemas']['Money'];
      }[];
    };
    Ledger: {
      currency: string;
      lines: { line: string; title: string; why: string; orders: number; net_sales: components['schemas']['Money'] }[];
      total: { orders: number; net_sales: components['schemas']['Money'] };
      left_out: { line: string; title: string; why: string; orders: number; amount: components['schemas']['Money'] }[];
    };
    OrderList: {
      orders: {
        shopify_order_id: string;
        name: string;
        ordered_at: string;
        line: string;
        net_sales: components['schemas']['Money'];
        evidence?: string | null;
        recovered: boolean;
        campaign?: components['schemas']['CampaignName'] | null;
      }[];
      next_cursor?: string | null;
    };
    Candidate: {
      message_id: string;
      campaign: components['schemas']['CampaignName'];
      kind: string;
      class: string;
      evidence_at: string;
      age_seconds: number;
      window_seconds?: number | null;
      holds: boolean;
      outcome: 'won' | 'lost' | 'outside_window';
      why: string;
      code?: string | null;
      click_id?: string | null;
      message: {
        issued_at?: string | null;
        sent_at?: string | null;
        delivered_at?: string | null;
        read_at?: string | null;
        failed_at?: string | null;
      };
    };
    Receipt: {
      order: {
        shopify_order_id: string;
        name: string;
        ordered_at: string;
        source_name?: string | null;
        financial_status?: string | null;
        cancelled_at?: string | null;
        test: boolean;
        gross: components['schemas']['Money'];
        discounts: components['schemas']['Money'];
        returns: components['schemas']['Money'];
        net_sales: components['schemas']['Money'];
        shipping: components['schemas']['Money'];
        tax: components['schemas']['Money'];
        tips: components['schemas']['Money'];
        gift_cards: components['schemas']['Money'];
        total: components['schemas']['Money'];
      };
      policy: { name: string; version: number | string };
      verdict: { line: string; sentence: string };
      winner?: components['schemas']['Candidate'] | null;
      candidates: components['schemas']['Candidate'][];
      recovered?: {
        message_id: string;
        checkout_token?: string | null;
        abandoned_at: string;
        sentence: string;
      } | null;
      credits: {
        model: string;
        message_id?: string | null;
        campaign?: components['schemas']['CampaignName'] | null;
        credit: components['schemas']['Money'];
      }[];
      versions: { effective_at: string; line: string; net_sales: components['schemas']['Money']; why: string }[];
    };
    CampaignList: {
      campaigns: {
        id: string;
        name: string;
        kind: string;
        offer_text?: string | null;
        created_at: string;
        archived_at?: string | null;
        holdout: number | string;
        drawn: number;
        held_out: number;
        issued: number;
        delivered: number;
        clicked: number;
        orders: number;
        attributed: components['schemas']['Money'];
        pool: { imported: number; pending: number };
      }[];
      next_cursor?: string | null;
    };
  };
}
