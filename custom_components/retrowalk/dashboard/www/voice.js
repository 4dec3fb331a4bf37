// @ts-check
/** The browser's own voice and beeps. They have to be turned on by a hand: browsers want that, and people too. */
/** @import { Phrase, SessionEvent } from "./link.js" */

const KEY = "retrowalk-voice";

/** @typedef {"count" | "go" | "attention" | "end" | "alarm"} Beep */

/** @type {Record<Beep, number[][]>} tones: hertz, when one begins and how long it lasts (s) */
const BEEPS = {
  count: [[880, 0, 0.12]],
  go: [[1320, 0, 0.5]],
  attention: [[880, 0, 0.12], [1175, 0.18, 0.18]],
  end: [[880, 0, 0.15], [660, 0.2, 0.3]],
  alarm: [[1320, 0, 0.2], [1320, 0.3, 0.2], [1320, 0.6, 0.2]],
};
/** @type {Record<string, Beep>} which event sounds how; others are only spoken */
const SOUNDS = {
  started: "go",
  speed_up_soon: "attention",
  deck_lowering: "attention",
  rise_refused: "attention",
  cooling_down: "attention",
  last_minute: "attention",
  paused: "end",
  finished: "end",
  stopped: "end",
  interrupted: "alarm",
  stop_failed: "alarm",
  safety_key: "alarm",
  guard: "alarm",
  nobody_on_belt: "alarm",
  not_obeyed: "alarm",
};

export class Voice {
  language = "en";
  #on = false;
  /** @type {AudioContext | undefined} */
  #audio;
  /** @type {{ words: string, until: number }[]} */
  #waiting = [];
  /** @type {SpeechSynthesisUtterance | undefined} */
  #speaking;

  constructor() {
    try {
      this.#on = localStorage.getItem(KEY) === "on";
    } catch {
      // Some browsers keep nothing; then it lasts as long as the page.
    }
  }

  get on() {
    return this.#on;
  }

  /** Whether it is on and this browser lets us: a page that was only loaded has to be touched once. */
  get allowed() {
    return this.#on && (navigator.userActivation?.hasBeenActive ?? Boolean(this.#audio));
  }

  /**
   * Turn it on or off, by a hand.
   * @param {string} words to say when it is on
   */
  toggle(words) {
    this.#on = !this.#on;
    try {
      localStorage.setItem(KEY, this.#on ? "on" : "off");
    } catch {
      // As above.
    }
    this.hush();
    if (this.#on) {
      if (window.AudioContext) this.#audio ??= new AudioContext();
      this.beep("attention");
      this.say(words, { cuts: true });
    }
  }

  /**
   * What the house tells: an event and what there is to say of it.
   * @param {SessionEvent} told
   */
  hear({ event, say }) {
    if (!this.#on) return;
    if (SOUNDS[event]) this.beep(SOUNDS[event]);
    for (const phrase of say) this.say(phrase.text, phrase);
  }

  /**
   * Say something, after what is being said unless it cuts that off; after `lasts` seconds it is too late.
   * @param {string | undefined} words
   * @param {Partial<Phrase>} how
   */
  say(words, { cuts = false, lasts = 15 } = {}) {
    if (!this.allowed || !window.speechSynthesis || !words) return;
    if (cuts) this.hush();
    this.#waiting.push({ words, until: performance.now() + lasts * 1000 });
    this.#next();
  }

  /**
   * A number of the countdown: at once or not at all.
   * @param {number} value
   */
  number(value) {
    if (!this.#on) return;
    if (value <= 3) this.beep("count");
    else if (!this.#speaking) this.say(String(value), { lasts: 1 });
  }

  hush() {
    this.#waiting = [];
    this.#speaking = undefined;
    window.speechSynthesis?.cancel();
  }

  /** @param {Beep} name */
  beep(name) {
    if (!this.allowed || !window.AudioContext) return;
    this.#audio ??= new AudioContext();
    const audio = this.#audio;
    if (audio.state === "suspended") audio.resume().catch(() => {});
    for (const [hertz, begins, lasts] of BEEPS[name]) {
      const [tone, volume, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime + begins];
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.4, at + 0.01);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + lasts);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + lasts);
    }
  }

  #next() {
    if (this.#speaking) return;
    const now = performance.now();
    while (this.#waiting.length && now > this.#waiting[0].until) this.#waiting.shift();
    const words = this.#waiting.shift()?.words;
    if (words) this.#speak(words);
  }

  /** @param {string} words */
  #speak(words) {
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = this.language;
    const done = () => {
      if (this.#speaking !== utterance) return;
      this.#speaking = undefined;
      this.#next();
    };
    utterance.onend = done;
    utterance.onerror = done;
    this.#speaking = utterance;
    window.speechSynthesis.speak(utterance);
    // Where there is no voice some browsers never say that they are done.
    setTimeout(done, 3000 + words.length * 120);
  }
}

/** A page has one: two would speak at once. */
export const voice = new Voice();
