/** The last page of the course in each language, made from all lessons: what they promised, and what they asked. */
import { type Card, cardsOf, letterOf } from './cards';
import { linkFirstMentions } from './glossary';
import { type Cell, type Language, type Notebook, titleOf } from './notebook';
import { withoutMarks } from './numbers';

/** Name of the closing page's notebook, without its ending. */
export const CLOSING = 'closing';

const WORDS = {
  en: {
    intro: (lessons: number, questions: number) => `# The end of the course: what you can do now, and where to go on

This page is made from the ${lessons} lessons: what each of them promised you, and all ${questions} questions of their quizzes. A promise that you would not sign is a lesson to open again.`,
    can: '## What you can do now',
    test: (questions: number) => `## Test yourself

${questions} questions. Answer each aloud before you open it. What you missed, ask yourself again tomorrow, then after three days, a week, a month: questions that come back just before they are forgotten stay longest.

Anki keeps such a calendar by itself: \`npm run cards\` writes all questions as \`site/cards/latentlab-en.csv\`, and Anki's *File, Import* takes the file as it is. Importing a newer one later changes the cards and keeps what Anki knows of you.`,
    answer: 'Answer',
    promised: '**After this lesson you can**',
    between: ' · ',
  },
  zh: {
    intro: (lessons: number, questions: number) => `# 课程结束了：现在你会什么，接下来去哪里

本页由全部 ${lessons} 课自动汇总：每一课当初承诺你学会什么，以及小测验里的全部 ${questions} 道题。哪一条承诺你不敢签字，就把那一课重新打开。`,
    can: '## 现在你会什么',
    test: (questions: number) => `## 考考自己

共 ${questions} 题。先把答案说出口，再展开看。答错的，明天再问一遍，然后隔三天、一周、一个月：快要忘记时再想一次，记得最牢。

Anki 会替你安排哪天复习哪张：运行 \`npm run cards\`，所有题目就写进 \`site/cards/latentlab-zh.csv\`，在 Anki 的“文件 → 导入”里选它即可。以后导入新版，题目会更新，你的复习记录不会丢。`,
    answer: '答案',
    promised: '**学完本课，你能够**',
    between: ' · ',
  },
};

const ONWARD: Record<Language, string> = {
  en: `## Where to go on

- **Train something of your own.** \`notebooks/my-work/\` is yours, and a [page to begin with](templates/start-your-own.ipynb) lies there: data, model, training, figure. Begin with pictures or texts that you know well; you will see mistakes that no loss shows.
- **Train longer, and larger.** Every recipe here was cut to minutes on two cores. With a GPU ([how](../docs/gpu.md)) multiply width and steps by four, and compare with the metrics card.
- **Use real weights.** The nets of the atlas have the names and the arithmetic of the published ones: [Stable Diffusion](../docs/text-to-image.md) and [language models](../docs/language-models.md) load from their files.
- **Read the papers.** Each lesson ends with its references; begin with those whose figures you have computed. Section and equation numbers stand in the library's comments.
- **Change the library.** \`lib/\` is small enough to read whole. Add a sampler, a norm, a loss; the tests say whether it still agrees with the references.
- **Teach.** Explain one lesson to somebody without looking at it. What you stumble over is the next thing to learn. You may also [write a lesson](../docs/writing-lessons.md).`,
  zh: `## 接下来去哪里

- **训练一个自己的模型。** \`notebooks/my-work/\` 归你，那里放着[从这里开始](../templates/zh/start-your-own.ipynb)：数据、模型、训练、图。先用你熟悉的图片或文字，损失看不出来的毛病，你一眼就能看出来。
- **训练得更久、更大。** 为了在双核机器上几分钟跑完，这里的每次训练都做了压缩。有显卡的话（[说明](../../docs/gpu.md)，英文），把宽度和步数都乘以四，再和指标卡比一比。
- **用真正的权重。** 图鉴里的网络与公开发表的同名、同算法：[Stable Diffusion](../../docs/text-to-image.md) 和[语言模型](../../docs/language-models.md)都能从文件载入（说明为英文）。
- **读论文。** 每课末尾都有参考文献，先读那些你已经亲手算出过数字的。函数库的注释里写着章节号和公式号。
- **改函数库。** \`lib/\` 不大，可以从头读到尾。加一个采样器、一种归一化、一个损失；测试会告诉你它还与参考实现一致不一致。
- **教别人。** 合上笔记本，把一课讲给别人听。卡住的地方，就是下一步要学的。也可以[自己写一课](../../docs/writing-lessons.md)（英文）。`,
};

/** The list under the head's promise, as it stands there. */
function promisesOf(notebook: Notebook, language: Language): string {
  const after = notebook.cells[0].source.split(`${WORDS[language].promised}\n\n`)[1] ?? '';
  const unmarked = withoutMarks(after.split('\n\n')[0]); // the number is the lesson's
  const unlinked = unmarked.replace(/\[([^\]\n]*)\]\(glossary\.ipynb[^)\n]*\)/g, '$1');
  return unlinked.trim();
}

/** '05 How a network learns' as a link to the lesson. */
const linkTo = (name: string, notebook: Notebook): string =>
  `[${titleOf(notebook).replace(' · ', ' ').split(/：|: /)[0]}](${name}.ipynb)`;

const safe = (text: string): string => text.replaceAll('<', '&lt;');

function asked({ question, choices, answer, why }: Card, number: number, language: Language): string {
  const listed = choices.map((choice, i) => `- ${letterOf(i)}. ${safe(choice)}`).join('\n');
  const said = `**${letterOf(answer)}**${WORDS[language].between}${safe(choices[answer])}\n\n${safe(why)}`;
  const fold = `<details><summary>${WORDS[language].answer}</summary>\n\n${said}\n\n</details>`;
  return `**${number}.** ${safe(question)}\n\n${listed}\n\n${fold}`;
}

const markdown = (id: string, source: string): Cell => ({ cell_type: 'markdown', id, metadata: {}, source });

/** The closing page; `lessons` are the numbered notebooks of its language by name, `english` those whose code asks. */
export function closingNotebook(
  language: Language,
  lessons: ReadonlyMap<string, Notebook>,
  english: ReadonlyMap<string, Notebook>,
  metadata: Notebook['metadata'],
): Notebook {
  const words = WORDS[language];
  const cards = new Map([...english].map(([name, notebook]) => [name, cardsOf(name, notebook, language)]));
  const count = [...cards.values()].flat().length;
  const promises = [...lessons].map(([name, nb]) => `**${linkTo(name, nb)}**\n\n${promisesOf(nb, language)}`);
  const tests = [...lessons].flatMap(([name, notebook]) => {
    const own = cards.get(name) ?? [];
    if (own.length === 0) return [];
    const questions = own.map((card, i) => asked(card, i + 1, language));
    return [markdown(`test-${name.slice(0, 2)}`, [`### ${linkTo(name, notebook)}`, ...questions].join('\n\n'))];
  });
  const cells = [
    markdown('title', words.intro(lessons.size, count)),
    markdown('can', [words.can, ...promises].join('\n\n')),
    markdown('onward', ONWARD[language]),
    markdown('test', words.test(count)),
    ...tests,
  ];
  return linkFirstMentions({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, language);
}
