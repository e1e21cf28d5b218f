// The live part of the page: pictures, numbers, copying. No dependency, one file.
"use strict";

(() => {
  // Browsers stop at 6 connections per host; numbers and the page itself need some of them.
  const MAX_MEDIA = 4;
  const NUMBERS_EVERY_MS = 2000;
  // How far a picture may be behind the newest one received, in seconds.
  const START_BEHIND_S = 0.1;
  const CATCH_UP_ABOVE_S = 0.7;
  const CAUGHT_UP_BELOW_S = 0.3;
  const JUMP_ABOVE_S = 0.9;
  const CATCH_UP_RATE = 1.25;
  // Played pictures that stay in memory.
  const KEEP_S = 5;
  const SILENCE_MS = 8000;
  const FIRST_RETRY_MS = 500;
  const LAST_RETRY_MS = 10000;

  const pause = (ms, signal) => new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });

  const event = (target, name, signal) => new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    target.addEventListener(name, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, { once: true });
  });

  // Fragmented MP4 from fetch() into a <video>, at the live edge.
  class Mp4Picture {
    constructor(preview) {
      this.preview = preview;
      this.element = document.createElement("video");
      this.element.muted = true;
      this.element.playsInline = true;
      this.queue = [];
    }

    // Plays until the stream ends, breaks or falls silent, or the signal says stop.
    async run(signal, onPicture) {
      const stop = new AbortController();
      const abort = () => stop.abort(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      this.queue = [];
      try {
        const reply = await fetch(this.preview.path, { cache: "no-store", signal: stop.signal });
        if (!reply.ok) throw new Error(`the server answers ${reply.status}`);
        const buffer = await this.attach(this.preview.mime_type, stop.signal);
        const fail = () => stop.abort(new Error("the stream cannot be decoded"));
        buffer.addEventListener("error", fail);
        buffer.addEventListener("updateend", () => this.updated(buffer, onPicture));
        this.element.onerror = fail;
        this.element.onwaiting = () => this.followEdge(buffer);
        await this.receive(reply.body.getReader(), buffer, stop);
        throw new Error("the stream has ended");
      } finally {
        signal.removeEventListener("abort", abort);
        stop.abort(new Error("over"));
        this.detach();
      }
    }

    async attach(type, signal) {
      if (!window.MediaSource || !MediaSource.isTypeSupported(type)) {
        throw new Error(`this browser cannot play ${type}`);
      }
      this.source = new MediaSource();
      this.url = URL.createObjectURL(this.source);
      this.element.src = this.url;
      await event(this.source, "sourceopen", signal);
      return this.source.addSourceBuffer(type);
    }

    detach() {
      this.element.onerror = this.element.onwaiting = null;
      this.element.removeAttribute("src");
      this.element.load();
      if (this.url) URL.revokeObjectURL(this.url);
      this.url = null;
    }

    async receive(reader, buffer, stop) {
      let silence;
      const listen = () => {
        clearTimeout(silence);
        silence = setTimeout(() => stop.abort(new Error("no picture arrives")), SILENCE_MS);
      };
      try {
        for (listen(); ; listen()) {
          const { done, value } = await reader.read();
          if (done) return;
          this.queue.push(value);
          this.feed(buffer);
        }
      } catch (error) {
        throw stop.signal.aborted ? stop.signal.reason : error;
      } finally {
        clearTimeout(silence);
      }
    }

    // Hands over all that waits, in one piece.
    feed(buffer) {
      if (buffer.updating || !this.queue.length || this.source.readyState !== "open") return;
      const bytes = new Uint8Array(this.queue.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of this.queue) { bytes.set(part, at); at += part.length; }
      this.queue = [];
      buffer.appendBuffer(bytes);
    }

    updated(buffer, onPicture) {
      if (this.source.readyState !== "open") return;
      this.followEdge(buffer);
      if (buffer.buffered.length && !buffer.updating) {
        onPicture();
        const old = this.element.currentTime - KEEP_S;
        if (buffer.buffered.start(0) < old - KEEP_S) buffer.remove(0, old);
      }
      this.feed(buffer);
    }

    // Starts at the newest picture, hurries above CATCH_UP_ABOVE_S behind it, jumps when that is
    // not enough or when the picture stands in a gap.
    followEdge(buffer) {
      const ranges = buffer.buffered;
      if (!ranges.length) return;
      const video = this.element;
      const edge = ranges.end(ranges.length - 1);
      const newest = ranges.start(ranges.length - 1);
      const behind = edge - video.currentTime;
      if (video.currentTime < newest || behind > JUMP_ABOVE_S || behind < 0) {
        video.currentTime = Math.max(newest, edge - START_BEHIND_S);
        video.playbackRate = 1;
      } else if (behind > CATCH_UP_ABOVE_S) {
        video.playbackRate = CATCH_UP_RATE;
      } else if (behind < CAUGHT_UP_BELOW_S) {
        video.playbackRate = 1;
      }
      if (video.paused) video.play().catch(() => {});
    }
  }

  // Multipart JPEG in an <img>: the browser replaces the picture by itself.
  class MjpegPicture {
    constructor(preview) {
      this.preview = preview;
      this.element = document.createElement("img");
      this.element.alt = "";
    }

    async run(signal, onPicture) {
      this.element.onload = onPicture;
      const failed = event(this.element, "error", signal);
      this.element.src = `${this.preview.path}&t=${Date.now()}`;
      try {
        await failed;
        throw new Error("the stream has ended");
      } finally {
        this.element.onload = null;
        this.element.src = "data:,";
      }
    }
  }

  // A card and, while it plays, its picture.
  class Card {
    constructor(article) {
      this.article = article;
      this.name = article.dataset.name;
      this.screen = article.querySelector(".screen");
      this.note = article.querySelector(".note");
      this.preview = null;
      this.wanted = null; // null: nobody asked; true and false: the viewer did
      this.playing = null;
      this.button = document.createElement("button");
      this.button.type = "button";
      this.button.className = "play";
      this.button.textContent = "Click to play";
      this.button.hidden = true;
      this.button.addEventListener("click", () => { this.wanted = Date.now(); schedule(); });
      this.screen.append(this.button);
    }

    update(stream) {
      const set = (selector, text) => {
        const element = this.article.querySelector(selector);
        if (element && element.textContent !== text) element.textContent = text;
      };
      this.article.classList.toggle("live", stream.live);
      set(".state", stream.state);
      if (!this.playing) set(".note", stream.live ? "" : "No picture yet");
      set(".viewers", `${stream.viewers} ${stream.viewers === 1 ? "viewer" : "viewers"}`);
      set(".rate", rate(stream.kbit_per_s));
      if (JSON.stringify(this.preview) !== JSON.stringify(stream.preview)) {
        this.stop();
        this.preview = stream.preview;
      }
    }

    start() {
      if (this.playing) return;
      this.playing = new AbortController();
      this.loop(this.playing.signal);
    }

    stop() {
      if (!this.playing) return;
      this.playing.abort(new Error("stopped"));
      this.playing = null;
    }

    // Plays again and again, with a growing pause after each try that showed nothing.
    async loop(signal) {
      const Picture = this.preview.kind === "mp4" ? Mp4Picture : MjpegPicture;
      const picture = new Picture(this.preview);
      this.screen.prepend(picture.element);
      let retry = FIRST_RETRY_MS;
      while (!signal.aborted) {
        try {
          await picture.run(signal, () => { retry = FIRST_RETRY_MS; this.say(""); });
        } catch (error) {
          if (signal.aborted) break;
          this.say(`${error.message}; trying again`);
        }
        await pause(retry, signal);
        retry = Math.min(2 * retry, LAST_RETRY_MS);
      }
      picture.element.remove();
    }

    say(text) {
      if (this.note.textContent !== text) this.note.textContent = text;
    }
  }

  const rate = (kbit) => {
    if (!kbit) return "";
    return kbit < 1000 ? `${kbit} kbit/s` : `${(Math.floor((kbit + 50) / 100) / 10).toFixed(1)} Mbit/s`;
  };

  const cards = new Map();

  // Who plays: what was clicked last, then the order of the page; nobody while the page is hidden.
  const schedule = () => {
    const able = [...cards.values()].filter((card) => card.preview);
    const order = [...able].sort((a, b) => (b.wanted || 0) - (a.wanted || 0));
    const chosen = new Set(document.hidden ? [] : order.slice(0, MAX_MEDIA));
    for (const card of able) if (!chosen.has(card)) card.stop();
    for (const card of chosen) card.start();
    for (const card of cards.values()) {
      card.button.hidden = document.hidden || !card.preview || chosen.has(card);
    }
  };

  const sameNames = (streams) =>
    streams.length === cards.size && streams.every((stream) => cards.has(stream.name));

  const numbers = async () => {
    const offline = document.getElementById("offline");
    try {
      const reply = await fetch("/.ferrocast/streams.json", { cache: "no-store" });
      if (!reply.ok) throw new Error(`status ${reply.status}`);
      const { streams } = await reply.json();
      offline.hidden = true;
      if (!sameNames(streams)) return location.reload();
      for (const stream of streams) cards.get(stream.name).update(stream);
      total(streams);
      schedule();
    } catch {
      offline.hidden = false;
    }
    setTimeout(numbers, NUMBERS_EVERY_MS);
  };

  const total = (streams) => {
    const live = streams.filter((stream) => stream.live).length;
    const viewers = streams.reduce((sum, stream) => sum + stream.viewers, 0);
    const word = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;
    document.getElementById("total").textContent =
      `${word(streams.length, "stream")}, ${live} live, ${word(viewers, "viewer")}`;
  };

  // Clipboard access wants a secure page; elsewhere the text is selected, ready for Ctrl+C.
  const copy = async (button) => {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };

  for (const article of document.querySelectorAll("article[data-name]")) {
    const card = new Card(article);
    cards.set(card.name, card);
  }
  for (const button of document.querySelectorAll(".copy button")) {
    button.addEventListener("click", () => copy(button));
  }
  document.addEventListener("visibilitychange", schedule);
  numbers();
})();
