/* How long ago: a clock that no change of the device's wall clock moves, and that notices when this page slept. */

const ASLEEP = 60000;
const DOUBT = 60000;
/** Nobody knows: more than the server takes, which then counts up to the last message it has. */
const UNKNOWN = 7 * 24 * 3600 * 1000;

export class Steady {
  /** `hour`: an instant of the server, which counts from now on by the monotonic clock. */
  constructor(hour) {
    Object.assign(this, { mono: performance.now(), wall: Date.now(), asleep: 0 });
    this.set(hour);
  }

  set(hour) {
    this.origin = Date.parse(hour) - this.now();
  }

  /** Milliseconds since this page began, the sleep of the device included. */
  now() {
    return performance.now() + this.asleep;
  }

  /** The server's hour, in milliseconds. */
  hour() {
    return this.origin + this.now();
  }

  /** Whether this page slept since it last looked: 0, or the server's hour when it fell asleep.
      Some systems stop the monotonic clock with the device: then the wall clock alone has gone on. */
  look() {
    const [mono, wall, before] = [performance.now(), Date.now(), this.origin + this.mono + this.asleep];
    const [ran, passed] = [mono - this.mono, wall - this.wall];
    Object.assign(this, { mono, wall });
    const stood = passed - ran > ASLEEP ? passed - ran : 0;
    this.asleep += stood;
    return ran > ASLEEP || stood ? before : 0;
  }
}

/** Whether something can have happened at `then`; clocks differ a little. */
export function isPast(then, present) {
  return Number.isFinite(then) && present - then > -DOUBT;
}

/** Age in milliseconds of what happened at `then`, both by the server's hour; an hour that cannot be is no age. */
export function ageOf(then, present) {
  return isPast(then, present) ? Math.min(Math.max(0, Math.round(present - then)), UNKNOWN) : UNKNOWN;
}
