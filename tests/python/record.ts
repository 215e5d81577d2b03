/** Runs the Python of all pairs with PyTorch and keeps the results for machines without: node --import tsx tests/python/record.ts */
import fs from 'node:fs';
import path from 'node:path';
import { benchPython } from '../../scripts/bench/python';
import { pack } from '../packed';
import { PAIRS } from './pairs';
import { fingerprint, runPython, shownPairs } from './shown';

const pairs = shownPairs().filter(({ id }) => id in PAIRS);
const results = runPython(benchPython(), pairs);
const rounded = (list: number[][]) => list.map(row => row.map(number => Number(number.toPrecision(9))));
const recorded = pairs.map(shown => [shown.id, { of: fingerprint(shown), results: rounded(results[shown.id]) }]);
const file = path.join(__dirname, 'recorded.json');
fs.writeFileSync(file, JSON.stringify(Object.fromEntries(recorded)));
pack(file);
console.log(`${pairs.length} pairs written to ${file}`);
