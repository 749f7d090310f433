'use strict';
(() => {
  const audio = document.querySelector('audio');
  const words = [...document.querySelectorAll('.w')].map(el => ({ el, start: +el.dataset.start / 1000, end: +el.dataset.end / 1000 }));
  const sentences = [...document.querySelectorAll('.s')].map(el => ({ el, start: +(el.querySelector('.w')?.dataset.start ?? 0) / 1000 }));
  const follow = document.getElementById('follow');
  const theme = document.getElementById('theme');
  const find = document.getElementById('find');
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  // How long after its end a word stays lit when nothing follows at once.
  const LINGER = 0.4;
  let lit = null, near = null;

  // The last of a sorted list that has begun.
  const lastBegun = (list, at) => {
    let low = 0, high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle].start <= at) low = middle + 1; else high = middle;
    }
    return list[low - 1] ?? null;
  };

  const setFollowing = on => follow?.setAttribute('aria-pressed', on);
  const isFollowing = () => follow?.getAttribute('aria-pressed') === 'true';

  const bringIntoView = el => {
    const box = el.getBoundingClientRect();
    if (box.top < innerHeight * 0.15 || box.bottom > innerHeight * 0.7) {
      el.scrollIntoView({ block: 'center', behavior: calm.matches ? 'auto' : 'smooth' });
    }
  };

  const show = () => {
    const at = audio.currentTime;
    let word = lastBegun(words, at + 0.001);
    if (word && at >= word.end + LINGER) word = null;
    if (word !== lit) {
      lit?.el.classList.remove('lit');
      word?.el.classList.add('lit');
      lit = word;
      if (word && isFollowing()) bringIntoView(word.el);
    }
    const sentence = word?.el.closest('.s') ?? near;
    if (sentence !== near) {
      near?.classList.remove('near');
      sentence?.classList.add('near');
      near = sentence;
    }
  };

  const frame = () => {
    show();
    if (!audio.paused) requestAnimationFrame(frame);
  };

  const seek = at => {
    audio.currentTime = Math.max(0, Number.isFinite(audio.duration) ? Math.min(at, audio.duration) : at);
    setFollowing(true);
    show();
  };

  // A moment as an address names it: seconds, or a clock (`#t=83`, `#t=1:23`, `#t=1:02:03.5`); of a stretch its start.
  const moment = hash => {
    const [, clock] = /^#t=(?:npt:)?(\d+(?::[0-5]?\d){0,2}(?:\.\d*)?)s?(?:,.*)?$/.exec(hash) ?? [];
    return clock?.split(':').reduce((sum, part) => sum * 60 + +part, 0) ?? null;
  };

  // The page's address leads to the sentence that `node` is in.
  const address = node => {
    const el = (node?.closest ? node : node?.parentElement)?.closest('.s')?.querySelector('.w');
    // Where a page has no address of its own, as within a frame, there is none to change.
    try { if (el) history.replaceState(null, '', '#t=' + el.dataset.start / 1000); } catch {}
  };

  const play = () => audio.play().catch(error => say(error.name === 'NotAllowedError' ? 'Press the space bar to play.' : ''));
  const say = text => { document.getElementById('said').textContent = text; };
  const toggle = () => (audio.paused ? play() : audio.pause());

  // The sentence before or after the present one; back goes to the start of this one first.
  const step = by => {
    const at = audio.currentTime;
    if (by > 0) {
      const next = sentences.find(sentence => sentence.start > at + 0.01);
      if (next) seek(next.start);
    } else {
      seek(lastBegun(sentences, at - 1)?.start ?? 0);
    }
  };

  const visit = at => {
    if (at === null) return;
    seek(at);
    const sentence = lastBegun(sentences, at + 0.001);
    if (sentence) bringIntoView(sentence.el);
  };

  // The chapter before or after; back goes to the start of this one first.
  const chapters = [...document.querySelectorAll('#contents a')].map(el => ({ start: moment(el.hash) }));
  const turn = by => {
    const at = audio.currentTime;
    const to = by > 0 ? chapters.find(chapter => chapter.start > at + 0.01) : lastBegun(chapters, at - 3) ?? chapters[0];
    if (to) visit(to.start);
  };

  const setRate = rate => { audio.playbackRate = Math.min(3, Math.max(0.5, Math.round(rate * 10) / 10)); };

  // The next sentence with what is looked for, or the one before; behind the last comes the first.
  const plain = text => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  const look = by => {
    const phrase = plain(find.value), n = sentences.length;
    if (!phrase) return;
    const here = sentences.indexOf(lastBegun(sentences, audio.currentTime + 0.001));
    for (let i = 1; i <= n; i++) {
      const sentence = sentences[(Math.max(here, by < 0 ? 0 : -1) + by * i + n) % n];
      if (!plain(sentence.el.textContent).includes(phrase)) continue;
      say('');
      visit(sentence.start);
      address(sentence.el);
      return;
    }
    say('Not in this text: ' + find.value);
  };

  const keys = {
    ' ': toggle,
    ArrowLeft: () => seek(audio.currentTime - 5),
    ArrowRight: () => seek(audio.currentTime + 5),
    ArrowUp: () => step(-1),
    ArrowDown: () => step(1),
    Home: () => seek(0),
    '(': () => turn(-1),
    ')': () => turn(1),
    '-': () => setRate(audio.playbackRate - 0.1),
    '<': () => setRate(audio.playbackRate - 0.1),
    '+': () => setRate(audio.playbackRate + 0.1),
    '>': () => setRate(audio.playbackRate + 0.1),
    '=': () => setRate(1),
    '/': () => { find.focus(); find.select(); },
    f: () => setFollowing(!isFollowing()),
  };

  theme.addEventListener('click', () => {
    const isDark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    document.documentElement.dataset.theme = isDark ? 'light' : 'dark';
  });

  if (!audio) return;
  audio.addEventListener('play', frame);
  for (const event of ['timeupdate', 'seeking', 'seeked', 'loadedmetadata']) audio.addEventListener(event, show);
  audio.addEventListener('error', () => say('The recording cannot be played: ' + (audio.dataset.name || 'it is damaged')));
  audio.addEventListener('playing', () => say(''));
  document.querySelector('main').addEventListener('click', event => {
    const el = event.target.closest('.w');
    if (!el || !getSelection().isCollapsed) return;
    seek(+el.dataset.start / 1000);
    address(el);
    play();
  });
  addEventListener('copy', () => address(getSelection().rangeCount ? getSelection().getRangeAt(0).startContainer : null));
  addEventListener('hashchange', () => visit(moment(location.hash)));
  // A link to where the address leads already.
  document.getElementById('contents')?.addEventListener('click', event => visit(moment(event.target.closest('a')?.hash ?? '')));
  for (const [id, act] of [['slower', keys['-']], ['rate', keys['=']], ['faster', keys['+']]]) {
    document.getElementById(id).addEventListener('click', act);
  }
  audio.addEventListener('ratechange', () => { document.getElementById('rate').textContent = audio.playbackRate + '×'; });
  find.addEventListener('keydown', event => {
    if (event.key === 'Enter') look(event.shiftKey ? -1 : 1);
    if (event.key === 'Escape') find.blur();
  });
  // Before the player's own keys, which seek by other steps.
  addEventListener('keydown', event => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('button, input, summary')) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }, true);
  follow.addEventListener('click', () => {
    setFollowing(!isFollowing());
    if (isFollowing() && lit) bringIntoView(lit.el);
  });
  // Whoever scrolls wants to look elsewhere.
  for (const event of ['wheel', 'touchmove']) addEventListener(event, () => setFollowing(false), { passive: true });
  show();
  visit(moment(location.hash));
})();
