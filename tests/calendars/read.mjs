// What ical.js makes of calendar objects, with the VTIMEZONE that each carries: a JSON list of texts in, of views out.

import ICAL from "ical.js";

const MOST = 2000;

function instant(time) {
  return time.toUnixTime();
}

function entry(component) {
  const event = new ICAL.Event(component, { strictExceptions: true });
  return {
    uid: event.uid,
    day: event.recurrenceId ? instant(event.recurrenceId) : null,
    start: instant(event.startDate),
    end: instant(event.endDate),
    offset: event.startDate.utcOffset(),
    summary: event.summary,
    status: component.getFirstPropertyValue("status") || "",
    sequence: Number(component.getFirstPropertyValue("sequence")),
  };
}

function starts(components) {
  const found = [];
  const masters = components.filter((one) => !one.hasProperty("recurrence-id"));
  const others = components.filter((one) => one.hasProperty("recurrence-id"));
  const taken = new Set();
  for (const component of masters) {
    const uid = component.getFirstPropertyValue("uid");
    const exceptions = others.filter((one) => one.getFirstPropertyValue("uid") === uid);
    exceptions.forEach((one) => taken.add(one));
    const event = new ICAL.Event(component, { exceptions });
    if (!event.isRecurring()) {
      found.push(instant(event.startDate));
      continue;
    }
    const days = event.iterator();
    for (let day = days.next(); day && found.length < MOST; day = days.next()) {
      found.push(instant(event.getOccurrenceDetails(day).startDate));
    }
  }
  others.filter((one) => !taken.has(one)).forEach((one) => found.push(instant(new ICAL.Event(one).startDate)));
  return found.sort((left, right) => left - right);
}

function view(text) {
  try {
    ICAL.TimezoneService.reset();
    const calendar = new ICAL.Component(ICAL.parse(text));
    for (const zone of calendar.getAllSubcomponents("vtimezone")) {
      ICAL.TimezoneService.register(new ICAL.Timezone(zone));
    }
    const events = calendar.getAllSubcomponents("vevent");
    return { entries: events.map(entry), starts: starts(events) };
  } catch (fault) {
    return { fault: String(fault) };
  }
}

let given = "";
process.stdin.setEncoding("utf8");
for await (const piece of process.stdin) {
  given += piece;
}
process.stdout.write(JSON.stringify(JSON.parse(given).map(view)));
