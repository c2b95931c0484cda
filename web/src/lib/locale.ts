// Which language's numbers and dates the merchant reads: the admin's, else the browser's.
export const locale = (): string => {
  const asked = globalThis.window?.shopify?.config?.locale ?? globalThis.navigator?.language ?? 'en';
  try {
    return Intl.getCanonicalLocales(asked)[0] ?? 'en';
  } catch {
    return 'en';
  }
};
