/* What one tab remembers of one session: whose it is, its connection and the secret that proves it, whether its person
   entered, whether she went to the video. */

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

const hexadecimal = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A UUID; `crypto.randomUUID` is missing on pages without TLS. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hexadecimal(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Runs `act` as the only page that minds this connection; answers false, and does nothing, while another does. */
export function asOnly(connection, act) {
  if (!navigator.locks) return act().then(() => true);
  const name = key(connection, "tab");
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => lock !== null && act().then(() => true));
}

/** Whoever signs out leaves nothing of herself to the next person of this tab. What waits to be said stays (keeping.js). */
export function forgetAll() {
  try {
    const mine = /^viso\.(person|connection|secret|entered|video|queue)\./;
    Object.keys(sessionStorage).filter((name) => mine.test(name)).forEach((name) => sessionStorage.removeItem(name));
  } catch {
    /* storage is closed to us: nothing is in it */
  }
}

export class Tab {
  /** `person`: the code of whose page this is; what the tab remembers of anybody else is forgotten before it is read.
      `connection`: the one that the server began for this page, if it did. */
  constructor(code, person, connection = "") {
    Object.assign(this, { code, connection: read(code, "connection"), secret: read(code, "secret") });
    if (read(code, "person") !== person) {
      this.forget();
      write(code, "person", person);
    }
    if (!this.connection || !this.secret) this.renew();
    if (connection && connection !== this.connection) this.renew(connection);
  }

  renew(connection = newId()) {
    this.connection = connection;
    this.secret = hexadecimal(crypto.getRandomValues(new Uint8Array(32)));
    write(this.code, "connection", this.connection);
    write(this.code, "secret", this.secret);
  }

  /** A copied tab brings the same id along: the first that holds the lock keeps it, the other takes a new one. */
  async claim() {
    if (!navigator.locks) return;
    const isMine = await new Promise((tell) => {
      asOnly(this.connection, () => {
        tell(true);
        return new Promise((release) => { this.release = release; });
      }).then(tell, () => tell(true)); // no locks for this page: as where there are none
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
    this.release?.();
    this.renew();
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
