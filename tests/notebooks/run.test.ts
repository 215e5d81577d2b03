/** Every lesson, executed in quick mode through the real kernel. LAB_LESSONS=10,12 chooses some. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { executeNotebook, type Failure, failureText } from '../../scripts/notebooks/execute';
import { cheats, exercisesOf, solved } from '../../scripts/notebooks/exercises';
import { normalise } from '../../scripts/notebooks/normalise';
import {
  allLessons,
  type Cell,
  type Notebook,
  readNotebook,
  selectLessons,
  writeNotebook,
} from '../../scripts/notebooks/notebook';
import { newFolder } from '../folder';

const FIXTURES = path.join(__dirname, '..', 'fixtures');
/** Longest that a lesson may take in quick mode on two cores that are shared with another lesson. */
const QUICK_SECONDS = 300;
const folder = newFolder('quick');

/** The lesson with each exercise asked again: as the reader finds it, with the folded solution in its place, and with cheats. */
function withSolutions(notebook: Notebook): Notebook {
  const exercises = new Map(exercisesOf(notebook).map(exercise => [exercise.cell.id, exercise]));
  const cells = notebook.cells.flatMap(cell => {
    const exercise = exercises.get(cell.id);
    if (!exercise) return [cell];
    const asked = cheats(exercise).map(({ name, source }) => ({ ...cell, id: `${cell.id}${CHEAT}${name}`, source }));
    return [cell, ...asked, { ...cell, id: `${cell.id}${SOLVED}`, source: solved(exercise) }]; // what follows may use it
  });
  return { ...notebook, cells };
}

const SOLVED = '-solved';
const CHEAT = '-cheat-';
const saidBy = (cell: Cell) => (cell.outputs ?? []).map(o => String(o.data?.['text/plain'] ?? o.text ?? '')).join('\n');

/** Runs a notebook; a failure becomes an error that shows the cell. */
async function run(file: string, home = path.dirname(file), seconds = QUICK_SECONDS): Promise<Notebook> {
  const output = path.join(folder, `ran-${path.basename(file)}`);
  const { failure } = await executeNotebook(file, { output, quick: true, timeoutSeconds: seconds, folder: home });
  if (failure) assert.fail(failureText(failure, readNotebook(file).cells.find(cell => cell.id === failure.id)?.source));
  return normalise(readNotebook(output));
}

describe('running notebooks', { concurrency: 2 }, () => {
  it('the sampler gives every kind of output that is saved in it', async () => {
    const file = path.join(FIXTURES, 'notebooks', '00-sampler.ipynb');
    const kinds = (notebook: Notebook) =>
      notebook.cells.map(cell => (cell.outputs ?? []).map(o => [o.output_type, ...Object.keys(o.data ?? {}).sort()]));
    assert.deepEqual(kinds(await run(file, path.dirname(file), 120)), kinds(readNotebook(file)));
  });

  it('a failing cell is named with its code and message', async () => {
    const notebook = readNotebook(path.join(FIXTURES, 'notebooks', '00-sampler.ipynb'));
    notebook.cells = notebook.cells.filter(cell => cell.id === 'broken').map(cell => ({ ...cell, metadata: {} }));
    const file = path.join(folder, 'broken.ipynb');
    writeNotebook(file, notebook);
    const { failure } = await executeNotebook(file, {
      output: `${file}.out`,
      folder: path.join(FIXTURES, 'notebooks'),
    });
    assert.equal(failure?.id, 'broken');
    assert.match(
      failureText(failure as Failure, notebook.cells[0].source),
      /cell 'broken' failed: Error: expected images/,
    );
  });

  it('a kernel that is not there is told', async () => {
    const notebook = readNotebook(path.join(FIXTURES, 'notebooks', '00-sampler.ipynb'));
    notebook.metadata.kernelspec = { name: 'no-such-kernel', display_name: '', language: '' };
    const file = path.join(folder, 'no-kernel.ipynb');
    writeNotebook(file, notebook);
    const { failure } = await executeNotebook(file, { output: `${file}.out` });
    assert.match(failure!.message, /no-such-kernel.*npm run setup/);
  });

  const words = process.env.LAB_LESSONS?.split(',');
  for (const { name, files } of words ? selectLessons(words) : allLessons()) {
    it(`${name} runs in quick mode, and every solution passes its check, no constant does`, async () => {
      const file = path.join(folder, `${name}.ipynb`);
      writeNotebook(file, withSolutions(readNotebook(files.en)));
      const notebook = await run(file, path.dirname(files.en));
      const code = notebook.cells.filter(cell => cell.cell_type === 'code' && cell.source.trim());
      assert.ok(
        code.every(cell => typeof cell.execution_count === 'number'),
        'every code cell ran',
      );
      for (const { cell } of exercisesOf(notebook)) {
        if (cell.id.includes(CHEAT)) {
          // what it gives is wrong, or so far from an answer that it counts as none
          assert.match(saidBy(cell), /[✗○]/, `${cell.id} should not pass: ask with several inputs`);
          assert.doesNotMatch(saidBy(cell), /✓/, `${cell.id} should not pass: ask with several inputs`);
          continue;
        }
        const [sign, state] = cell.id.endsWith(SOLVED) ? [/✓/, 'right'] : [/○/, 'unsolved'];
        assert.match(saidBy(cell), sign, `${cell.id} should be ${state}`);
      }
    });
  }
});
