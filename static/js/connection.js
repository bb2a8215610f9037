/* What one tab remembers of one session: its connection id, whether its person entered, whether she went to the video. */

const key = (code, what) => `viso.${what}.${code}`;

function read(code, what) {
  try {
    return sessionStorage.getItem(key(code, what)) ?? "";
  } catch {
    return "";
  }
}

function write(code, what, value) {
  try {
    if (value) sessionStorage.setItem(key(code, what), value);
    else sessionStorage.removeItem(key(code, what));
  } catch {
    /* storage is closed to us: this page alone remembers, in its own variables */
  }
}

/** A UUID; `crypto.randomUUID` is missing on pages without TLS. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export class Tab {
  constructor(code) {
    this.code = code;
    this.connection = read(code, "connection") || newId();
    write(code, "connection", this.connection);
  }

  /** A copied tab brings the same id along: the first that holds the lock keeps it, the other takes a new one. */
  async claim() {
    if (!navigator.locks) return;
    const isMine = await new Promise((tell) => {
      navigator.locks.request(key(this.code, this.connection), { ifAvailable: true }, (lock) => {
        tell(lock !== null);
        return lock && new Promise(() => {});
      });
    });
    if (!isMine) {
      this.forget();
      await this.claim();
    }
  }

  get hasEntered() {
    return read(this.code, "entered") === "yes";
  }

  get hasVideo() {
    return read(this.code, "video") === "yes";
  }

  enter({ video }) {
    write(this.code, "entered", "yes");
    if (video) write(this.code, "video", "yes");
  }

  /** After leaving: the next entrance is a connection of its own. */
  forget() {
    for (const what of ["entered", "video", "queue"]) write(this.code, what, "");
    this.connection = newId();
    write(this.code, "connection", this.connection);
  }

  get queue() {
    try {
      return JSON.parse(read(this.code, "queue") || "[]");
    } catch {
      return [];
    }
  }

  set queue(entries) {
    write(this.code, "queue", entries.length ? JSON.stringify(entries) : "");
  }
}
