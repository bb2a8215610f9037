/* Hours, lengths and plurals as the server says them (seminars/saying.py), in the page's language. */

const THIN = "\u202f";
const HARD = "\u00a0";

/** `14 h 00` in French, `14:00` elsewhere, on the wall clock of a zone. */
export function hour(moment, zone, language) {
  const options = { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  const parts = new Intl.DateTimeFormat("en-GB", options).formatToParts(new Date(moment));
  const part = (type) => parts.find((each) => each.type === type).value;
  const whole = String(Number(part("hour")));
  return language === "fr" ? `${whole}${THIN}h${THIN}${part("minute")}` : `${whole}:${part("minute")}`;
}

/** Minutes as `1 h 36`, `2 h`, `45 min`. */
export function duration(minutes, language) {
  const space = language === "fr" ? THIN : HARD;
  const length = Math.max(0, Math.ceil(minutes));
  const [whole, rest] = [Math.floor(length / 60), length % 60];
  if (!whole) return `${rest}${space}min`;
  return `${whole}${space}h${rest ? space + String(rest).padStart(2, "0") : ""}`;
}

/** `%(name)s` in a translated text, filled. */
export function fill(text, facts) {
  return text.replace(/%\((\w+)\)[sd]/g, (whole, name) => (name in facts ? String(facts[name]) : whole));
}

/** One of the two forms the server gave, by number. */
export function plural(forms, number, language) {
  const form = new Intl.PluralRules(language).select(number);
  return fill(forms[form] ?? forms.other, { n: number });
}

/** The server's clock, set by each answer that names its hour; the device's own may be wrong. */
export class Clock {
  constructor(present) {
    this.set(present);
  }

  set(present) {
    this.ahead = Date.parse(present) - Date.now();
  }

  now() {
    return Date.now() + this.ahead;
  }

  minutesTo(moment) {
    return (Date.parse(moment) - this.now()) / 60000;
  }
}
