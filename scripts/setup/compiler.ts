/** Finds something that compiles C++17: the user's compiler, or the one inside the Python package ziglang. */
import { install } from './packages';
import { venvProgram } from './paths';
import { run } from './shell';

/** Clang with its own C++ library and headers in one wheel; needs nothing of the system. */
export const ZIGLANG = 'ziglang==0.15.2';

export interface Compiler {
  name: string;
  /** Program and leading arguments. */
  command: string[];
}

const PROBE =
  '#include <memory>\n#include <string>\nint main() { auto s = std::make_unique<std::string>("ok"); return s->size() - 2; }\n';

/** Compilers to try, the user's own choice (CXX) first. */
export function compilerCandidates(env: NodeJS.ProcessEnv): Compiler[] {
  const own = env.CXX ? [{ name: env.CXX, command: env.CXX.split(' ') }] : [];
  return [...own, ...['g++', 'clang++', 'c++'].map(name => ({ name, command: [name] }))];
}

/** The first compiler that really compiles (some are there without their headers); undefined where none does. */
export async function findCompiler(env: NodeJS.ProcessEnv = process.env): Promise<Compiler | undefined> {
  for (const compiler of compilerCandidates(env)) {
    const [program, ...argv] = compiler.command;
    const probe = [...argv, '-std=c++17', '-fsyntax-only', '-x', 'c++', '-'];
    const { code } = await run(program, probe, { input: PROBE, env: { PATH: env.PATH ?? '' } });
    if (code === 0) return compiler;
  }
  return undefined;
}

/** Zig's compiler driver, run by .venv's Python. */
export const zig = (): Compiler => ({
  name: `zig (Python package ${ZIGLANG})`,
  command: [venvProgram('python'), '-m', 'ziglang', 'c++'],
});

/** A compiler in any case: found, or installed into .venv (100 MB). */
export async function needCompiler(): Promise<Compiler> {
  const found = await findCompiler();
  if (found) return found;
  await install('installing a C++ compiler (Python package ziglang)', [ZIGLANG]);
  return zig();
}
