/** What the marking of exercises says beside the checks, in the language of the notebook. */
import type { Language } from '../notebooks/notebook';

const WORDS = {
  deleted: ['the exercise is not in the notebook', '笔记本里没有这道练习'],
  unsolved: ['not solved yet', '还没有作答'],
  nameless: ['the cell does not declare {0}', '单元格里没有声明 {0}'],
  shadows: [
    'the cell imports {0} under a name that the check uses: choose another name',
    '单元格导入了 {0}，检查也用到这个名字：请换一个名字',
  ],
  tampered: ['the check itself was changed by the code: nothing counts', '代码改动了检查本身：不计分'],
  slow: ['still running after {0} s: stopped', '运行 {0} 秒仍未结束，已停止'],
  large: ['took more than {0} MB of memory: stopped', '占用内存超过 {0} MB，已停止'],
  ended: ['the code ended the kernel', '代码使内核退出了'],
  silent: ['the check did not report', '检查没有给出结果'],
  unprepared: ['the cells of the lesson before it failed: {0}', '它前面的课程单元格运行失败：{0}'],
  unknown: ['no lesson of the course is like this notebook', '没有哪一课与这个笔记本相符'],
  noExercises: ['this lesson has no exercises', '这一课没有练习'],
  broken: ['no notebook: {0}', '不是笔记本文件：{0}'],
  failed: ['could not be run: {0}', '无法运行：{0}'],
} as const satisfies Record<string, readonly [string, string]>;

export type Word = keyof typeof WORDS;

/** A sentence in a language; {0} is the value. */
export function says(language: Language, word: Word, value: string | number = ''): string {
  return WORDS[word][language === 'zh' ? 1 : 0].replace('{0}', () => String(value));
}
