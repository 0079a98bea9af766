'use strict';
(() => {
const $ = id => document.getElementById(id);
const tree = $('tree'), view = $('view'), root = document.documentElement;
const data = JSON.parse($('data').textContent);
let zoom = 1, current = tree.querySelector('[role=treeitem]'), pinned = null;

// ---- zoom: a font size, as every length of the picture follows from it

function setZoom(value) {
  zoom = Math.min(4, Math.max(.25, value));
  tree.style.setProperty('--z', zoom);
  $('zoom').textContent = Math.round(zoom * 100) + ' %';
}
function fit(least) {
  setZoom(1);
  setZoom(Math.min(1, Math.max(least, view.clientWidth / tree.offsetWidth)));
}

// ---- facts of one part

function element(name, text, className = '') {
  const out = document.createElement(name);
  out.textContent = text;
  out.className = className;
  return out;
}
function tell(item) {
  const of = data.of[item.id];
  if (!of) return;
  $('hint').hidden = true;
  $('what').textContent = data.texts[of[0]];
  const facts = of[1], list = document.createDocumentFragment();
  let run = null;  // facts from one source
  facts.forEach(([name, value, source], at) => {
    if (!run) run = list.appendChild(document.createElement('div'));
    run.append(element('dt', data.texts[name]), element('dd', data.texts[value]));
    if (at + 1 < facts.length && facts[at + 1][2] === source) return;
    if (data.texts[source]) run.append(element('dd', 'from ' + data.texts[source], 'source'));
    run = null;
  });
  $('facts').replaceChildren(list);
}

// ---- folds

function setFolded(head, folded) {
  head.parentElement.classList.toggle('folded', folded);
  head.setAttribute('aria-expanded', String(!folded));
  if (folded && !isShown(current)) go(head, false);
}
const isFolded = head => head.parentElement.classList.contains('folded');
const folds = () => tree.querySelectorAll('.fold');
function unfoldAround(item) {
  for (let at = item.parentElement; at !== tree; at = at.parentElement)
    if (at.classList.contains('folded')) setFolded(at.querySelector(':scope > .fold'), false);
}

// ---- keyboard: one stop for Tab, arrows inside, as for any tree

const isShown = item => item.getClientRects().length > 0;
const items = [...tree.querySelectorAll('[role=treeitem]')];  // in order, and always the same
const places = new Map(items.map((item, at) => [item, at]));
// The next one that is shown from `at` on; the current one where there is none.
function shownFrom(at, by) {
  while (at >= 0 && at < items.length && !isShown(items[at])) at += by;
  return items[at] || current;
}
function go(item, focus = true) {
  if (!item) return;
  current.tabIndex = -1;
  current = item;
  current.tabIndex = 0;
  if (focus) current.focus();
}
const step = by => go(shownFrom(places.get(current) + by, by));
function into() {
  if (current.classList.contains('fold')) return isFolded(current) ? setFolded(current, false) : step(1);
  if (current.querySelector('[role=treeitem]')) step(1);
}
function outOf() {
  if (current.classList.contains('fold') && !isFolded(current)) return setFolded(current, true);
  go(current.parentElement.closest('[role=treeitem]'));
}
function act() {
  if (current.classList.contains('fold')) return setFolded(current, !isFolded(current));
  pinned = pinned === current ? null : current;
}
const keys = {
  ArrowDown: () => step(1), ArrowUp: () => step(-1), ArrowRight: into, ArrowLeft: outOf,
  Home: () => go(shownFrom(0, 1)), End: () => go(shownFrom(items.length - 1, -1)), Enter: act, ' ': act,
  '+': () => setZoom(zoom * 1.25), '=': () => setZoom(zoom * 1.25), '-': () => setZoom(zoom / 1.25), 0: () => fit(.25),
  '/': () => $('find').focus(),
};
tree.addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
tree.addEventListener('focusin', event => {
  const item = event.target.closest('[role=treeitem]');
  if (!item) return;
  go(item, false);
  tell(item);
});
tree.addEventListener('pointerover', event => {
  const item = event.target.closest('[role=treeitem]');
  if (item && !pinned) tell(item);
});
tree.addEventListener('click', event => {
  const item = event.target.closest('[role=treeitem]');
  if (!item) return;
  go(item);
  act();
  if (pinned) tell(pinned);
});

// ---- the bar

$('larger').onclick = () => setZoom(zoom * 1.25);
$('smaller').onclick = () => setZoom(zoom / 1.25);
$('fit').onclick = () => fit(.25);
$('unfold').onclick = () => folds().forEach(head => setFolded(head, false));
$('fold').onclick = () => folds().forEach(head => setFolded(head, true));
view.addEventListener('wheel', event => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  setZoom(zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
}, {passive: false});
function show(item) {
  unfoldAround(item);
  go(item);
  item.scrollIntoView({block: 'center', inline: 'center'});
}
$('find').addEventListener('change', () => {
  const cpu = document.getElementById('cpu' + $('find').value.trim());
  $('find').setAttribute('aria-invalid', String(!cpu));
  if (cpu) show(cpu);
});

const names = new Map([...tree.querySelectorAll('[data-plan]')].map(cpu => [cpu, cpu.getAttribute('aria-label')]));
function showPlan(on) {
  document.body.classList.toggle('planned', on);
  for (const [cpu, name] of names) cpu.setAttribute('aria-label', on ? name + ', ' + cpu.dataset.plan : name);
}
if ($('overlay')) {
  $('overlay').onchange = () => showPlan($('overlay').checked);
  showPlan($('overlay').checked);
}

const system = matchMedia('(prefers-color-scheme: dark)');
const themes = ['system', 'light', 'dark'];
let theme = 'system';
function setTheme(name) {
  theme = name;
  root.dataset.theme = name === 'system' ? (system.matches ? 'dark' : 'light') : name;
  $('theme').textContent = 'Theme: ' + name;
}
$('theme').onclick = () => setTheme(themes[(themes.indexOf(theme) + 1) % themes.length]);
system.addEventListener('change', () => setTheme(theme));
setTheme('system');
fit(.6);
const linked = document.getElementById(location.hash.slice(1));  // machine.html#cpu12
if (linked && tree.contains(linked)) show(linked);
})();
