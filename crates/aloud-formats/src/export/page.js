'use strict';
(() => {
  const audio = document.querySelector('audio');
  const words = [...document.querySelectorAll('.w')].map(el => ({ el, start: +el.dataset.start / 1000, end: +el.dataset.end / 1000 }));
  const sentences = [...document.querySelectorAll('.s')].map(el => ({ el, start: +(el.querySelector('.w')?.dataset.start ?? 0) / 1000 }));
  const follow = document.getElementById('follow');
  const theme = document.getElementById('theme');
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

  const keys = {
    ' ': toggle,
    ArrowLeft: () => seek(audio.currentTime - 5),
    ArrowRight: () => seek(audio.currentTime + 5),
    ArrowUp: () => step(-1),
    ArrowDown: () => step(1),
    Home: () => seek(0),
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
    play();
  });
  // Before the player's own keys, which seek by other steps.
  addEventListener('keydown', event => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('button')) return;
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
})();
