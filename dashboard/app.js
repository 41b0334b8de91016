// The dashboard: asks the API that lies beside this page, and draws what it says. No library, no build.
// Texts from outside only ever become text nodes, so that nothing in the data can be markup.

const KEY = "dashboard-key";
const TOKEN = "dashboard-token";
const DAY = 86_400_000;
const SVG = "http://www.w3.org/2000/svg";
const ALL = "all";

const byId = (id) => document.getElementById(id);
const shared = { currency: "USD", first: null, last: null };

// ---------------------------------------------------------------- elements

/** An element: h("td", {class: "number"}, "12"). Attributes that are null or false are left away. */
function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same in SVG. */
function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A bar whose length is a share (0 to 1) of its track. */
function meter(share, name = "share") {
  const bar = h("i");
  bar.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return h("span", { class: name, "aria-hidden": "true" }, bar);
}

/** A table: columns are [title, cell(row), class]; the first cell of a row is its head. */
function table(caption, columns, rows) {
  const cell = (row) => ([, of, kind], place) =>
    place === 0 ? h("th", { scope: "row", class: kind }, of(row)) : h("td", { class: kind }, of(row));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {},
      h("caption", { class: "visually-hidden" }, caption),
      h("thead", {}, h("tr", {}, columns.map(([title, , kind]) => h("th", { scope: "col", class: kind }, title)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, columns.map(cell(row)))))));
}

// ---------------------------------------------------------------- words and numbers

