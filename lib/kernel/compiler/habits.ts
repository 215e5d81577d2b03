/** Lines that are IPython, Python or a shell: one sentence each, with what says the same here. Only asked about lines that do not compile. */
import { installing } from './packages-help';

const SHELL = (command: string): string =>
  `import { execSync } from 'node:child_process'; console.log(execSync(${JSON.stringify(command)}, { encoding: 'utf8' }))`;
const TERMINAL = 'or in a terminal (menu File → New → Terminal)';

export const MAGICS: Record<string, string> = {
  time: 'const start = performance.now(); …; (performance.now() - start) / 1000 gives the seconds',
  timeit: 'const start = performance.now(); …; (performance.now() - start) / 1000 gives the seconds',
  prun: 'const start = performance.now(); …; (performance.now() - start) / 1000 gives the seconds',
  matplotlib: 'nothing is needed, figures show themselves',
  load_ext: 'nothing is needed, import what you use',
  autoreload: 'nothing is needed: a changed file loads anew when its import line runs again',
  run: "import './file'",
  cd: "process.chdir('folder')",
  pwd: 'process.cwd()',
  env: 'process.env.NAME',
  who: 'Tab at the beginning of a word shows the names there are',
  whos: 'Tab at the beginning of a word shows the names there are',
  html: "display({ 'text/html': '…' }) with import { display } from './lib'",
  HTML: "display({ 'text/html': '…' }) with import { display } from './lib'",
  latex: "display({ 'text/latex': '…' }) with import { display } from './lib'",
  markdown: "display({ 'text/markdown': '…' }) with import { display } from './lib', or a Markdown cell",
  writefile: "fs.writeFileSync('name', '…') with import fs from 'node:fs'",
  javascript: 'the code itself: cells are TypeScript',
  js: 'the code itself: cells are TypeScript',
};

interface Habit {
  /** On a line, texts and comments taken out. */
  pattern: RegExp;
  /** Texts are what it is about. */
  texts?: true;
  /** TypeScript can read such a line, and finds no name in it. */
  readable?: true;
  say(found: RegExpExecArray): string;
}

