/** A duration as one says it: no more digits than such an estimate has. */
const spoken = (seconds: number, [second, minute]: readonly [string, string]): string => {
  if (seconds < 90) return `${10 * Math.max(1, Math.round(seconds / 10))} ${second}`;
  const minutes = seconds / 60;
  return `${minutes < 20 ? Math.round(minutes) : 5 * Math.round(minutes / 5)} ${minute}`;
};
const english = (seconds: number): string => spoken(seconds, ['seconds', 'minutes']);
const chinese = (seconds: number): string => spoken(seconds, ['秒', '分钟']);

/** A step as one says it, in ms. */
const step = (ms: number): string => (ms < 10 ? ms.toPrecision(2) : ms.toFixed(0));

interface Reference {
  seconds: number;
  step: number;
}

/** Bytes as one says them; of two, those that are there and all. */
const megabytes = (all: number, here?: number, of = ' of '): string =>
  `${here === undefined ? '' : `${(here / 1e6).toFixed(1)}${of}`}${(all / 1e6).toFixed(1)} MB`;

/** The file's own name, without its folders. */
const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/** What the controls of a page say. */
export const WORDS = {
  en: {
    run: 'Run',
    runCell: (n: number) => `Run cell ${n}`,
    editCell: (n: number) => `Edit cell ${n}`,
    resetCell: (n: number) => `Reset cell ${n}`,
    linkCell: (n: number) => `Link to cell ${n}`,
    toolbar: 'Run this page',
    runAll: 'Run all',
    stop: 'Stop',
    whole: 'full trainings (minutes)',
    shortHere: 'Trainings are short here; with ?full in the address of this page they have their whole length.',
    edit: 'Edit',
    reset: 'Reset',
    editor: (n: number) => `Code of cell ${n}`,
    idle: 'Runs in this page: nothing is installed, nothing is sent.',
    loading: 'Loading TypeScript and the library …',
    running: (n: number, all: number) => `Running cell ${n} of ${all} …`,
    done: (n: number) => (n === 1 ? '1 cell has run.' : `${n} cells have run.`),
    failed: (n: number) => `Cell ${n} has failed; those below it were not run.`,
    stopped: 'Stopped.',
    lost: 'The running code did not give way: it was ended, and all variables are gone. Run the cells again from the top.',
    otherSetting: 'With the new setting the cells begin anew: all variables are gone. Run the cells from the top.',
    broken: (why: string) => `This page cannot run code: ${why}`,
    arriving: (file: string, all: number, here?: number) =>
      `fetching ${nameOf(file)}${here === undefined ? ',' : ':'} ${megabytes(all, here)}`,
    inThisPage: 'In this page',
    cutShort: '; with full trainings longer',
    tookThere: (reference: Reference) =>
      `about ${english(reference.seconds)} on WebAssembly where a small training step takes ${step(reference.step)} ms; the first run times that step on your device`,
    takesHere: (seconds: number, device: string, ms: number, reference: Reference) =>
      `about ${english(seconds)} on this device: a small training step takes ${step(ms)} ms here (${device}), and ${step(reference.step)} ms where the lesson took ${english(reference.seconds)}`,
    saved: 'saved output',
    fresh: 'run in this page',
    link: 'Link',
    linked: (copied: boolean, changes: number) =>
      `A link to this cell${changes > 0 ? ' with all your changes' : ''} ${copied ? 'is on the clipboard and in the address line' : 'stands in the address line'}.`,
    shared: 'This address brought changed code. Read it, then run it; Reset brings back the lesson’s.',
    damaged: 'The code in this address is damaged, too long, or of no cell here: this is the lesson without it.',
    otherAddress: 'The address now carries other code than this page shows: load the page anew to read it.',
    editsUnkept: 'The browser does not keep your changes: they are there until this page is closed.',
    download: 'Download .ipynb',
    open: 'Open .ipynb …',
    empty: 'Empty',
    resetLesson: 'Reset this lesson',
    asItCame: 'This is the lesson as it came; its variables are gone. Run the cells from the top.',
    clearFiles: (files: readonly string[]) =>
      `The cells of this lesson have written these files, which this browser keeps:\n\n${files.join('\n')}\n\nDelete them, too?`,
    unkept: (file: string, why: string) =>
      `The browser does not keep ${file} (${why}): it is there until this page is closed.`,
    elsewhere: {
      program:
        'This cell starts a program of your computer, which a page cannot: below is its saved output. It runs in JupyterLab.',
      library:
        'This cell needs TensorFlow’s own library, which a page cannot load: below is its saved output. It runs in JupyterLab.',
      package: 'This cell needs a package that a page does not have: below is its saved output. It runs in JupyterLab.',
      file: 'This cell loads a program from a file, which a page cannot: below is its saved output. It runs in JupyterLab.',
      connection:
        'This cell connects to another machine, which a page cannot: below is its saved output. It runs in JupyterLab.',
      above: (n: number) =>
        `This cell needs what cell ${n} makes, which does not run in a page: below is its saved output. Both run in JupyterLab.`,
    },
    device: 'computes with',
    threads: (n: number) => `${n} threads`,
    measuring: 'Measuring once which device is the fastest …',
    measureDevice: 'Measure this device',
    aboutMeasuring:
      'Times one training step of five models on everything that this browser computes with: WebGPU, WebGL, WebAssembly, plain JavaScript. It takes a few minutes, less where a graphics card computes. Nothing is sent: copy the table if you want to pass it on.',
    measuringTask: (device: string, task: string) => `Measuring ${task} on ${device} …`,
    measured: 'Measured: milliseconds of a training step, the median of those in two seconds.',
    copyRows: 'Copy the table',
    rowsCopied: 'The table is on the clipboard, as Markdown.',
    addCode: '+ code',
    addText: '+ text',
    ownText: 'Text of this cell',
    remove: 'Remove',
    first: 'Read it, run it, no install.',
    inPage:
      'Open a lesson and press Run: this browser checks its code, compiles it and computes. Nothing is sent. What has run here once runs without a network, too.',
    own: 'A notebook of your own',
    about: 'It is kept in this browser only. Download it to keep it elsewhere, or to open it in JupyterLab.',
    notOpened: (why: string) => `The file was not opened: ${why}`,
    notJson: 'it is no notebook, since its text is not JSON.',
    otherFormat: 'it is no notebook of format 4, which is what JupyterLab saves.',
    noRoom: 'the browser keeps nothing for this page, or has no room for it.',
    opened: (name: string, language?: string) =>
      `This is ${name}, without its saved outputs: run its cells.${language === undefined ? '' : ` It says that they are ${language}; here they run as TypeScript.`}`,
    ownGoes: 'The notebook that stands here now will be gone. To keep it, cancel and download it first. Go on?',
    otherTab:
      'This notebook was changed in another tab. What you change here takes its place; load this page anew to go on from there.',
  },
  zh: {
    run: '运行',
    runCell: (n: number) => `运行第 ${n} 个单元格`,
    editCell: (n: number) => `编辑第 ${n} 个单元格`,
    resetCell: (n: number) => `还原第 ${n} 个单元格`,
    linkCell: (n: number) => `指向第 ${n} 个单元格的链接`,
    toolbar: '运行本页',
    runAll: '全部运行',
    stop: '停止',
    whole: '完整训练（需要几分钟）',
    shortHere: '这里的训练都缩短了；在本页网址中加上 ?full，就做完整训练。',
    edit: '编辑',
    reset: '还原',
    editor: (n: number) => `第 ${n} 个单元格的代码`,
    idle: '代码就在本页运行：无需安装，也不上传任何内容。',
    loading: '正在载入 TypeScript 和函数库……',
    running: (n: number, all: number) => `正在运行第 ${n} 个单元格，共 ${all} 个……`,
    done: (n: number) => `已运行 ${n} 个单元格。`,
    failed: (n: number) => `第 ${n} 个单元格出错，后面的单元格没有运行。`,
    stopped: '已停止。',
    lost: '正在运行的代码停不下来，已被强行结束，所有变量都丢失了。请从头重新运行各单元格。',
    otherSetting: '设置已改，一切重新开始，变量都已清除。请从头运行各单元格。',
    broken: (why: string) => `本页无法运行代码：${why}`,
    arriving: (file: string, all: number, here?: number) =>
      `正在下载 ${nameOf(file)}${here === undefined ? '，共 ' : '：'}${megabytes(all, here, ' / ')}`,
    inThisPage: '在本页运行',
    cutShort: '；做完整训练则更久',
    tookThere: (reference: Reference) =>
      `用 WebAssembly，在一个小训练步需 ${step(reference.step)} 毫秒的机器上约 ${chinese(reference.seconds)}；首次运行后会测出你的设备走这一步的时间`,
    takesHere: (seconds: number, device: string, ms: number, reference: Reference) =>
      `在这台设备上约 ${chinese(seconds)}：同一个小训练步，这里（${device}）需 ${step(ms)} 毫秒，本课用时 ${chinese(reference.seconds)}的那台机器需 ${step(reference.step)} 毫秒`,
    saved: '已保存的输出',
    fresh: '本页运行的输出',
    link: '链接',
    linked: (copied: boolean, changes: number) =>
      `指向本单元格的链接${copied ? '已复制，也写在地址栏里' : '已写在地址栏里'}${changes > 0 ? '，其中带有你的全部改动' : ''}。`,
    shared: '这个地址带来了改动过的代码。请先读一读再运行；点“还原”可恢复课程原来的代码。',
    damaged: '地址里的代码已损坏、过长，或者不属于本课的任何单元格，这里显示的是不带这些代码的课程。',
    otherAddress: '现在地址里带的代码与本页显示的不同，重新载入本页就能看到。',
    editsUnkept: '浏览器没能保存你的改动，关闭本页后它们就没有了。',
    download: '下载 .ipynb',
    open: '打开 .ipynb……',
    empty: '清空',
    resetLesson: '还原本课',
    asItCame: '本课已恢复原样，变量都已清除。请从头运行各单元格。',
    clearFiles: (files: readonly string[]) =>
      `本课的单元格写过下列文件，保存在这个浏览器里：\n\n${files.join('\n')}\n\n要一并删除吗？`,
    unkept: (file: string, why: string) => `浏览器没能保存 ${file}（${why}），关闭本页后它就没有了。`,
    elsewhere: {
      program: '这个单元格要启动电脑上的程序，网页做不到。下面是保存的输出，实际运行请用 JupyterLab。',
      library: '这个单元格要用 TensorFlow 自己的库，网页无法载入。下面是保存的输出，实际运行请用 JupyterLab。',
      package: '这个单元格要用的软件包，网页里没有。下面是保存的输出，实际运行请用 JupyterLab。',
      file: '这个单元格要从文件里载入程序，网页做不到。下面是保存的输出，实际运行请用 JupyterLab。',
      connection: '这个单元格要连接别的机器，网页做不到。下面是保存的输出，实际运行请用 JupyterLab。',
      above: (n: number) =>
        `这个单元格要用第 ${n} 个单元格的结果，而那个单元格不能在网页里运行。下面是保存的输出，实际运行请用 JupyterLab。`,
    },
    device: '计算设备',
    threads: (n: number) => `${n} 线程`,
    measuring: '正在测量哪种设备最快（只测一次）……',
    measureDevice: '测一测这台设备',
    aboutMeasuring:
      '在本浏览器能用的各种计算设备（WebGPU、WebGL、WebAssembly、纯 JavaScript）上，测量五个模型各训练一步所用的时间。大约需要几分钟，有显卡时更快。不上传任何内容；想把结果告诉别人，请复制表格。',
    measuringTask: (device: string, task: string) => `正在 ${device} 上测量 ${task}……`,
    measured: '测量完毕：训练一步的毫秒数，取两秒内各步的中位数。',
    copyRows: '复制表格',
    rowsCopied: '表格已复制（Markdown 格式）。',
    addCode: '+ 代码',
    addText: '+ 文字',
    ownText: '本单元格的文字',
    remove: '删除',
    first: '打开就读，点一下就运行，无需安装。',
    inPage:
      '打开一课，点“运行”：检查、编译和计算都在这个浏览器里完成，不上传任何内容。在这里运行过的，断网后也能运行。',
    own: '自己的笔记本',
    about: '内容只保存在这个浏览器里。想留存或在 JupyterLab 中打开，请下载。',
    notOpened: (why: string) => `文件没有打开：${why}`,
    notJson: '它不是笔记本，内容不是 JSON。',
    otherFormat: '它不是 JupyterLab 保存的那种笔记本（格式第 4 版）。',
    noRoom: '浏览器不为本页保存内容，或者空间不够。',
    opened: (name: string, language?: string) =>
      `这是 ${name}，没有带上它保存的输出，请运行各单元格。${language === undefined ? '' : `它注明单元格的语言是 ${language}，在这里会当作 TypeScript 运行。`}`,
    ownGoes: '现在这个笔记本将被删除。想保留它，请先取消，下载之后再来。要继续吗？',
    otherTab: '这个笔记本在另一个标签页里改动过。你在这里的改动会取代那边的内容；想接着那边写，请重新载入本页。',
  },
} as const;

export type Words = (typeof WORDS)['en'] | (typeof WORDS)['zh'];

/** Remarks that stand by themselves. */
export type Remark = 'asItCame' | 'shared' | 'damaged' | 'otherAddress';
