import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDemoApi, type DemoApi } from '../../api/testing/demo-api.ts';

const executablePath = process.env.KYBERN_CHROMIUM ?? '/usr/bin/chromium';
const screenshots = process.env.KYBERN_SCREENSHOTS;
const hasBrowser = existsSync(executablePath);
if (!hasBrowser) console.warn(`SKIPPED: the dashboard in a real browser: there is no ${executablePath}.`);

const wide = { viewport: { width: 1400, height: 900 } };
const narrow = { viewport: { width: 390, height: 844 } };
const openIncident = '#/incidents/inc-5f0c9a1b7d3e2468';

describe.skipIf(!hasBrowser)('the dashboard in a real browser', () => {
  let browser: Browser;
  let demo: DemoApi;
  let address: string;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    demo = await createDemoApi({ nowMs: Date.now() });
    address = await demo.app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.app.close();
  });

  /** A page and everything in it that a person would call broken: errors, refused loads, requests to elsewhere. */
  async function open(at: string, options: BrowserContextOptions = wide, base = address) {
    const opened = await visit(at, options, base);
    await opened.page.locator('.live[data-live="true"]').waitFor();
    return opened;
  }

  async function visit(at: string, options: BrowserContextOptions, base = address) {
    const page = await browser.newPage(options);
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('dialog', (dialog) => faults.push(`dialog: ${dialog.message()}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(base)) faults.push(`asked ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(`${base}/${at}`);
    return { page, faults };
  }

  async function keep(page: Page, name: string) {
    if (screenshots === undefined) return;
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
  }

  const overflow = (page: Page) =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

  test('shows the open incident: its cause, the path, the graph, charts and what can be done', async () => {
    const { page, faults } = await open('');
    await page.getByRole('heading', { level: 1, name: /checkout is slow/ }).waitFor();
    const causes = page.getByRole('region', { name: 'Causes' });
    await expect
      .poll(() => causes.getByRole('button').first().textContent())
      .toMatch(/^Memory leak to OOMKilled.*86 %$/);
    expect(await causes.locator('.path li').allTextContents()).toEqual([
      expect.stringContaining('shop/Deployment/cart'),
      expect.stringContaining('cart-6d9f7c-x2x9k'),
      expect.stringContaining('service shop/cart'),
      expect.stringContaining('service shop/checkout'),
    ]);
    expect(await page.locator('.graph .edge[data-path="true"]').count()).toBe(3);
    expect(await page.locator('.graph .node[data-health="cause"]').textContent()).toContain('cart');
    await expect.poll(() => page.locator('.chart canvas').count()).toBe(3);
    expect(await inkOf(page)).toBeGreaterThan(0.005);
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await keep(page, 'incident-wide-light');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('shows another cause with its own path when it is chosen, by keyboard too', async () => {
    const { page, faults } = await open(openIncident);
    const second = page.getByRole('button', { name: /A dependency outside the graph is slow/ });
    await second.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.graph .node[data-health="cause"]').textContent()).toContain('redis');
    expect(await page.evaluate("document.activeElement?.getAttribute('aria-pressed')")).toBe('true');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('approves an action, and a second page sees it happen', async () => {
    const [first, second] = await Promise.all([open(openIncident), open('#/changes')]);
    await first.page.getByRole('button', { name: 'Approve' }).click();
    for (const { page } of [first, second]) {
      await page.getByRole('article', { name: 'Action on cart' }).getByText('approved', { exact: true }).waitFor();
    }
    expect(demo.engine.said).toContain('approved act-0000000000000001 by dashboard');
    expect([...first.faults, ...second.faults]).toEqual([]);
    await Promise.all([first.page.close(), second.page.close()]);
  });

  test('takes feedback on an anomaly, shows it everywhere, and takes it back', async () => {
    const [list, one] = await Promise.all([open('#/anomalies'), open('#/anomalies/anm-0000000000000001')]);
    const panel = one.page.getByRole('region', { name: 'Anomaly', exact: true });
    await panel.getByText('Memory is 32 % above').waitFor();
    await expect.poll(() => one.page.locator('.chart canvas').count()).toBe(1);
    await one.page.locator('.chart').getByText('learning, 12 of 21 samples').waitFor();
    await panel.getByRole('button', { name: 'Not an anomaly' }).click();
    const row = list.page.getByRole('row', { name: /cart-6d9f7c-x2x9k/ });
    for (const place of [panel, row]) await place.getByText('not an anomaly', { exact: true }).waitFor();
    await keep(one.page, 'anomaly-wide-light');
    await row.getByRole('button', { name: 'Undo' }).click();
    await panel.getByRole('button', { name: 'Not an anomaly' }).waitFor();
    expect(demo.decisions.feedback).toMatchObject([
      { verdict: 'not_an_anomaly', state: 'undone', by: 'dashboard', undoneBy: 'dashboard' },
    ]);
    await list.page.getByText('202 series are scored, 12 are still learning').waitFor();
    await list.page.getByText('Alert budget of shop').waitFor();
    await list.page.goto(`${address}/#/query?entity=service%7Cshop%7Ccart`);
    await list.page
      .getByRole('button', { name: /Something was missed/ })
      .first()
      .click();
    await list.page.getByRole('button', { name: 'Report' }).click();
    await list.page.getByText('It is found from now on.').waitFor();
    expect([...list.faults, ...one.faults]).toEqual([]);
    await Promise.all([list.page.close(), one.page.close()]);
  });

  test('shows a new incident as it is raised', async () => {
    const { page, faults } = await open(openIncident);
    const [known] = demo.decisions.incidents;
    if (known === undefined) throw new Error('the demo has an incident');
    const value = { ...known, id: 'inc-9999999999999999', revision: 1, title: 'payment stopped answering' };
    demo.decisions.incidents.unshift(value);
    demo.engine.emit({ type: 'incident', value });
    await page.getByRole('link', { name: /payment stopped answering/ }).waitFor();
    demo.decisions.incidents.shift();
    expect(faults).toEqual([]);
    await page.close();
  });

  test('stops all writes with one press and asks before it allows them again', async () => {
    const { page } = await open('#/audit');
    await page.getByRole('button', { name: 'Stop writes' }).click();
    const stopped = page.getByRole('button', { name: 'Writes stopped' });
    await stopped.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(demo.engine.actuator.killSwitch).toBe(true);
    await stopped.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Allow writes' }).click();
    await page.getByRole('button', { name: 'Stop writes' }).waitFor();
    expect(demo.engine.actuator.killSwitch).toBe(false);
    await page.close();
  });

  test('shows which model serves, what waits and what was refused, lets one serve and goes back; training as it goes', async () => {
    const { page, faults } = await open('#/models');
    const region = (name: string) => page.getByRole('region', { name, exact: true }).last();
    await region('What serves').getByText('all others').waitFor();
    await region('Versions').getByText("its error 0.3958 is not below a linear forecast's 0.3951").waitFor();
    await page.getByText('nothing was made: it learnt nothing').waitFor();
    expect(await region('Processes').getByText('as it should').count()).toBe(2);
    await page.getByRole('button', { name: 'Let it serve' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Let it serve' }).click();
    await region('What serves').getByText('not in kybern-1').waitFor();
    await region('Processes').getByText('KYBERN_MODEL').waitFor();
    await region('Changes').getByText('dashboard asked for it').waitFor();
    await page.request.post(`${address}/api/v1/models/train`, { data: {} });
    await page.getByRole('progressbar', { name: 'Progress of training' }).waitFor();
    await page.getByText('21 min more').waitFor();
    expect(await overflow(page)).toBe(0);
    await keep(page, 'models-wide-light');
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Go back' }).click();
    await page.getByRole('button', { name: 'Let it serve' }).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  test('takes hostile names for text', async () => {
    const { page, faults } = await open('');
    await page.getByText('<script>alert(1)</script>').first().waitFor();
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(faults).toEqual([]);
    await page.close();
  });

  const pages = [
    '#/',
    openIncident,
    '#/changes',
    '#/anomalies',
    '#/anomalies/anm-0000000000000002',
    '#/entities',
    '#/models',
    '#/query?entity=service%7Cshop%7Ccart',
    '#/audit',
  ];

  test.each(['light', 'dark'] as const)('fits a narrow screen without scrolling sideways, %s', async (colorScheme) => {
    const { page, faults } = await open('', { ...narrow, colorScheme });
    for (const at of pages) {
      await page.goto(`${address}/${at}`);
      await page.locator('main > *').first().waitFor();
      await page.waitForTimeout(300);
      expect(await overflow(page), at).toBe(0);
      await keep(page, `narrow-${colorScheme}-${at.replaceAll(/[^a-z]/g, '')}`);
    }
    expect(faults).toEqual([]);
    await page.close();
  });

  test('in dark, text stands out from its ground', async () => {
    const { page } = await open(openIncident, { ...wide, colorScheme: 'dark' });
    const [ground, text] = (await page.evaluate(
      'const s = getComputedStyle(document.documentElement); [s.backgroundColor, s.color]',
    )) as [string, string];
    expect(contrast(ground, text)).toBeGreaterThan(7);
    await keep(page, 'incident-wide-dark');
    await page.close();
  });

  test('has the reference of the API beside it, from here alone', async () => {
    const { page, faults } = await visit('docs', wide);
    await page.getByText('/api/v1/incidents', { exact: true }).first().waitFor();
    await keep(page, 'docs');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('says what to do while there is nothing', async () => {
    const empty = await createDemoApi({ empty: true });
    const base = await empty.app.listen({ host: '127.0.0.1', port: 0 });
    const { page, faults } = await open('', wide, base);
    await page.getByText('remote_write').waitFor();
    for (const [at, text] of [
      ['#/changes', 'Choose Recommend above'],
      ['#/anomalies', 'No anomalies'],
      ['#/entities', 'remote_write'],
      ['#/audit', 'Nothing yet'],
      ['#/query', 'Give a metric name'],
    ]) {
      await page.goto(`${base}/${at}`);
      await page
        .getByText(text ?? '')
        .first()
        .waitFor();
    }
    expect(faults).toEqual([]);
    await page.close();
    await empty.app.close();
  });
});

/** Share of the first chart's pixels that something is drawn on. */
async function inkOf(page: Page): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('.chart canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let inked = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i] > 0) inked += 1;
    return (4 * inked) / data.length;
  })()`);
}

/** Contrast of two `rgb(r, g, b)` colours, after WCAG 2. */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = (color.match(/\d+/g) ?? []).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