const HABITS: Habit[] = [
  {
    pattern: /^\s*(\w+(?:\s*,\s*\w+)+)\s*=(?![=>])(.*,.*)$/,
    readable: true,
    say: ([, names, values]) => `several names get values in brackets here: let [${names}] = [${values.trim()}]`,
  },
  {
    pattern: /^\s*[!%]{1,2}\s*(?:pip3?|conda|uv pip|npm|yarn|pnpm)\s+(?:install|i|add)\s+(.+)$/,
    readable: true,
    say: ([, names]) => installing(names),
  },
  {
    pattern: /^\s*(?:python3?\s+-m\s+)?(?:pip3?|conda|uv pip|npm|yarn|pnpm)\s+(?:install|i|add)\s+(.+)$/,
    texts: true,
    say: ([, names]) => installing(names),
  },
  {
    pattern: /^\s*!{1,2}\s*(?=[\w./~])([^(]+)$/,
    readable: true,
    say: ([, command]) =>
      `'!' runs a command of the shell in IPython only; here: ${SHELL(command.trim())}; ${TERMINAL}`,
  },
  {
    pattern: /^\s*%%(?:bash|sh|script|cmd|system|sx)\b/,
    readable: true,
    say: () => `'%%bash' is IPython's; here: ${SHELL('…')}; ${TERMINAL}`,
  },
  {
    pattern: /^\s*%{1,2}([A-Za-z]\w*)/,
    readable: true,
    say: ([, name]) =>
      `'%${name}' is IPython's; ${Object.hasOwn(MAGICS, name) ? `here: ${MAGICS[name]}` : 'this kernel has no such commands'}`,
  },
  { pattern: /^\s*\?{1,2}\s*([\w.]+)\s*;?\s*$/, say: ([, name]) => shiftTab(name) },
  { pattern: /^\s*([\w.]+)\s*\?{1,2}\s*;?\s*$/, say: ([, name]) => shiftTab(name) },
  {
    pattern:
      /^\s*(?:ls|cd|cat|git|mkdir|rm|rmdir|cp|mv|head|tail|echo|touch|which|tar|unzip|zip|kill|make|wget|curl|sudo|apt(?:-get)?|npx|python3?|node|jupyter|(?:pip3?|conda|npm)(?=\s+[a-z]))(?:\s+[-"'$\w./~*]\S*)+\s*$/,
    texts: true,
    say: ([command]) => `a command of the shell is no code; here: ${SHELL(command.trim())}; ${TERMINAL}`,
  },
  {
    pattern: /^\s*export\s+(\w+)=(\S+)\s*$/,
    texts: true,
    say: ([, name, value]) => `a command of the shell is no code; here: process.env.${name} = ${JSON.stringify(value)}`,
  },
  {
    pattern: /^\s*(?:(?:let|const|var)\s+)?(\w+)\s*=\s*!\s*([\w./~][^(=]*)$/,
    readable: true,
    say: ([, name, command]) =>
      `'!' runs a command of the shell in IPython only; here: ${SHELL(command.trim()).replace('console.log(', `const ${name} = `).replace(/\)$/, '')}; ${TERMINAL}`,
  },
  {
    pattern: /^\s*(\w+)\s*:=\s*(\S.*)$/,
    say: ([, name, value]) => `':=' gives no value here: let ${name} = ${value.trim()}`,
  },
  {
    pattern: /\b([\w$]+)\[([^\][?]*:[^\][?]*)\]/,
    say: ([, name, parts]) => slices(name, parts),
  },
  {
    pattern: /(?:=|\(|,|return)\s*([^=(,?]+?)\s+if\s+(.+?)\s+else\s+([^,)]+)/,
    say: ([, yes, test, no]) => `'… if … else …' is Python's; here: ${operators(test)} ? ${yes.trim()} : ${no.trim()}`,
  },
  {
    pattern: /^\s*([\w$.]+)\s+if\s+(.+?)\s+else\s+(\S.*)$/,
    say: ([, yes, test, no]) => `'… if … else …' is Python's; here: ${operators(test)} ? ${yes.trim()} : ${no.trim()}`,
  },
  {
    pattern: /\{.*\bfor\b.+\bin\b.*\}/,
    say: () => "comprehensions are Python's; here: Object.fromEntries(xs.map(x => [x, …])), new Set(xs.map(x => …))",
  },
  {
    pattern: /^\s*from\s+([\w.]+)\s+import\s+\(?([\w*,\s]+?)\)?\s*(?:#.*)?$/,
    say: ([, from, names]) =>
      `${PY} an import; here: import ${names.trim() === '*' ? '* as all' : `{ ${names.trim().replace(/\s+as\s+/g, ' as ')} }`} from '${module(from)}'${instead(from)}`,
  },
  {
    pattern: /^\s*import\s+([\w.]+)\s+as\s+(\w+)\s*(?:#.*)?$/,
    say: ([, from, name]) => `${PY} an import; here: import * as ${name} from '${module(from)}'${instead(from)}`,
  },
  {
    pattern: /^\s*import\s+([\w.]+)(?:\s*,\s*[\w.]+)*\s*(?:#.*)?$/,
    say: ([, from]) =>
      `${PY} an import; here: import * as ${from.split('.').at(-1)} from '${module(from)}'${instead(from)}`,
  },
  {
    pattern: /^\s*async\s+def\s+(\w+)/,
    say: ([, name]) => `${PY} a function; here: async function ${name}(x: number): Promise<number> { … }`,
  },
  {
    pattern: /^\s*def\s+(\w+)/,
    say: ([, name]) => `${PY} a function; here: function ${name}(x: number): number { … }`,
  },
  { pattern: /^\s*(?:\}\s*)?elif\b/, say: () => `'elif' is Python's; here: } else if (…) {` },
  {
    pattern: /^\s*(?:except|finally)\b.*:\s*(?:#.*)?$/,
    say: () => `${PY} error handling; here: try { … } catch (error) { … } finally { … }`,
  },
  { pattern: /^\s*try\s*:/, say: () => `${PY} error handling; here: try { … } catch (error) { … }` },
  {
    pattern: /^\s*for\s+(.+?)\s+in\s+range\((.*)\)\s*:/,
    say: ([, name]) => `${PY} a loop; here: for (let ${name} = 0; ${name} < n; ${name}++) { … }`,
  },
  {
    pattern: /^\s*for\s+([^(].*?)\s+in\s+(.+?)\s*:/,
    say: ([, name, list]) =>
      `${PY} a loop; here: for (const ${name.includes(',') ? `[${name}]` : name} of ${list}) { … }`,
  },
  {
    pattern: /^\s*(while|if)\s+(.+?)\s*:\s*(?:#.*)?$/,
    say: ([, word, test]) => `blocks stand in braces here: ${word} (${operators(test)}) { … }`,
  },
  { pattern: /^\s*else\s*:/, say: () => 'blocks stand in braces here: } else { … }' },
  {
    pattern: /^\s*class\s+(\w+)\s*(?:\((.*)\))?\s*:/,
    say: ([, name, base]) =>
      `${PY} a class; here: class ${name}${base ? ` extends ${base}` : ''} { constructor(…) { … } }`,
  },
  {
    pattern: /^\s*with\s+.+:\s*(?:#.*)?$/,
    say: () => `'with' is Python's; here: using x = …; or try { … } finally { … }`,
  },
  { pattern: /\blambda\b[^:]*:/, say: () => `'lambda' is Python's; here: x => …` },
  { pattern: /^\s*raise\b\s*(.*)$/, say: () => "'raise' is Python's; here: throw new Error('…')" },
  { pattern: /^\s*assert\s+[^(]/, say: () => "'assert' is Python's; here: if (!x) throw new Error('…')" },
  { pattern: /^\s*del\s+\w/, say: () => "'del' is Python's; here: delete map[key], or x.dispose() of a tensor" },
  {
    pattern: /^\s*(?:global|nonlocal)\s+\w/,
    say: ([line]) => `'${line.trim().split(' ')[0]}' is Python's; here functions see the names around them`,
  },
  { pattern: /^\s*print\s+[^(=;]/, say: () => "print is Python's; here: console.log(x)" },
  {
    pattern: /(?:^|[\s=(,[{:+])[fF][rR]?(["'])/,
    texts: true,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what the reader is to write
    say: () => "f-strings are Python's; here: `text ${value}` between backticks",
  },
  {
    pattern: /(?:^|[\s=(,[{:+])[rbu](["'])/,
    texts: true,
    say: ([, quote]) =>
      `strings have no letter in front here: ${quote}…${quote}, String.raw\`…\` where backslashes stay`,
  },
  {
    pattern: /"""|'''/,
    texts: true,
    say: () => "three quotes are Python's; here: `text over several lines` between backticks, or a comment /* … */",
  },
  {
    pattern: /\[.*\bfor\b.+\bin\b.*\]/,
    say: () => "list comprehensions are Python's; here: xs.map(x => …), xs.filter(x => …)",
  },
  { pattern: /(?:^|\s)#(?!!)(?:\s|$|\w+\s)/, say: () => "'#' begins a comment in Python; here: //" },
  { pattern: /\b(?:and|or|not|is not|is)\b/, say: ([word]) => `'${word}' is Python's; here: ${OPERATORS[word]}` },
];

/** xs[1:3] of a list, x[:, 0] of a tensor. */
function slices(name: string, parts: string): string {
  if (parts.includes(','))
    return `'${name}[${parts.trim()}]' is Python's; here, of a tensor: ${name}.slice([from, …], [size, …])`;
  const [from = '', to = '', step = ''] = parts.split(':').map(part => part.trim());
  const plain = step === '' ? `${name}.slice(${[from || '0', ...(to ? [to] : [])].join(', ')})` : '';
  const back = step === '-1' && !from && !to ? `${name}.toReversed()` : `${name}.filter((_, i) => i % n === 0)`;
  return `'${name}[${parts.trim()}]' is Python's; here: ${plain || back}`;
}

const PY = 'this is Python for';
const OPERATORS: Record<string, string> = { and: '&&', or: '||', not: '!', is: '===', 'is not': '!==' };

const WORDS: Record<string, string> = { ...OPERATORS, True: 'true', False: 'false', None: 'undefined' };

const operators = (test: string): string =>
  test.replace(/\bnot\s+/g, '!').replace(/\b(?:is not|is|and|or|True|False|None)\b/g, word => WORDS[word]);

const shiftTab = (name: string): string =>
  `'?' asks for help in IPython; here: put the cursor on ${name} and press Shift+Tab`;

const module = (from: string): string => from.replaceAll('.', '/').replace(/^\/+/, './');

const INSTEAD: Record<string, string> = {
  numpy: "tensors: import { tf } from './lib'",
  torch: "tensors and layers: import { tf } from './lib'",
  tensorflow: "import { tf } from './lib'",
  keras: "layers: import { Linear } from './lib'",
  matplotlib: "the figures of the course's lib: import { … } from './lib'",
  seaborn: "the figures of the course's lib: import { … } from './lib'",
  pandas: "tables: import { readCsv } from './lib'",
  math: 'Math, which needs no import',
  random: 'Math.random(), which needs no import',
  time: 'performance.now(), which needs no import',
  sys: 'process, which needs no import',
  os: "import os from 'node:os', import fs from 'node:fs'",
  json: 'JSON, which needs no import',
  re: 'regular expressions: /a+/g, which need no import',
};

/** What takes the place of a package of Python's. */
export function instead(name: string): string {
  const top = name.split(/[./]/)[0];
  return Object.hasOwn(INSTEAD, top) ? `. In the place of Python's ${top}: ${INSTEAD[top]}` : '';
}

/** What is to be said of a line; undefined where it is no such habit. @param grammar whether TypeScript could not even read it */
export function habitOf(line: string, grammar: boolean): string | undefined {
  const bare = line.replace(/(["'`])(?:\\.|(?!\1).)*\1/g, '$1$1').replace(/\/\/.*/, '');
  for (const { pattern, texts, readable, say } of HABITS) {
    const found = grammar || readable ? pattern.exec(texts || readable ? line : bare) : null;
    if (found) return say(found);
  }
  return undefined;
}
