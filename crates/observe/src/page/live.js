// The live page: verdicts as they come, the walk of one of them, the ways that all of them went.
// Whatever comes from a request is shown as text (textContent); nothing is ever parsed as markup but our own drawings.
'use strict';

(() => {
  const KEPT = 2000, SHOWN = 300, TICK = 400, POLL = 2000, MAP = 5000, WINDOW = 60000, BARS = 60;
  const $ = id => document.getElementById(id);
  const list = $('list'), rows = $('rows'), detail = $('detail'), filters = $('filters');

  // ---- small things

  const el = (name, options = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(options)) {
      if (key === 'class') made.className = value;
      else if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
      else made.setAttribute(key, value);
    }
    made.append(...children.filter(child => child !== null && child !== undefined));
    return made;
  };
  const grouped = number => Math.round(number).toLocaleString('en');
  const perSecond = number => number >= 100 ? grouped(number) : number >= 9.95 ? number.toFixed(0) : number.toFixed(1);
  const plural = (number, one) => `${grouped(number)} ${one}${number === 1 ? '' : 's'}`;
  const micros = us => us < 1000 ? `${us.toFixed(0)} µs` : us < 1e6 ? `${(us / 1000).toPrecision(3)} ms` : `${(us / 1e6).toPrecision(3)} s`;
  const octets = n => n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1e3).toPrecision(3)} kB` : n < 1e9 ? `${(n / 1e6).toPrecision(3)} MB` : `${(n / 1e9).toPrecision(3)} GB`;
  const classOf = status => Math.floor(status / 100);
  const get = async path => {
    const answer = await fetch(path, { cache: 'no-cache' });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer;
  };

  // ---- what is known

  let verdicts = [];        // the newest first
  let waiting = [];         // came while the list was held
  let highest = 0, started, missed = 0, chosen = null, paused = false, over = false, connected = false;

  const held = () => paused || over;

  function showState() {
    const state = $('state');
    const [name, text] = !connected ? ['gone', 'reconnecting'] : paused ? ['held', 'paused'] : over ? ['held', 'held'] : ['live', 'live'];
    const more = held() && waiting.length ? ` · ${grouped(waiting.length)} new` : '';
    state.dataset.state = name;
    if (state.textContent !== text + more) state.textContent = text + more;
    state.title = over && !paused ? 'While you point at the list it holds still' : '';
  }

  // ---- filters

  const wanted = { status: '', cause: '', path: '', client: '' };
  const statusForm = /^[1-5](xx|\d\d)$/i;

  function readFilters() {
    for (const name of Object.keys(wanted)) {
      const input = filters.elements[name];
      wanted[name] = input.value.trim();
      const wrong = name === 'status' && wanted.status !== '' && !/^[1-5]([x\d][x\d]?)?$/i.test(wanted.status);
      input.classList.toggle('used', wanted[name] !== '' && !wrong);
      input.classList.toggle('wrong', wrong);
      input.setAttribute('aria-invalid', wrong);
    }
    $('clear').disabled = !Object.values(wanted).some(Boolean);
    const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
    history.replaceState(null, '', query.size ? `#${query}` : location.pathname);
  }

  // a status may be typed digit by digit: 4 means 4xx, 40 means 40x
  const fits = v => (!wanted.status || String(v.status).startsWith(wanted.status.replace(/x/gi, '')))
    && (!wanted.cause || v.cause.includes(wanted.cause))
    && (!wanted.path || v.target.includes(wanted.path))
    && (!wanted.client || v.client.startsWith(wanted.client));

  // what has long been driven out here may still be known to the server
  async function lookFurther() {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(wanted)) {
      if (value && (name !== 'status' || statusForm.test(value))) query.set(name, value);
    }
    if (!query.size) return;
    const asked = JSON.stringify(wanted);
    try {
      const found = (await (await get(`recent.json?${query}`)).json()).verdicts;
      if (asked !== JSON.stringify(wanted)) return;
      const known = new Set([...verdicts, ...waiting].map(v => v.number));
      // those that are newer than all here come by the stream
      const more = found.filter(v => v.number <= highest && !known.has(v.number));
      if (!more.length) return;
      verdicts = [...verdicts, ...more].sort((a, b) => b.number - a.number).slice(0, 2 * KEPT);
      render();
    } catch { /* the state says that the server is gone */ }
  }

  // ---- the list

  function row(v, fresh) {
    const button = el('button', { type: 'button', 'aria-label': `${v.status}, ${v.cause}: show why` }, String(v.status));
    const status = el('td', { class: 's' }, button);
    if (v.one_of > 1) status.append(el('small', { title: `One of ${grouped(v.one_of)} like it is shown` }, `×${grouped(v.one_of)}`));
    const made = el('tr', { class: `k${classOf(v.status)}${v.broken ? ' broken' : ''}${fresh ? ' new' : ''}` },
      el('td', { class: 't' }, v.time.slice(11, 23)), status, el('td', { class: 'm' }, v.method || '–'),
      el('td', { class: 'p', title: v.target }, v.target || '–'), el('td', { class: 'c', title: v.cause }, v.cause),
      el('td', { class: 'r', title: v.rule || '' }, v.rule || ''), el('td', { class: 'a' }, v.client), el('td', { class: 'u' }, grouped(v.micros)));
    made.verdict = v;
    if (chosen && chosen.number === v.number) made.classList.add('chosen');
    return made;
  }

  function render() {
    const focus = rows.contains(document.activeElement) ? document.activeElement.closest('tr').verdict.number : null;
    const fitting = verdicts.filter(fits);
    rows.replaceChildren(...fitting.slice(0, SHOWN).map(v => row(v, false)));
    if (focus !== null) [...rows.children].find(tr => tr.verdict.number === focus)?.querySelector('button').focus();
    count(fitting.length);
  }

  function count(fitting) {
    const filtered = Object.values(wanted).some(Boolean);
    const parts = [filtered ? `${grouped(fitting)} of ${grouped(verdicts.length)}` : plural(verdicts.length, 'verdict')];
    if (fitting > SHOWN) parts.push(`the newest ${SHOWN} shown`);
    if (missed) parts.push(`${grouped(missed)} missed`);
    $('count').textContent = parts.join(' · ');
    const nothing = $('nothing');
    nothing.hidden = fitting > 0;
    nothing.textContent = verdicts.length ? 'Nothing fits these filters.' : 'Nothing has been answered yet.';
  }

  // what has come is shown a few times a second, all of it at once
  function flush() {
    if (!waiting.length) return;
    if (held()) {
      if (waiting.length > KEPT) missed += waiting.splice(0, waiting.length - KEPT).length;
      return showState();
    }
    const come = waiting.reverse();
    waiting = [];
    verdicts = come.concat(verdicts).slice(0, KEPT);
    const fitting = come.filter(fits).slice(0, SHOWN);
    if (fitting.length) {
      rows.prepend(...fitting.map(v => row(v, true)));
      while (rows.children.length > SHOWN) rows.lastElementChild.remove();
    }
    count(verdicts.filter(fits).length);
    showState();
  }

  // ---- the walk of one verdict

  const pair = (name, value) => value === null || value === undefined || value === '' ? [] : [el('dt', {}, name), el('dd', {}, String(value))];

  const facts = pairs => el('dl', { class: 'facts' }, ...pairs.flatMap(([name, value]) => pair(name, value)));

  function questions(walk) {
    const all = el('div');
    let block = null, into = null, number = 0;
    for (const q of walk.questions) {
      if (q.block !== block) {
        block = q.block;
        all.append(el('h3', { class: 'block' }, block), into = el('ol', { class: 'walk' }));
      }
      number += 1;
      const last = number === walk.questions.length;
      into.append(el('li', last ? { class: 'cause' } : {},
        el('span', { class: 'n' }, String(number)), el('span', { class: q.answer ? 'yn yes' : 'yn' }, q.answer ? '● yes' : '○ no'),
        el('p', {}, q.asks, el('small', {}, `${q.id} · ${q.section}`))));
      if (q.says) into.append(el('li', { class: 'says' }, `→ ${q.says}, and on`));
    }
    return all;
  }

  async function open(v) {
    chosen = v;
    for (const tr of rows.children) tr.classList.toggle('chosen', tr.verdict.number === v.number);
    const [whole, walk] = await Promise.all([
      get(`verdict/${v.number}.json`).then(answer => answer.json()).catch(() => v),
      get(`walk/${v.because}.json`).then(answer => answer.json()).catch(() => null),
    ]);
    if (chosen !== v) return;
    const close = el('button', { type: 'button', class: 'close', 'aria-label': 'Close', onclick: shut }, '×');
    const reason = walk && walk.status === v.status ? walk.reason : whole.title || '';
    detail.replaceChildren(close, el('h2', {}, el('b', { class: `k${classOf(v.status)}` }, String(v.status)), reason));
    if (whole.sentence) detail.append(el('p', { class: 'why' }, el('i', {}, 'because'), ` ${whole.sentence}.`));
    else if (walk) {
      const q = walk.questions.at(-1);
      detail.append(el('p', { class: 'why' }, q.asks, ' ', el('i', {}, q.answer ? 'Yes.' : 'No.')));
    }
    if (whole.title && whole.title !== reason) detail.append(el('p', { class: 'note' }, el('b', {}, whole.title)));
    if (whole.lasts) {
      const word = { temporary: 'Temporary: ', permanent: 'Permanent: ' }[whole.permanence] || '';
      detail.append(el('p', { class: 'note' }, el('b', {}, word), whole.lasts), el('p', { class: 'note' }, whole.remedy));
    }
    detail.append(facts([
      ['When', `${v.time.slice(0, 10)} ${v.time.slice(11, 23)} UTC`], ['Request', `${v.method || '–'} ${v.target || '–'}`], ['Host', v.host],
      ['Client', v.client], ['User', v.user], ['Decided by', v.rule], ['Took', `${micros(v.micros)}${compared(v.micros)}`],
      ['Content', `${octets(v.octets)}${v.broken ? ', broken off' : ''}`], ['Id', v.id === '-' ? '' : v.id], ['In words', `because why ${v.because}`],
    ]));
    const special = Object.entries(whole.record?.facts || {});
    if (special.length) detail.append(el('details', { open: '' }, el('summary', {}, 'What was special', el('small', {}, plural(special.length, 'fact'))), facts(special)));
    if (walk) {
      detail.append(el('details', { open: '' }, el('summary', {}, 'What was asked', el('small', {}, plural(walk.questions.length, 'question'))), questions(walk)));
      const place = el('div', { class: 'drawing' });
      detail.append(el('details', { ontoggle: event => event.target.open && draw(place, `walk/${v.because}.svg`).catch(() => {}) }, el('summary', {}, 'As a drawing'), place));
    }
    if (whole.record) {
      const head = [['', `${whole.record.method} ${whole.record.target} ${whole.record.version}`], ...whole.record.fields];
      detail.append(el('details', {}, el('summary', {}, 'What was sent', el('small', {}, plural(whole.record.fields.length, 'field'))), facts(head)));
    }
    detail.hidden = false;
    detail.scrollTop = 0;
    detail.focus({ preventScroll: true });
  }

  function shut() {
    const number = chosen?.number;
    chosen = null;
    detail.hidden = true;
    for (const tr of rows.children) {
      tr.classList.remove('chosen');
      if (tr.verdict.number === number) tr.querySelector('button').focus({ preventScroll: true });
    }
  }

  // ---- drawings: our own, parsed as images are, in a tree of their own so that their style stays with them

  async function draw(place, path) {
    // its style is taken out first: as an element of this page it would be refused
    const [before, style = '', after = ''] = (await (await get(path)).text()).split(/<\/?style>/);
    const parsed = new DOMParser().parseFromString(before + after, 'image/svg+xml').documentElement;
    if (parsed.localName !== 'svg') throw new Error(`${path} is no drawing`);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`${style}.paper{fill:none}svg{display:block;max-width:none}`);
    const svg = document.importNode(parsed, true);
    const root = place.shadowRoot || place.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    if (!place.dataset.ready) {
      place.dataset.ready = '1';
      root.addEventListener('click', event => {
        const link = event.target.closest('a');
        if (!link) return;
        event.preventDefault();
        root.getElementById(link.getAttribute('href').slice(1))?.scrollIntoView({ block: 'center', inline: 'center', behavior: 'smooth' });
      });
    }
    const wide = svg.viewBox.baseVal.width;
    if (place.id === 'map') size(svg, wide);
    else svg.setAttribute('width', '100%'), svg.removeAttribute('height');
    root.replaceChildren(svg);
    return svg;
  }

  // ---- the ways

  let scale = null, mapTimer = null;

  function size(svg, wide) {
    const fit = Math.max(0.25, ($('map').clientWidth - 4) / wide);
    const now = scale ?? fit;
    svg.setAttribute('width', Math.round(wide * now));
    svg.setAttribute('height', Math.round(svg.viewBox.baseVal.height * now));
  }

  function zoom(factor) {
    const svg = $('map').shadowRoot?.querySelector('svg');
    if (!svg) return;
    const map = $('map'), wide = svg.viewBox.baseVal.width;
    const now = svg.getAttribute('width') / wide;
    const x = (map.scrollLeft + map.clientWidth / 2) / now, y = (map.scrollTop + map.clientHeight / 2) / now;
    scale = factor === null ? null : Math.min(2, Math.max(0.2, now * factor));
    size(svg, wide);
    const then = svg.getAttribute('width') / wide;
    map.scrollTo(x * then - map.clientWidth / 2, y * then - map.clientHeight / 2);
  }

  async function refreshMap() {
    clearTimeout(mapTimer);
    if ($('ways').hidden || document.hidden) return;
    try { await draw($('map'), 'graph.svg'); } catch { /* the state says that the server is gone */ }
    mapTimer = setTimeout(refreshMap, MAP);
  }

  // ---- totals

  let samples = [];
  const bars = [];

  // how long so much of them took at most, from counts by span; within a span as if they were spread evenly
  function quantile(counts, spans, part) {
    const all = counts.reduce((sum, n) => sum + n, 0);
    if (!all) return null;
    let rest = part * all;
    for (let i = 0; i < counts.length; i += 1) {
      if (counts[i] && rest <= counts[i]) {
        const from = i ? spans[i - 1] : 0, to = i < spans.length ? spans[i] : from;
        return from + (to - from) * (rest / counts[i]);
      }
      rest -= counts[i];
    }
    return spans.at(-1);
  }

  function compared(us) {
    const now = samples.at(-1);
    if (!now) return '';
    const half = quantile(now.latency, now.spans, 0.5);
    return half === null ? '' : ` (half of all take ${micros(half)} at most)`;
  }

  async function poll() {
    if (document.hidden) return;
    let now;
    try { now = await (await get('totals.json')).json(); } catch { return; }
    const before = samples.at(-1);
    if (before && (now.started !== before.started || now.walks < before.walks || now.moment - before.moment > WINDOW)) samples = [];
    if (samples.length && now.moment <= samples.at(-1).moment) return;
    samples.push(now);
    while (samples.length > 2 && now.moment - samples[0].moment > WINDOW) samples.shift();
    $('open').textContent = grouped(now.connections);
    $('walked').textContent = `${plural(now.walks, 'walk')} since ${now.started ? new Date(now.started * 1000).toISOString().slice(0, 16).replace('T', ' ') + ' UTC' : 'the start'}`;
    names(now.causes);
    if (samples.length < 2) return;
    const last = samples.at(-2), seconds = (now.moment - last.moment) / 1000;
    bars.push(now.answers.map((n, i) => (n - last.answers[i]) / seconds));
    if (bars.length > BARS) bars.shift();
    chart();
    const few = samples[Math.max(0, samples.length - 4)], span = (now.moment - few.moment) / 1000;
    const rates = now.answers.map((n, i) => (n - few.answers[i]) / span);
    $('rate').textContent = perSecond(rates.reduce((a, b) => a + b, 0));
    for (const digit of [2, 3, 4, 5]) {
      const place = $(`r${digit}`), rate = rates[digit - 1];
      place.textContent = perSecond(rate);
      place.parentElement.classList.toggle('none', rate === 0);
    }
    const minute = now.latency.map((n, i) => n - samples[0].latency[i]);
    for (const [id, part] of [['p50', 0.5], ['p99', 0.99]]) {
      const value = quantile(minute, now.spans, part);
      $(id).textContent = value === null ? '–' : micros(value);
    }
  }

  function chart() {
    const most = Math.max(1, ...bars.map(bar => bar.reduce((a, b) => a + b, 0)));
    const drawn = [];
    bars.forEach((bar, place) => {
      let y = 40;
      bar.forEach((rate, i) => {
        if (rate <= 0) return;
        const high = Math.max(0.6, rate / most * 38);
        y -= high;
        const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
        rect.setAttribute('class', `f${i + 1}`);
        rect.setAttribute('x', BARS - bars.length + place + 0.1);
        rect.setAttribute('y', y);
        rect.setAttribute('width', 0.8);
        rect.setAttribute('height', high);
        drawn.push(rect);
      });
    });
    $('chart').replaceChildren(...drawn);
    $('chart').setAttribute('aria-label', `Answers a second over the last two minutes, at most ${perSecond(most)}`);
  }

  let named = '';
  function names(causes) {
    const all = [...new Set(causes.sort((a, b) => b.count - a.count).map(c => c.cause))];
    if (all.join() === named) return;
    named = all.join();
    $('causes').replaceChildren(...all.map(cause => el('option', { value: cause })));
  }

  // ---- the stream

  let source = null;

  async function begin() {
    source?.close();
    verdicts = []; waiting = []; highest = 0; missed = 0;
    try {
      const recent = await (await get('recent.json')).json();
      verdicts = recent.verdicts;
      highest = recent.up_to;
      connected = true;
    } catch {
      connected = false;
      showState();
      setTimeout(begin, 3000);
      return;
    }
    render();
    showState();
    listen();
  }

  function listen() {
    source = new EventSource(`events?since=${highest}`);
    source.onopen = () => { connected = true; showState(); };
    source.onerror = () => {
      connected = false;
      showState();
      // the browser comes again by itself, unless it was answered with an error
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
    };
    source.addEventListener('server', event => {
      const server = JSON.parse(event.data);
      if (started !== undefined && started !== server.started) { started = server.started; begin(); return; }
      started = server.started;
    });
    source.addEventListener('missed', event => { missed += Number(event.data); });
    source.onmessage = event => {
      const v = JSON.parse(event.data);
      if (v.number <= highest) return;
      highest = v.number;
      waiting.push(v);
    };
  }

  // ---- hands

  rows.addEventListener('click', event => {
    const tr = event.target.closest('tr');
    if (tr && !String(getSelection())) open(tr.verdict);
  });
  rows.addEventListener('keydown', event => {
    const tr = event.target.closest('tr');
    const to = { ArrowDown: tr?.nextElementSibling, ArrowUp: tr?.previousElementSibling, Home: rows.firstElementChild, End: rows.lastElementChild }[event.key];
    if (!to) return;
    event.preventDefault();
    to.querySelector('button').focus();
  });
  document.addEventListener('keydown', event => { if (event.key === 'Escape' && !detail.hidden) shut(); });

  const hold = on => { over = on; if (!on) flush(); showState(); };
  list.addEventListener('pointerenter', event => event.pointerType === 'mouse' && hold(true));
  list.addEventListener('pointerleave', () => hold(rows.contains(document.activeElement) && document.activeElement.matches(':focus-visible')));
  list.addEventListener('focusin', event => event.target.matches(':focus-visible') && hold(true));
  list.addEventListener('focusout', () => !list.matches(':hover') && hold(false));

  $('pause').addEventListener('click', () => {
    paused = !paused;
    $('pause').setAttribute('aria-pressed', paused);
    $('pause').textContent = paused ? 'Go on' : 'Pause';
    flush();
    showState();
  });

  let further = null;
  const filter = () => {
    readFilters();
    render();
    clearTimeout(further);
    further = setTimeout(lookFurther, 300);
  };
  filters.addEventListener('input', filter);
  filters.addEventListener('reset', () => setTimeout(filter));
  filters.addEventListener('submit', event => event.preventDefault());

  const tabs = [$('tab-verdicts'), $('tab-ways')];
  function select(tab) {
    for (const other of tabs) {
      const on = other === tab;
      other.setAttribute('aria-selected', on);
      other.tabIndex = on ? 0 : -1;
      $(other.getAttribute('aria-controls')).hidden = !on;
    }
    refreshMap();
  }
  tabs.forEach((tab, place) => {
    tab.addEventListener('click', () => select(tab));
    tab.addEventListener('keydown', event => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      const other = tabs[1 - place];
      select(other);
      other.focus();
    });
  });
  $('larger').addEventListener('click', () => zoom(1.25));
  $('smaller').addEventListener('click', () => zoom(0.8));
  $('fit').addEventListener('click', () => zoom(null));
  addEventListener('resize', () => scale === null && zoom(null));
  document.addEventListener('visibilitychange', () => { if (!document.hidden) { poll(); refreshMap(); } });

  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    if (name in wanted) filters.elements[name].value = value;
  }
  readFilters();
  setInterval(flush, TICK);
  setInterval(poll, POLL);
  poll();
  begin();
})();
