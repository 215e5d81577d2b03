/**
 * Time that a reader waits: the total since the command began, and the seconds of a step while it works.
 * Plain JavaScript, because scripts/lab.mjs needs it before anything is installed.
 */

/** The moment scripts/lab.mjs began, in ms since 1970; handed on to the programs that it starts. */
const began = Number(process.env.LAB_BEGAN) || performance.timeOrigin;

/** '94.2 s', '2 min 5 s': since the command began. */
function sinceBegin(now = Date.now()) {
  const seconds = Math.max(0, now - began) / 1000;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

/**
 * Says `what`, and how long it has worked: on a terminal one line that counts each second, elsewhere a line a minute.
 * Returns the function that ends it and takes the counting line away.
 * @param {string} what
 * @param {(line: string) => void} report
 * @returns {() => void}
 */
function ticking(what, report = console.log) {
  const started = performance.now();
  const passed = () => `${Math.round((performance.now() - started) / 1000)} s, ${sinceBegin()} in all`;
  report(`· ${what} …`);
  const { stdout } = process;
  const timer = stdout.isTTY
    ? setInterval(() => stdout.write(`\r\x1b[K  … ${passed()}`), 1000)
    : setInterval(() => report(`  … ${passed()}`), 60_000);
  return () => {
    clearInterval(timer);
    if (stdout.isTTY) stdout.write('\r\x1b[K');
  };
}

module.exports = { began, sinceBegin, ticking };
