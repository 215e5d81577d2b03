/** The reader's own folder, notebooks/my-work: made once, ignored by git, and no command ever writes over what is in it. */
import fs from 'node:fs';
import path from 'node:path';
import { type Language, ROOT } from './notebook';

/** Its place in the project; what stands here is the reader's. */
export const MY_WORK = 'notebooks/my-work';

/** Copies for a beginning: template → place in the folder. What lies below `zh` speaks Chinese (lib/i18n/language.ts). */
const TEMPLATES = [
  ['notebooks/templates/start-your-own.ipynb', 'start-your-own.ipynb'],
  ['notebooks/templates/zh/start-your-own.ipynb', 'zh/start-your-own.ipynb'],
] as const;

const NOTE = `# my-work: your own notebooks

This folder is yours. Git does not see it, no command of the course changes or deletes a file in it, and
\`import { … } from './lib'\` works in its notebooks as it does in the lessons.

- **Begin** with \`start-your-own.ipynb\`, or with *File → New → Notebook*, kernel *TypeScript*.
- **Show it to others:** \`npm run export -- my-work/start-your-own.ipynb\` makes a page, slides and a PDF that need no network.
- **A lesson as it was:** \`npm run reset -- 03\` brings lesson 03 back, and puts your version of it here.

Nobody else keeps a copy of this folder: back it up as you do with your other work.

# my-work：你自己的笔记本

这个文件夹归你。git 不管理它，课程的任何命令都不会改动或删除其中的文件；这里的笔记本同样可以写
\`import { … } from './lib'\`。

- **开始：**打开 \`zh/start-your-own.ipynb\`，或选*文件 → 新建 → Notebook*，内核选 *TypeScript*。放在 \`zh/\` 里的笔记本显示中文。
- **给别人看：**\`npm run export -- my-work/zh/start-your-own.ipynb\` 会生成不用联网的网页、幻灯片和 PDF。
- **恢复一课：**\`npm run reset -- 03\` 把第 03 课恢复原样，并把你改过的版本放到这里。

这个文件夹没有别的副本，请像对待其他文件一样自己备份。
`;

/** Makes the folder with its note and a notebook to begin with; returns false, and does nothing, where it is there already. */
export function makeMyWork(root = ROOT): boolean {
  const folder = path.join(root, MY_WORK);
  if (fs.existsSync(folder)) return false;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'README.md'), NOTE);
  for (const [template, name] of TEMPLATES) {
    const [from, to] = [path.join(root, template), path.join(folder, name)];
    if (!fs.existsSync(from)) continue;
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(from, to);
  }
  return true;
}

/** A name in notebooks/my-work that is free: the lesson's, the day and the hour, and a number where that is taken. */
export function freePlace({ name, language }: { name: string; language: Language }, root = ROOT): string {
  const [day, hour] = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().split('T');
  const stem = `${name}.${day}.${hour.slice(0, 5).replace(':', '')}`;
  for (let i = 1; ; i++) {
    const file = path.join(root, MY_WORK, language === 'zh' ? 'zh' : '', `${stem}${i > 1 ? `.${i}` : ''}.ipynb`);
    if (!fs.existsSync(file)) return file;
  }
}
