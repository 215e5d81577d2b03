/** One set-up at a time: a second one waits for the first, and finds everything done. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { workFolder } from './paths';
import type { Reporter } from './steps';

const lock = path.join(workFolder, 'setup.lock');

/** Runs `work` while holding the lock; a lock whose process is gone is taken over. */
export async function alone<T>(work: () => Promise<T>, report: Reporter): Promise<T> {
  mkdirSync(workFolder, { recursive: true });
  for (let told = false; !take(); told = true) {
    if (!told) report('· another set-up of this folder is running: waiting for it …');
    await setTimeout(1000);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (ownerIsAlive()) return false;
    rmSync(lock, { force: true });
    return false; // the next round takes it
  }
}

function ownerIsAlive(): boolean {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    process.kill(owner, 0);
    return owner !== process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
