import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Action, Incident, Page as ListPage } from '../../model/index.ts';
import { eventually, type KybernProcess, startKybern, temporaryDirectory } from '../support/kybern-process.ts';

const executablePath = process.env.KYBERN_CHROMIUM ?? '/usr/bin/chromium';
const screenshots = process.env.KYBERN_SCREENSHOTS;
const hasBrowser = existsSync(executablePath);
if (!hasBrowser) console.warn(`SKIPPED: the demo in a real browser: there is no ${executablePath}.`);

const actedWithinMs = 200_000;
const requestsAMinute = 150;

describe.skipIf(!hasBrowser)('the dashboard on the running demo', () => {
  let kybern: KybernProcess;
  let browser: Browser;

  beforeAll(async () => {
    kybern = await startKybern({
      dataDir: temporaryDirectory('kybern-demo-dashboard-'),
      port: 21_540,
      otlpPort: 21_541,
      arguments: ['--seed', '21'],
      readyWithinMs: 90_000,
    });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await kybern?.stop();
  });

  test('shows the incident, its first cause, the path and the change made, without being loaded again', {
    timeout: 260_000,
  }, async () => {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const { faults, requests } = watch(page, kybern.url);
    await page.goto(kybern.url);
    await page.locator('.live[data-live="true"]').waitFor();
    await page.evaluate("document.documentElement.dataset.loadedOnce = 'true'");
    const since = performance.now();

    const { incident, action } = await handled(kybern);
    const minutes = (performance.now() - since) / 60_000;
    const cause = incident.diagnosis.causes[0];
    if (cause === undefined) throw new Error('an incident that was acted on has a cause');
    const shown = page.getByRole('link', { name: incident.title }).first();
    await shown.waitFor({ timeout: 10_000 });
    await shown.click();

    await page.getByRole('heading', { level: 1, name: incident.title }).waitFor();
    const causes = page.getByRole('region', { name: 'Causes' });
    await expect.poll(() => causes.locator('.cause').first().textContent()).toContain(cause.title);
    await expect.poll(() => causes.locator('.path li').count()).toBe(cause.path.length);
    expect(await causes.locator('.path li').first().textContent()).toContain(cause.path[0]?.entity.name);
    const card = page.getByRole('article', { name: `Action on ${action.target.name}` }).first();
    await card.getByText('Written at').waitFor({ timeout: 10_000 });
    await page.locator('.graph .node[data-health="cause"]').waitFor();
    await expect.poll(() => page.locator('.chart canvas').count(), { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    const timeline = page.getByRole('region', { name: 'Timeline' });
    expect(await timeline.locator('> .timeline li').count(), 'folded').toBeLessThanOrEqual(16);
    await keep(page);

    expect(await page.evaluate('document.documentElement.dataset.loadedOnce')).toBe('true');
    expect(faults).toEqual([]);
    expect(requests.count / Math.max(1, minutes), 'requests a minute').toBeLessThan(requestsAMinute);
  });
});

/** The first incident that an action was written for, with that action. */
async function handled(kybern: KybernProcess): Promise<{ readonly incident: Incident; readonly action: Action }> {
  return eventually(
    async () => {
      const { items } = await kybern.get<ListPage<Incident>>('/api/v1/incidents');
      for (const incident of items) {
        for (const id of incident.actions) {
          const action = await kybern.get<Action>(`/api/v1/actions/${id}`);
          if (action.appliedAt !== undefined) return { incident, action };
        }
      }
      return undefined;
    },
    {
      withinMs: actedWithinMs,
      what: () => `an incident to be acted on:\n${kybern.output().slice(-4000)}`,
      everyMs: 1000,
    },
  );
}

/** What a person would call broken, and how much is asked of the server. */
function watch(page: Page, base: string) {
  const faults: string[] = [];
  const requests = { count: 0 };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(base)) faults.push(`asked ${request.url()}`);
    if (request.url().includes('/api/')) requests.count += 1;
  });
  return { faults, requests };
}

async function keep(page: Page) {
  if (screenshots === undefined) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, 'demo-incident.png'), fullPage: true });
}
