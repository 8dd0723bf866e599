import { type CalendarConfig, createCalendar } from '../calendar/index.ts';
import type { PolicyConfig } from './config.ts';
import { createMaintenanceWindows } from './maintenance-windows.ts';

/** What no schema can tell: throws KYBERN_CONFIG for a time zone or day that there is not, or a window that cannot be. */
export function checkOperatorTimes(config: { readonly calendar: CalendarConfig; readonly policy: PolicyConfig }): void {
  createMaintenanceWindows(config.policy.maintenance, createCalendar(config.calendar));
}
