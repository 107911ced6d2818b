// Takes the place of EventSource: the test plays the server's part through `stage`.
class ScriptedSource extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2;
  readyState = 0;

  constructor(url) {
    super();
    this.url = url;
    globalThis.stage.sources.push(this);
  }

  play(type, init) {
    const event = type === "error" || type === "open" ? new Event(type) : new MessageEvent(type, init);
    this[`on${type}`]?.(event);
    this.dispatchEvent(event);
  }

  close() {
    this.readyState = 2;
  }
}

globalThis.stage = {
  sources: [],
  newest: () => globalThis.stage.sources.at(-1),
  open() {
    this.newest().readyState = 1;
    this.newest().play("open");
  },
  fail(readyState) {
    this.newest().readyState = readyState;
    this.newest().play("error");
  },
  send(type, data, lastEventId) {
    this.newest().play(type, { data: JSON.stringify(data), lastEventId });
  },
};
globalThis.EventSource = ScriptedSource;
