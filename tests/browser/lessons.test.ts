/** Lessons that run whole in their own pages, quick, with strict claims: every cell but those that need what a page cannot have. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browsers } from '../../scripts/export/browser';
import { selectLessons } from '../../scripts/notebooks/notebook';
import { buildRunnable } from '../../scripts/site';
import { LONGEST_FIRST } from '../../scripts/site/lessons';
import { type Server, serve } from '../../scripts/site/serve';
import { verifyLesson } from '../../scripts/site/verify';
import { newFolder } from '../folder';

/** 03 runs in site.test.ts, compared with Node. LAB_LESSONS=11,14 runs others in the place of these. */
const WORDS = process.env.LAB_LESSONS?.split(',') ?? LONGEST_FIRST.filter(name => !name.startsWith('03'));
const LESSONS = WORDS.flatMap(word => selectLessons([word]));

describe('whole lessons in the page', { concurrency: 2, timeout: 1_200_000 }, () => {
  const folder = newFolder('lessons');
  const browsers = new Browsers();
  let server: Server;
  before(async () => {
    await buildRunnable(folder, LESSONS, LESSONS);
    server = await serve(folder);
  });
  after(async () => {
    await browsers.close();
    server?.close();
  });

  for (const lesson of LESSONS)
    it(`runs ${lesson.name}`, () =>
      browsers.use(async browser => {
        const verdict = await verifyLesson(browser, server.address, lesson, { compare: false });
        assert.deepEqual({ faults: verdict.faults, foreign: verdict.foreign }, { faults: [], foreign: [] });
        assert.equal(verdict.ran + verdict.elsewhere, verdict.cells);
      }));
});
