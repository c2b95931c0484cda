// A stand-in for App Bridge in the pretend admin: a classic, blocking script that defines window.shopify.
(function () {
  var script = document.currentScript;
  var meta = document.querySelector('meta[name="shopify-api-key"]');
  var query = new URLSearchParams(location.search);
  var kept = {};
  try { kept = JSON.parse(sessionStorage.getItem('pretend-shopify') || '{}'); } catch (e) { kept = {}; }
  var shop = query.get('shop') || kept.shop || '__SHOP__';
  var host = query.get('host') || kept.host || '';
  try { sessionStorage.setItem('pretend-shopify', JSON.stringify({ shop: shop, host: host })); } catch (e) { /* blocked */ }
  function idToken() {
    return fetch('__ORIGIN__/admin/id-token?shop=' + encodeURIComponent(shop), { cache: 'no-store' })
      .then(function (answer) { return answer.json(); })
      .then(function (body) { return body.id_token; });
  }
  var nothing = function () {};
  window.shopify = {
    config: { apiKey: (meta && meta.content) || (script && script.dataset.apiKey) || '', shop: shop, host: host, locale: 'en' },
    origin: '__ORIGIN__',
    ready: Promise.resolve(),
    environment: { embedded: window.top !== window.self, mobile: false, pos: false, intent: false },
    idToken: idToken,
    user: function () { return Promise.resolve({}); },
    loading: nothing,
    toast: { show: function (message) { console.info('[toast] ' + message); }, hide: nothing },
    modal: { show: nothing, hide: nothing, toggle: nothing },
    saveBar: { show: nothing, hide: nothing, toggle: nothing, leaveConfirmation: function () { return Promise.resolve(); } },
    resourcePicker: function () { return Promise.resolve(undefined); },
    webVitals: { onReport: nothing }
  };
  // App Bridge adds the ID token to every fetch to the app's own origin.
  var plain = window.fetch.bind(window);
  window.fetch = function (input, init) {
    var request = new Request(input, init);
    if (new URL(request.url).origin !== location.origin || request.headers.has('authorization')) return plain(request);
    return idToken().then(function (token) {
      request.headers.set('authorization', 'Bearer ' + token);
      return plain(request);
    });
  };
  // The bounce page: fetch a token and load the page it came from again, with it.
  var reload = query.get('shopify-reload');
  if (reload) {
    idToken().then(function (token) {
      var target = new URL(reload, location.origin);
      if (target.origin !== location.origin) return;
      target.searchParams.set('id_token', token);
      location.replace(target.toString());
    });
  }
})();
