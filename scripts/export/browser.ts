/** Finds a Chromium-like browser on this machine, or Firefox, and drives it: for PDFs and for the tests that look at pages. */
import fs from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Browser } from 'puppeteer-core';

const LINUX = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge',
  'brave-browser',
];
const MAC = ['Google Chrome', 'Microsoft Edge', 'Chromium', 'Brave Browser'];
const WINDOWS = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
  'Chromium\\Application\\chrome.exe',
];

/** What to say where there is no browser. */
export const NO_BROWSER =
  'no Chromium, Chrome or Edge found: install one, or set LAB_BROWSER to its program. HTML and slides do not need it.';

/** Path of the browser to use: LAB_BROWSER, else the first of Chromium, Chrome and Edge that is installed. */
export function findBrowser(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return namedBy('LAB_BROWSER', environment) ?? candidates(environment).find(file => fs.existsSync(file));
}

/** The program that a variable names. */
function namedBy(variable: string, environment: NodeJS.ProcessEnv): string | undefined {
  const own = environment[variable];
  if (own && !fs.existsSync(own)) throw new Error(`${variable} is '${own}', but there is no such program`);
  return own || undefined;
}

const foldersOf = ({ PATH = '' }: NodeJS.ProcessEnv): string[] => PATH.split(path.delimiter).filter(Boolean);

function candidates(environment: NodeJS.ProcessEnv): string[] {
  if (process.platform === 'darwin') return MAC.map(name => `/Applications/${name}.app/Contents/MacOS/${name}`);
  if (process.platform === 'win32') {
    const roots = [environment.PROGRAMFILES, environment['PROGRAMFILES(X86)'], environment.LOCALAPPDATA];
    return roots.flatMap(root => (root ? WINDOWS.map(file => path.join(root, file)) : []));
  }
  const folders = foldersOf(environment);
  return LINUX.flatMap(name => folders.map(folder => path.join(folder, name)));
}

/** WebGPU on a program that plays a graphics card, and canvases that give back what it has drawn into them. */
export const WEBGPU = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-vulkan=swiftshader'];

/** A busy machine may take so long to start a browser, in ms; the driver by itself waits 30 s. */
const STARTED = 180_000;

/**
 * Starts the browser without a window and without any traffic of its own; throws NO_BROWSER where there is none.
 * @param more of its own options
 */
export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error(NO_BROWSER);
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({
    executablePath,
    headless: true,
    timeout: STARTED,
    args: [
      '--no-sandbox', // containers and CI have no user namespace for it; only our own files are opened
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-angle=swiftshader', // 3-D figures without a graphics card
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
      ...more,
    ],
  });
}

const FIREFOX: Readonly<Record<string, string>> = {
  darwin: '/Applications/Firefox.app/Contents/MacOS/firefox',
  win32: path.join(process.env.PROGRAMFILES ?? 'C:\\Program Files', 'Mozilla Firefox', 'firefox.exe'),
};

/** What to say where there is no Firefox. */
export const NO_FIREFOX =
  'no Firefox found: install one (on Debian the package firefox-esr), or set LAB_FIREFOX to its program';

/** Path of Firefox: LAB_FIREFOX, else the one that is installed. */
export function findFirefox(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const own = namedBy('LAB_FIREFOX', environment);
  if (own) return own;
  const names = foldersOf(environment).flatMap(folder =>
    ['firefox-esr', 'firefox'].map(name => path.join(folder, name)),
  );
  const known = FIREFOX[process.platform];
  return (known ? [known] : names).find(file => fs.existsSync(file));
}

/** Firefox without a window, with WebGL by a program that plays a card; throws NO_FIREFOX where there is none. */
export async function startFirefox(): Promise<Browser> {
  const executablePath = findFirefox();
  if (!executablePath) throw new Error(NO_FIREFOX);
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    timeout: STARTED,
    extraPrefsFirefox: { 'webgl.force-enabled': true },
  });
}

/** Browsers for work side by side, one for each piece of it: a page behind another one is not drawn. */
export class Browsers {
  private readonly all: Promise<Browser>[] = [];
  private readonly free: Browser[] = [];
  private readonly waiting: ((browser: Browser) => void)[] = [];

  /** @param most browsers at once; they are started when they are needed */
  constructor(private readonly most = Math.min(2, availableParallelism())) {}

  /** Lends a browser that nobody else uses meanwhile; where all are lent, it waits for one. */
  async use<T>(work: (browser: Browser) => Promise<T>): Promise<T> {
    const browser = await this.take();
    try {
      return await work(browser);
    } finally {
      const next = this.waiting.shift();
      if (next) next(browser);
      else this.free.push(browser);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map(async browser => (await browser).close()));
  }

  private take(): Browser | Promise<Browser> {
    const browser = this.free.pop();
    if (browser) return browser;
    if (this.all.length === this.most) return new Promise(resolve => this.waiting.push(resolve));
    this.all.push(startBrowser());
    return this.all[this.all.length - 1];
  }
}
