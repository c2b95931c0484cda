// The names the pages use for what the API answers, drawn out of the paths so that they survive a new `schema.ts`.
import type { paths } from './schema';

type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer T } } } };
}
  ? T
  : never;

export type Shop = Answer<'/api/shop'>;
export type Summary = Answer<'/api/reports/summary'>;
export type Ledger = Answer<'/api/reports/ledger'>;
export type Kpis = Answer<'/api/reports/kpis'>;
export type Kpi = Kpis['kpis'][number];
export type KpiFigure = Kpi['before'];
export type Claims = Answer<'/api/reports/claims'>;
export type Journeys = Answer<'/api/reports/journeys'>;
export type Cohorts = Answer<'/api/reports/cohorts'>;
export type SearchHit = Answer<'/api/search'>['hits'][number];
export type Agreement = Answer<'/api/reports/agreement'>;
export type AgreementDay = Agreement['days'][number];
export type OrderList = Answer<'/api/orders'>;
export type OrderRow = OrderList['orders'][number];
export type Receipt = Answer<'/api/orders/{id}/receipt'>;
export type Candidate = Receipt['candidates'][number];
export type Policies = Answer<'/api/policies'>;
export type Policy = paths['/api/policies']['post']['requestBody']['content']['application/json'];
export type Comparison = Answer<'/api/reports/policies'>;
export type PolicyPreview = paths['/api/policies/preview']['post']['responses'][200]['content']['application/json'];
export type CampaignList = Answer<'/api/campaigns'>;
export type Campaign = CampaignList['campaigns'][number];
export type CampaignView = Answer<'/api/campaigns/{id}'>;
export type NewCampaign = paths['/api/campaigns']['post']['requestBody']['content']['application/json'];
export type CampaignChange = paths['/api/campaigns/{id}']['patch']['requestBody']['content']['application/json'];
export type Preview = paths['/api/campaigns/preview']['post']['responses'][200]['content']['application/json'];
export type Alarm = Answer<'/api/codes/alarms'>['alarms'][number];
export type CampaignCodes = Answer<'/api/campaigns/{id}/codes'>;
export type CodeView = Answer<'/api/codes/{code}'>;
export type MessageLine = Answer<'/api/campaigns/{id}/messages'>['messages'][number];
export type LinksReport = Answer<'/api/reports/links'>;
export type LinkChoice = paths['/api/settings/links']['put']['requestBody']['content']['application/json'];
export type LinkSettings = Answer<'/api/settings/links'>;
export type Rate = Answer<'/api/settings/rates'>['rates'][number];
export type Costs = Answer<'/api/reports/costs'>;
export type HitCounts = LinksReport['total'];
export type Timeline = Answer<'/api/messages/{id}/timeline'>;
export type Moment = Timeline['moments'][number];
export type AbandonedCheckout = Answer<'/api/checkouts'>['checkouts'][number];
export type CheckoutStory = Answer<'/api/checkouts/{token}'>;
export type CheckoutMoment = CheckoutStory['moments'][number];
export type Money = Summary['net_sales'];
export type Sources = Answer<'/api/shop/sources'>;
export type Backfill = NonNullable<Sources['backfill']>;
export type Delivery = Answer<'/api/deliveries'>['deliveries'][number];
export type PrivacyRequest = Answer<'/api/privacy/requests'>['requests'][number];
export type Access = Answer<'/api/privacy/access'>['readings'][number];
export type RetentionClass = Answer<'/api/privacy/retention'>['classes'][number];
export type Key = Answer<'/api/keys'>['keys'][number];
export type KeyScope = Key['scopes'][number];
export type Webhook = Answer<'/api/webhooks'>['webhooks'][number];
export type WebhookEvent = Webhook['events'][number];
export type WebhookDelivery = Answer<'/api/webhooks/{id}/deliveries'>['deliveries'][number];
export type Health = Answer<'/api/health'>;
export type SourceHealth = Health['sources'][number];
export type GapHealth = Health['gaps'][number];
export type PoolHealth = Health['pools'][number];
export type FailedJob = Health['failed_jobs'][number];
