/** Words of the glossary that everyday language uses as well: where they are a term, and where not. */
import type { Language } from './notebook';

/**
 * Forms that are more often an everyday word than a term: only what the pattern finds is a use of the term. `null`: the
 * term is found by its other forms alone.
 */
export const ONLY: Record<Language, Record<string, RegExp | null>> = {
  en: {
    code: null,
    mean: /(?<=\b(?:[Tt]he|[Aa]n?|[Ii]ts|any|sample|posterior's|with) )means?/,
    bit: /bits/,
    information: null,
    surprise: /(?<=\b(?:measure|of|mean) )surprises?/,
    kernel: /kernels|(?<=\b(?:[Aa]|[Ee]ach|trained|3 × 3|with|small|hand) )kernel/,
    filter: null,
    step: null,
    condition: /(?<=\b(?:under|without) (?:the|a) )conditions?|conditions(?= \|)/,
    overlap: null,
    axis: /(?<=\b(?:[Ee]ach|[Nn]umber of|last|of the|any) )ax[ie]s/,
    dimension: null,
    event: /(?<=\b(?:[Aa]n|the) )events?/,
    mode: /(?<=\b(?:[Oo]ne|[Aa]|each|many|two) )modes?/,
    patch: /patches|(?<=\b(?:each|a) )patch/,
    strength: /(?<=\b(?:the|and|[Ll]ow|higher|at|is) (?:\*\*)?)strength/,
    scale: null,
  },
  zh: {
    阶: /(?<=张量的|三|四|五)阶(?!段)|阶(?=（rank）)/,
    秩: /秩(?!序)/,
    轴: /(?<=每个|各个|几个|最后一个)轴/,
    均值: /(?<!平)均值/,
    编码: /编码(?=（encode）)/,
    解码: /解码(?!器)/,
    步: /步(?=（step）)/,
    层: /(?<=全连接|线性|卷积|隐藏|多|每|两|各|20 |第 \d )层/,
    轮: /(?<=练|每|过一|十|\d )轮(?!流|廓)/,
    峰: /(?<=双|多|一个|两个)峰/,
    模式: /(?<=一个|每个)模式/,
    条件: /(?<=作为(?:\*\*)?|空)条件/,
    强度: /(?<=低|引导的|重绘)强度|强度(?=（|增大)/,
    检测: /检测(?!能|结果)/,
    惊讶: null,
    缩放: null,
  },
};

/** Phrases in which a word is no term; it is looked for elsewhere. */
export const EVERYDAY: Record<Language, RegExp> = {
  en: /without losing a bit|Stable Diffusion|two independent programs|areas are the weights|Two weights, 0\.2|two weights|A temperature can|of whatever shape|\*any\* shape|reports the loss|weak generator|into a generator|prior preservation|That strength is|independent surprises|flat patches|generator function|command prompt|a channel of ours|many layers, each made by/g,
  zh: /Stable Diffusion|特征向量|坐标轴|\*任何\*形状|两个权重|引导权重|窗口中间的权重|分布族|生成器函数|参数由它来检查|没人认识的参数|可选参数|多余的参数|漏掉少参数|填对参数/g,
};
