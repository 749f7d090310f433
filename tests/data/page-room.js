// A room just big enough for the page's script: `node page-room.js PAGE HASH STEP…` reads the page's own elements from its HTML, runs its
// script, takes the steps one after the other, and prints after each where the recording is, how fast, the page's address, and what else
// there is to see.
'use strict';
const fs = require('fs');
const vm = require('vm');

const [page, hash, ...steps] = process.argv.slice(2);
const html = fs.readFileSync(page, 'utf8');

class Element extends EventTarget {
  constructor(name, attributes = {}) {
    super();
    Object.assign(this, { name, attributes, dataset: {}, parentElement: null, textContent: '', value: '', hash: '' });
    const marks = new Set();
    this.classList = { add: mark => marks.add(mark), remove: mark => marks.delete(mark), contains: mark => marks.has(mark) };
  }
  // Of a list of names, `.s` for a class and `a` for an element, whether one is this element's.
  matches(names) { return names.split(',').some(name => name.trim() === this.name); }
  closest(names) { return this.matches(names) ? this : this.parentElement?.closest(names) ?? null; }
  querySelector(name) { return all.find(el => el.matches(name) && el.closest(this.name) === this) ?? null; }
  getBoundingClientRect() { return { top: 0, bottom: 10 }; }
  getAttribute(name) { return this.attributes[name] ?? null; }
  setAttribute(name, value) { this.attributes[name] = String(value); }
  scrollIntoView() {}
  focus() {}
  select() {}
  blur() {}
}

const all = [];
const add = el => { all.push(el); return el; };
const plain = text => text.replace(/<[^>]*>/g, '').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
let sentence = null;
for (const [, opening, space, start, end, text, link] of html.matchAll(
  /(<span class="s">)|( ?)<span class="w" data-start="(\d+)" data-end="(\d+)">(.*?)<\/span>|<li><a href="(#[^"]*)">/g)) {
  if (opening) {
    sentence = add(new Element('.s'));
  } else if (link) {
    add(Object.assign(new Element('#contents a'), { hash: link, parentElement: null }));
  } else {
    const word = add(new Element('.w'));
    Object.assign(word, { dataset: { start, end }, parentElement: sentence, textContent: plain(text) });
    sentence.textContent += space + word.textContent;
  }
}
const ids = new Map([...html.matchAll(/ id="([a-z]+)"/g)].map(([, id]) => [id, add(new Element('#' + id))]));
ids.get('rate').textContent = '1×';
const main = add(new Element('main'));

const audio = add(new Element('audio'));
let at = 0, rate = 1;
Object.defineProperties(audio, {
  duration: { value: 130 },
  currentTime: { get: () => at, set: to => { at = to; audio.dispatchEvent(new Event('seeking')); } },
  playbackRate: { get: () => rate, set: to => { rate = to; audio.dispatchEvent(new Event('ratechange')); } },
});
audio.paused = true;
audio.play = () => { audio.paused = false; return Promise.resolve(); };
audio.pause = () => { audio.paused = true; };

const world = new EventTarget();
const location = { hash };
let selected = null;
const context = vm.createContext({
  document: {
    documentElement: new Element('html'),
    querySelector: name => all.find(el => el.matches(name)) ?? null,
    querySelectorAll: name => all.filter(el => el.matches(name)),
    getElementById: id => ids.get(id) ?? null,
  },
  location,
  history: { replaceState: (state, title, url) => { location.hash = url; } },
  matchMedia: () => ({ matches: true }),
  requestAnimationFrame: () => {},
  getSelection: () => ({ isCollapsed: !selected, rangeCount: selected ? 1 : 0, getRangeAt: () => ({ startContainer: selected }) }),
  addEventListener: (...given) => world.addEventListener(...given),
  innerHeight: 600,
});
vm.runInContext(html.split('<script>')[1].split('</script>')[0], context);

// An event as if it had risen to `to` from `target`.
const send = (to, event, target) => {
  Object.defineProperty(event, 'target', { value: target });
  to.dispatchEvent(event);
};
const words = all.filter(el => el.matches('.w'));
const acts = {
  go: to => { location.hash = to; world.dispatchEvent(new Event('hashchange')); },
  press: key => send(world, Object.assign(new Event('keydown', { cancelable: true }), { key: key || ' ' }), main),
  click: what => (ids.has(what) ? ids.get(what).dispatchEvent(new Event('click')) : send(main, new Event('click'), words[+what])),
  copy: word => {
    selected = { parentElement: words[+word] };
    world.dispatchEvent(new Event('copy'));
    selected = null;
  },
  find: phrase => look(phrase, false),
  back: phrase => look(phrase, true),
};
const look = (phrase, shiftKey) => {
  ids.get('find').value = phrase;
  ids.get('find').dispatchEvent(Object.assign(new Event('keydown'), { key: 'Enter', shiftKey }));
};
for (const step of steps) {
  const [act, ...rest] = step.split(' ');
  acts[act]?.(rest.join(' '));
  const seen = [at, ids.get('rate').textContent, location.hash || '-', audio.paused ? '' : 'playing', ids.get('said').textContent];
  console.log(seen.filter(part => part !== '').join(' '));
}