const LOCALE = "en-GB";
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const inPercent = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 });
const toTenths = new Intl.NumberFormat(LOCALE, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const short = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const dayFormat = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", timeZone: "UTC" });
const yearFormat = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const longDay = new Intl.DateTimeFormat(LOCALE, { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const timeFormat = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

const count = (value) => whole.format(value);
const percent = (value) => (value === null ? "–" : inPercent.format(value));
const rate = (value) => (value === null ? "–" : toTenths.format(value));
const fullDay = (text) => yearFormat.format(new Date(text));
const onDay = (text) => dayFormat.format(new Date(text));
const atTime = (text) => timeFormat.format(new Date(text));
const between = (period) => `${onDay(period.from)} – ${onDay(period.to)}`;
const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
const human = (name) => String(name).replaceAll("_", " ");

function money(value, digits = 0) {
  const form = { style: "currency", currency: shared.currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(LOCALE, form).format(value);
}

function took(seconds) {
  if (seconds === null) return "–";
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

const iso = (time) => new Date(time).toISOString().slice(0, 10);

// ---------------------------------------------------------------- the API

/** What the API refused, or that it could not be reached. */
class Refused extends Error {
  constructor(status, error) {
    super(error.message);
    Object.assign(this, { status, code: error.code, parameter: error.parameter, requestId: error.request_id });
  }
}

async function ask(path, query = {}, signal = undefined) {
  const address = new URL(`api/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) if (value !== null) address.searchParams.set(name, value);
  const headers = { "x-api-key": sessionStorage.getItem(KEY) ?? "" };
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.Authorization = token;
  let response;
  try {
    response = await fetch(address, { headers, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { code: "Unreachable", message: "The API cannot be reached. Is the network there, and is the lakehouse up?" });
  }
  const document_ = await response.json().catch(() => ({}));
  if (response.ok) return document_;
  const fallback = { code: "Refused", message: document_.message ?? `The API answered ${response.status}.` };
  throw new Refused(response.status, document_.error ?? fallback);
}

// ---------------------------------------------------------------- the key

const QUESTIONS = {
  401: "The sign-in is missing or has ended: paste a new identity token.",
  403: "The API does not know this key.",
};

/** Ask for the key; the page starts again with it. */
function askForKey(status = null) {
  const problem = byId("key-problem");
  problem.hidden = !(status in QUESTIONS);
  problem.textContent = QUESTIONS[status] ?? "";
  if (status === 401) byId("person").hidden = false;
  if (!byId("ask").open) byId("ask").showModal();
  byId(status === 401 ? "token" : "key").focus();
}

byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, byId("key").value.trim());
  if (byId("token").value) sessionStorage.setItem(TOKEN, byId("token").value.trim());
  byId("ask").close();
  start();
});
// without a key there is nothing behind the question
byId("ask").addEventListener("cancel", (event) => { if (!sessionStorage.getItem(KEY)) event.preventDefault(); });
byId("forget").addEventListener("click", () => {
  sessionStorage.removeItem(KEY);
  sessionStorage.removeItem(TOKEN);
  byId("key").value = byId("token").value = "";
  byId("panels").hidden = byId("filters").hidden = true;
  askForKey();
});

// ---------------------------------------------------------------- states of a panel

const skeleton = (lines = 4) => Array.from({ length: lines }, () => h("div", { class: "skeleton" }));

function state(title, text, action = null) {
  return h("div", { class: "state" }, h("p", {}, h("strong", {}, title)), h("p", { class: "muted" }, text), action);
}

const TITLES = { NoDataYet: "Nothing to show yet", TooSlow: "It takes too long", BadParameter: "That cannot be asked" };
const TO_DO = {
  NoDataYet: "The figures appear when the pipeline has run for the first time: bring files to the landing zone, and let the transform run.",
};

function failure(error, again) {
  const id = error.requestId ? ` Request id: ${error.requestId}` : "";
  const text = TO_DO[error.code] ?? `${error.message}${id}`;
  return state(TITLES[error.code] ?? "This could not be loaded", text, h("button", { type: "button", onclick: again }, "Try again"));
}

// ---------------------------------------------------------------- charts

/** Round steps of an axis from 0 to at least the greatest value. */
function ticks(greatest, wanted = 4) {
  if (!(greatest > 0)) return [0, 1];
  const rough = greatest / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  return Array.from({ length: Math.ceil(greatest / step) + 1 }, (_, place) => place * step);
}

/** Every day of a period, with the figures that there are. */
function everyDay(period, rows) {
  const known = new Map(rows.map((row) => [row.day, row]));
  const first = Date.parse(period.from);
  const days = Math.round((Date.parse(period.to) - first) / DAY) + 1;
  return Array.from({ length: days }, (_, place) => {
    const day = iso(first + place * DAY);
    return { day, ...(known.get(day) ?? { orders: 0, units: 0, revenue: "0" }) };
  });
}

/** Draws anew when the width changes; `draw` is given the width. */
function drawn(container, draw) {
  let width = 0;
  new ResizeObserver(() => {
    const now = Math.floor(container.clientWidth);
    if (now && now !== width) draw((width = now));
  }).observe(container);
}

const MOST_BARS = 62;

/** Revenue of each day as bars (or, of many days, as an area), the period before as a dashed line. */
function revenueChart(data) {
  const days = everyDay(data.period, data.days);
  const before = everyDay(data.before, data.days_before);
  const values = days.map((row) => Number(row.revenue));
  const earlier = before.map((row) => Number(row.revenue));
  const scale = ticks(Math.max(...values, ...earlier));
  const top = scale.at(-1);
  const label = `Revenue by day, ${between(data.period)}, and of the period before. The arrow keys go from day to day.`;
  const tip = h("div", { class: "tip", hidden: true });
  const spoken = h("p", { class: "visually-hidden", "aria-live": "polite" });
  const chart = h("div", { class: "chart", tabindex: "0", role: "group", "aria-roledescription": "chart", "aria-label": label });
  const height = 260, left = 48, bottom = 26, above = 10;
  let chosen = null, show = () => {};
  const compared = data.before.to >= shared.first;
  const told = (place) => [
    longDay.format(new Date(days[place].day)),
    `${money(days[place].revenue, 2)} · ${plural(days[place].orders, "order")}`,
    compared ? `before: ${money(earlier[place], 2)} (${onDay(before[place].day)})` : "no data of a day before",
  ];

  drawn(chart, (width) => {
    const inner = width - left - 4, high = height - bottom - above, slot = inner / days.length;
    const x = (place) => left + (place + 0.5) * slot;
    const y = (value) => above + high * (1 - value / top);
    const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    for (const value of scale) {
      svg.append(s("line", { class: "grid", x1: left, x2: width - 4, y1: y(value), y2: y(value) }),
        s("text", { class: "axis", x: left - 8, y: y(value) + 4, "text-anchor": "end" }, short.format(value)));
    }
    const every = Math.max(1, Math.ceil(days.length / Math.max(2, Math.floor(inner / 84))));
    days.forEach((row, place) => {
      if (place % every === 0) svg.append(s("text", { class: "axis", x: x(place), y: height - 6, "text-anchor": "middle" }, onDay(row.day)));
    });
    const path = (list) => list.map((value, place) => `${place ? "L" : "M"}${x(place).toFixed(1)},${y(value).toFixed(1)}`).join("");
    const bars = [];
    if (days.length <= MOST_BARS) {
      const wide = Math.min(40, slot * 0.72);
      values.forEach((value, place) => {
        bars.push(s("rect", { class: "bar", x: x(place) - wide / 2, y: y(value), width: wide, height: Math.max(0, y(0) - y(value)), rx: Math.min(3, wide / 4) }));
      });
      svg.append(...bars);
    } else {
      svg.append(s("path", { class: "area", d: `${path(values)}L${x(days.length - 1)},${y(0)}L${x(0)},${y(0)}Z` }), s("path", { class: "line", d: path(values) }));
    }
    if (compared) svg.append(s("path", { class: "line halo", d: path(earlier) }), s("path", { class: "line before", d: path(earlier) }));
    const cursor = s("line", { class: "cursor", y1: above, y2: y(0), visibility: "hidden" });
    svg.append(cursor);

    show = (place) => {
      if (chosen !== null) bars[chosen]?.classList.remove("lit");
      chosen = place;
      tip.hidden = place === null;
      cursor.setAttribute("visibility", place === null || bars.length ? "hidden" : "visible");
      if (place === null) return;
      bars[place]?.classList.add("lit");
      cursor.setAttribute("x1", x(place));
      cursor.setAttribute("x2", x(place));
      const [day, ...more] = told(place);
      tip.replaceChildren(h("strong", {}, day), ...more.flatMap((text) => [h("br"), text]));
      tip.style.left = `${Math.min(Math.max(0, x(place) - tip.offsetWidth / 2), width - tip.offsetWidth)}px`;
      tip.style.top = `${Math.max(0, y(values[place]) - tip.offsetHeight - 10)}px`;
    };
    svg.addEventListener("pointermove", (event) => {
      const place = Math.floor((event.clientX - svg.getBoundingClientRect().left - left) / slot);
      show(place >= 0 && place < days.length ? place : null);
    });
    svg.addEventListener("pointerleave", () => show(null));
    chart.replaceChildren(svg, tip, spoken);
    chosen = null;
  });

  const final = days.length - 1;
  const MOVES = { ArrowRight: (now) => (now ?? -1) + 1, ArrowLeft: (now) => (now ?? final + 1) - 1, Home: () => 0, End: () => final };
  chart.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return show(null);
    if (!(event.key in MOVES)) return;
    event.preventDefault();
    show(Math.max(0, Math.min(final, MOVES[event.key](chosen))));
    spoken.textContent = told(chosen).join(", ");
  });
  chart.addEventListener("blur", () => show(null));
  return [
    h("div", { class: "legend", "aria-hidden": "true" }, h("span", {}, between(data.period)), h("span", { class: "before" }, `before: ${between(data.before)}`)),
    chart,
    asTable("Revenue by day", [
      ["Day", (row) => row.day], ["Revenue", (row) => money(row.revenue, 2), "number"], ["Orders", (row) => count(row.orders), "number"],
      ["Units", (row) => count(row.units), "number"],
    ], days),
  ];
}

function asTable(caption, columns, rows) {
  return h("details", { class: "data" }, h("summary", {}, "The same as a table"), table(caption, columns, rows));
}

/** Names of steps for people: of `Kind[prefix-name]` the kind and the name, without what all of a kind begin with. */
function stepNames(steps) {
  const parts = steps.map(({ step }) => step.match(/^(.*?)\[(.*)\]$/)?.slice(1) ?? [step, ""]);
  const common = (kind) => {
    const names = parts.filter((part) => part[0] === kind).map((part) => part[1]);
    if (names.length < 2) return 0;
    const [first, last] = [names.toSorted().at(0), names.toSorted().at(-1)];
    let length = 0;
    while (length < first.length && first[length] === last[length]) length += 1;
    return first.lastIndexOf("-", length - 1) + 1;
  };
  return parts.map(([kind, name]) => [kind, name.slice(common(kind))]);
}

/** The steps of a run over its time, one bar a step. */
function gantt(run) {
  const start = Date.parse(run.started_at);
  const length = Math.max(1, ...run.steps.map((step) => Date.parse(step.ended_at ?? step.started_at) - start), (run.seconds ?? 0) * 1000);
  const chart = h("div", { class: "gantt", "aria-hidden": "true" });
  const row = 24;
  drawn(chart, (width) => {
    const names = Math.min(262, width * 0.42), inner = width - names - 62;
    const svg = s("svg", { viewBox: `0 0 ${width} ${run.steps.length * row}`, width: "100%" });
    const most = Math.floor(names / 6.5);
    const parts = stepNames(run.steps);
    const full = parts.map((part) => part.join(" ").trim());
    const labels = full.some((label) => label.length > most) ? parts.map(([kind, name]) => name || kind) : full;
    run.steps.forEach((step, place) => {
      const from = names + ((Date.parse(step.started_at) - start) / length) * inner;
      const wide = Math.max(3, (((step.seconds ?? 0) * 1000) / length) * inner);
      const middle = place * row + 15;
      const name = labels[place];
      svg.append(s("text", { x: 0, y: middle }, name.length > most ? `${name.slice(0, most - 1)}…` : name),
        s("rect", { class: step.state === "FAILED" ? "step bad" : "step", x: from, y: place * row + 4, width: wide, height: row - 9, rx: 3 }),
        s("text", { class: "axis", x: from + wide + 6, y: middle }, took(step.seconds)));
    });
    chart.replaceChildren(svg);
  });
  return chart;
}

// ---------------------------------------------------------------- panels

const TILES = [
  ["Revenue", "revenue", (value) => money(value)],
  ["Orders", "orders", count],
  ["Average order", "average_order_value", (value) => money(value, 2)],
  ["Conversion", "conversion_rate", rate],
  ["New customers", "new_customers", count],
  ["Sessions", "sessions", count],
];

/** How a figure compares with that of the period before, where the data has that period. */
function change(now, then, period) {
  if (period.from < shared.first) return h("dd", { class: "change" }, "no data of a period before");
  if (then === null || Number(then) === 0) return h("dd", { class: "change" }, "nothing before");
  const by = Number(now ?? 0) / Number(then) - 1;
  const [mark, word, kind] = by > 0 ? ["▲", "up", "up"] : by < 0 ? ["▼", "down", "down"] : ["=", "as before", ""];
  return h("dd", { class: "change" },
    h("span", { class: kind }, h("span", { "aria-hidden": "true" }, `${mark} `), h("span", { class: "visually-hidden" }, `${word} `), toTenths.format(Math.abs(by))), " on before");
}

function tile([title, name, format], data) {
  const value = data.totals[name];
  return h("div", { class: "tile" }, h("dt", {}, title),
    h("dd", { class: "figure", "data-figure": name }, value === null ? "–" : format(value)),
    value === null ? h("dd", { class: "change" }, "nothing in these days") : change(value, data.totals_before[name], data.before));
}

const drawKpis = (data) => [h("dl", { class: "tiles", title: `Compared with ${between(data.before)}` }, TILES.map((each) => tile(each, data)))];

function drawRevenue(data) {
  if (data.days.some((row) => Number(row.revenue) > 0)) return revenueChart(data);
  const days = `There is data from ${onDay(shared.first)} to ${onDay(shared.last)}: choose days in between`;
  return [state("No sales in these days", data.category === ALL ? `${days}.` : `${days}, or another category.`)];
}

const PRODUCTS_SHOWN = 10;

function drawProducts(data, again) {
  if (!data.products.length) return [state("No sales in these days", "Choose other days, or another category.")];
  const most = Number(data.products[0].revenue);
  const columns = [
    ["Product", (row) => [`${row.place}. ${row.name ?? row.product_id}`, h("small", {}, [row.category, row.price_band].filter(Boolean).map(human).join(" · ") || row.product_id)]],
    ["Units", (row) => count(row.units), "number"],
    ["Rating", (row) => (row.average_rating === null ? "–" : Number(row.average_rating).toFixed(1)), "number optional"],
    ["Revenue", (row) => [money(row.revenue, 2), meter(Number(row.revenue) / most)], "number"],
  ];
  const more = data.next && h("button", { type: "button", class: "more", onclick: () => again(data) }, "Show more");
  return [table("Products by revenue", columns, data.products), more];
}

const STEP_NAMES = { sessions: "Sessions", product_views: "Looked at a product", carts: "Put into the cart", checkouts: "Went to the checkout", purchases: "Bought" };

function drawFunnel(data) {
  if (!data.steps[0].sessions) return [state("No sessions in these days", "Choose other days; sessions come with the dataset clickstream.")];
  const list = h("ol", { class: "steps" }, data.steps.map((step) => h("li", {},
    h("span", { class: "words" }, h("b", {}, STEP_NAMES[step.step]), h("span", {}, `${count(step.sessions)} · ${percent(step.share)}`)),
    meter(step.share, "track"))));
  const part = (title, rows) => table(`Conversion by ${title.toLowerCase()}`, [
    [title, (row) => human(row.name ?? "unknown")], ["Sessions", (row) => count(row.sessions), "number"], ["Bought", (row) => rate(row.conversion_rate), "number"],
  ], rows);
  return [list, h("div", { class: "pair" }, part("Device", data.by_device), part("Source", data.by_source))];
}

const badge = (kind, text) => h("span", { class: `badge ${kind}` }, text);
const OPERATORS = { mustBe: "=", mustNotBe: "≠", mustBeGreaterThan: ">", mustBeGreaterOrEqualTo: "≥", mustBeLessThan: "<", mustBeLessOrEqualTo: "≤" };

function drawQuality(data, again) {
  if (!data.datasets.length) return [state("Nothing was checked yet", "Each run of the pipeline checks the rules of the contracts.")];
  const errors = data.datasets.reduce((sum, row) => sum + row.errors, 0);
  const warnings = data.datasets.reduce((sum, row) => sum + row.warnings, 0);
  const verdict = errors ? badge("bad", plural(errors, "broken rule")) : warnings ? badge("warn", plural(warnings, "warning")) : badge("good", "All rules hold");
  const agree = data.differences.length
    ? badge("bad", `Zones disagree: ${data.differences.map((row) => row.control).join(", ")}`)
    : badge("good", "Zones agree to the cent");
  const broken = data.broken.map((row) => h("li", {},
    badge(row.severity === "error" ? "bad" : "warn", row.severity), ` ${human(row.dataset)}: ${human(row.rule)}`,
    h("small", { class: "muted" }, ` — found ${tenths.format(row.observed)} ${row.unit}, wanted ${OPERATORS[row.operator] ?? row.operator} ${row.threshold}`)));
  return [
    h("p", { class: "verdict" }, verdict, " ", agree),
    table("Rules by dataset", [
      ["Dataset", (row) => [human(row.dataset), h("small", {}, `checked ${atTime(row.checked_at)}`)]],
      ["Rows", (row) => count(row.rows_checked), "number"],
      ["Rules that hold", (row) => [`${row.passed} of ${row.rules}`, meter(row.passed / row.rules)], "number"],
    ], data.datasets),
    broken.length ? h("ul", { class: "broken", "aria-label": "Rules that do not hold" }, broken) : null,
    data.next && h("button", { type: "button", class: "more", onclick: () => again(data) }, "Show more"),
  ];
}

const STATES = { SUCCEEDED: ["good", "Succeeded"], FAILED: ["bad", "Failed"], RUNNING: ["warn", "Running"] };

function drawPipeline(data, again) {
  if (!data.runs.length) return [state("No run yet", "The transform runs on a schedule, or when somebody says that a batch is ready.")];
  const runs = data.runs.map((run, place) => h("details", { class: "run", open: place === 0 },
    h("summary", {}, badge(...(STATES[run.state] ?? ["", run.state])), h("span", {}, atTime(run.started_at)), h("span", { class: "muted" }, plural(run.steps.length, "step")),
      h("span", { class: "number" }, took(run.seconds))),
    run.error ? h("p", { class: "trouble" }, run.error) : null,
    gantt(run),
    asTable(`Steps of the run of ${atTime(run.started_at)}`, [
      ["Step", (step) => step.step], ["State", (step) => (STATES[step.state] ?? ["", step.state])[1]], ["Took", (step) => took(step.seconds), "number"],
    ], run.steps)));
  return [h("div", { class: "runs" }, runs), data.next && h("button", { type: "button", class: "more", onclick: () => again(data) }, "Show more")];
}

const days = (chosen) => ({ from: chosen.from, to: chosen.to });
const ofCategory = (chosen) => ({ ...days(chosen), category: chosen.category });

// What is asked once and shown in which panels; `list` is what "Show more" makes longer.
const PANELS = [
  { path: "kpis", query: ofCategory, show: { kpis: drawKpis, revenue: drawRevenue } },
  { path: "top-products", query: (chosen) => ({ ...ofCategory(chosen), limit: PRODUCTS_SHOWN }), show: { products: drawProducts }, list: "products" },
  { path: "funnel", query: days, show: { funnel: drawFunnel } },
  { path: "pipeline", query: () => ({ limit: 5 }), show: { pipeline: drawPipeline }, list: "runs" },
  { path: "quality", query: () => ({ limit: 20 }), show: { quality: drawQuality }, list: "broken" },
];
const asked = new Map();

/** Put something into a panel, and say whether more is on its way. */
function put(id, content, busy = false) {
  const body = byId(id).querySelector(".body");
  body.setAttribute("aria-busy", String(busy));
  body.replaceChildren(...content.filter(Boolean));
}

async function load(panel, chosen) {
  asked.get(panel)?.abort();
  const control = new AbortController();
  asked.set(panel, control);
  const ids = Object.keys(panel.show);
  for (const id of ids) put(id, id === "kpis" ? [h("div", { class: "tiles" }, TILES.map(() => h("div", { class: "tile" }, skeleton(2))))] : skeleton(), true);
  const draw = (data) => ids.forEach((id) => put(id, panel.show[id](data, more)));
  const more = async (data) => {
    const button = document.activeElement;
    if (button instanceof HTMLButtonElement) button.disabled = true;
    try {
      const following = await ask(panel.path, { ...panel.query(chosen), next: data.next }, control.signal);
      draw({ ...following, [panel.list]: [...data[panel.list], ...following[panel.list]] });
      byId(ids[0]).querySelector(".more")?.focus();
    } catch (error) {
      failed(error);
    }
  };
  const failed = (error) => {
    if (error.name === "AbortError") return;
    if (error.status === 401 || error.status === 403) return askForKey(error.status);
    const again = () => load(panel, chosen);
    ids.forEach((id, place) => put(id, place ? [state("See above", error.message)] : [h("div", { class: id === "kpis" ? "card" : "" }, failure(error, again))]));
  };
  try {
    draw(await ask(panel.path, panel.query(chosen), control.signal));
  } catch (error) {
    failed(error);
  }
}

// ---------------------------------------------------------------- filters

const form = byId("filters");

function chosenNow() {
  return { from: form.elements.from.value, to: form.elements.to.value, category: form.elements.category.value };
}

/** What is wrong with the filters, or null. */
function wrong(chosen) {
  if (!chosen.from || !chosen.to) return "Choose a first and a last day.";
  if (chosen.from > chosen.to) return "The last day lies before the first.";
  if ((Date.parse(chosen.to) - Date.parse(chosen.from)) / DAY > 365) return "Choose 366 days at most.";
  return null;
}

function apply() {
  const chosen = chosenNow();
  const problem = wrong(chosen);
  byId("filters-error").hidden = problem === null;
  byId("filters-error").textContent = problem ?? "";
  if (problem) return;
  for (const button of form.querySelectorAll("[data-days]")) {
    const first = iso(Date.parse(shared.last) - (Number(button.dataset.days) - 1) * DAY);
    button.setAttribute("aria-pressed", String(chosen.to === shared.last && chosen.from === first));
  }
  history.replaceState(null, "", `?${new URLSearchParams(chosen)}`);
  for (const panel of PANELS) load(panel, chosen);
}

form.addEventListener("change", apply);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("click", (event) => {
  const length = Number(event.target.closest("[data-days]")?.dataset.days);
  if (!length) return;
  form.elements.to.value = shared.last;
  form.elements.from.value = iso(Date.parse(shared.last) - (length - 1) * DAY);
  apply();
});
byId("refresh").addEventListener("click", () => start());

/** How many days are shown at first: the most of the buttons' that leave as many before them to compare with. */
function usual() {
  const known = (Date.parse(shared.last) - Date.parse(shared.first)) / DAY + 1;
  return [30, 14].find((length) => 2 * length <= known) ?? 7;
}

/** Fill the filters: what the address says, else the last days of the data. */
function setFilters(data) {
  Object.assign(shared, { currency: data.currency ?? "USD", first: data.first_day, last: data.last_day });
  const told = new URLSearchParams(location.search);
  const category = form.elements.category;
  const before = category.value;
  category.replaceChildren(h("option", { value: ALL }, "All categories"), ...data.categories.map((name) => h("option", { value: name }, name)));
  const wanted = told.get("category") ?? before;
  category.value = data.categories.includes(wanted) ? wanted : ALL;
  form.elements.to.value = told.get("to") ?? shared.last;
  form.elements.from.value = told.get("from") ?? iso(Date.parse(shared.last) - (usual() - 1) * DAY);
  byId("freshness").textContent = `Figures from ${fullDay(shared.first)} to ${fullDay(shared.last)}`;
}

async function start() {
  if (!sessionStorage.getItem(KEY)) return askForKey();
  const notice = byId("notice");
  notice.hidden = true;
  try {
    const data = await ask("filters");
    if (!data.last_day) throw new Refused(503, { code: "NoDataYet", message: "" });
    setFilters(data);
    byId("panels").hidden = form.hidden = false;
    apply();
  } catch (error) {
    if (error.status === 401 || error.status === 403) return askForKey(error.status);
    byId("panels").hidden = form.hidden = true;
    notice.replaceChildren(failure(error, start));
    notice.hidden = false;
  }
}

start();
