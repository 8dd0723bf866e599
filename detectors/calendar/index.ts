export { type Calendar, createCalendar, type DayClass, holiday, utcCalendar, weekend, workday } from './calendar.ts';
export { CalendarConfig } from './config.ts';
export { createZoneClock, type ZoneClock } from './zone-clock.ts';
