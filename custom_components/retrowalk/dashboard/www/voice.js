// @ts-check
/** Speech and beeps of the browser. Somebody has to turn them on; browsers require that, too. */
/** @import { Phrase, SessionEvent } from "./backend.js" */

const KEY = "retrowalk-voice";

/** @typedef {"count" | "go" | "attention" | "end" | "alarm"} Beep */

/** @type {Record<Beep, number[][]>} tones: frequency (Hz), start and duration (s) */
const BEEPS = {
  count: [[880, 0, 0.12]],
  go: [[1320, 0, 0.5]],
  attention: [[880, 0, 0.12], [1175, 0.18, 0.18]],
  end: [[880, 0, 0.15], [660, 0.2, 0.3]],
  alarm: [[1320, 0, 0.2], [1320, 0.3, 0.2], [1320, 0.6, 0.2]],
};
/** @type {Record<string, Beep>} the beep of each event; other events are only spoken */
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
  #enabled = false;
  /** @type {AudioContext | undefined} */
  #audio;
  /** @type {{ text: string, until: number }[]} */
  #queue = [];
  /** @type {SpeechSynthesisUtterance | undefined} */
  #speaking;

  constructor() {
    try {
      this.#enabled = localStorage.getItem(KEY) === "on";
    } catch {
      // Without storage the setting lasts as long as the page.
    }
  }

  get enabled() {
    return this.#enabled;
  }

  /** Whether it is on and the browser allows sound, which takes one click or touch on the page. */
  get allowed() {
    return this.#enabled && (navigator.userActivation?.hasBeenActive ?? Boolean(this.#audio));
  }

  /**
   * Turn it on or off after a click.
   * @param {string} text said when it is turned on
   */
  toggle(text) {
    this.#enabled = !this.#enabled;
    try {
      localStorage.setItem(KEY, this.#enabled ? "on" : "off");
    } catch {
      // As above.
    }
    this.silence();
    if (this.#enabled) {
      if (window.AudioContext) this.#audio ??= new AudioContext();
      this.beep("attention");
      this.say(text, { cuts: true });
    }
  }

  /**
   * Announce an event.
   * @param {SessionEvent} message
   */
  announce({ event, say }) {
    if (!this.#enabled) return;
    if (SOUNDS[event]) this.beep(SOUNDS[event]);
    for (const phrase of say) this.say(phrase.text, phrase);
  }

  /**
   * Say something now (`cuts`) or after what is being said, but not later than in `lasts` seconds.
   * @param {string | undefined} text
   * @param {Partial<Phrase>} options
   */
  say(text, { cuts = false, lasts = 15 } = {}) {
    if (!this.allowed || !window.speechSynthesis || !text) return;
    if (cuts) this.silence();
    this.#queue.push({ text, until: performance.now() + lasts * 1000 });
    this.#speakNext();
  }

  /**
   * Say a second of the countdown, at once or not at all.
   * @param {number} value
   */
  countDown(value) {
    if (!this.#enabled) return;
    if (value <= 3) this.beep("count");
    else if (!this.#speaking) this.say(String(value), { lasts: 1 });
  }

  /** Stop speaking. */
  silence() {
    this.#queue = [];
    this.#speaking = undefined;
    window.speechSynthesis?.cancel();
  }

  /** @param {Beep} name */
  beep(name) {
    if (!this.allowed || !window.AudioContext) return;
    this.#audio ??= new AudioContext();
    const audio = this.#audio;
    if (audio.state === "suspended") audio.resume().catch(() => {});
    for (const [frequency, start, duration] of BEEPS[name]) {
      const [tone, volume, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime + start];
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.4, at + 0.01);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + duration);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + duration);
    }
  }

  #speakNext() {
    if (this.#speaking) return;
    const now = performance.now();
    while (this.#queue.length && now > this.#queue[0].until) this.#queue.shift();
    const text = this.#queue.shift()?.text;
    if (text) this.#speak(text);
  }

  /** @param {string} text */
  #speak(text) {
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = this.language;
    const done = () => {
      if (this.#speaking !== utterance) return;
      this.#speaking = undefined;
      this.#speakNext();
    };
    utterance.onend = done;
    utterance.onerror = done;
    this.#speaking = utterance;
    window.speechSynthesis.speak(utterance);
    // Some browsers never report the end if they have no voice.
    setTimeout(done, 3000 + text.length * 120);
  }
}

/** The one voice of the page: two would speak at the same time. */
export const voice = new Voice();
