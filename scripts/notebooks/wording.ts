/**
 * The words of the Chinese texts: one for each thing, as d2l-zh, 周志华《机器学习》and 邱锡鹏《神经网络与深度学习》have it,
 * and no phrase that is English in Chinese words. A test reads the lessons, the glossary, the README and the dictionaries.
 */
import { withoutMarks } from './numbers';

/** A word that the course uses, and those that it does not. */
export interface Wording {
  want: string;
  /** What is not written instead. */
  not: RegExp;
  /** Places where the unwanted word is right: the text around it matches. */
  except?: RegExp;
}

/** Terms: one Chinese word for each. */
const TERMS: readonly Wording[] = [
  { want: '下界（lower bound）；真对真的距离叫参照值（floor）', not: /下限|底线/ },
  { want: '批量、小批量（batch）', not: /批次|批处理/ },
  { want: '批量大小（batch size）', not: /批大小|批尺寸|批量尺寸/ },
  { want: '批量归一化（batch normalization）', not: /(?<!量)批归一化|批(?:量)?规范化|批标准化/ },
  { want: '归一化（normalization）', not: /规范化/ },
  { want: '轮、轮数（epoch）', not: /轮次|周期数|时期数|迭代周期/ },
  { want: '判别器（discriminator）', not: /鉴别器|辨别器/ },
  { want: '缩放因子（latent scale）、缩放（scale）', not: /尺度|缩放系数因子/, except: /多尺度/ },
  { want: '参照值（floor of the Fréchet distance）', not: /基线值|真对真（基准）|基准的倍数/ },
  { want: '重构（reconstruction）', not: /重建(?!筑)/ },
  { want: '噪声调度（noise schedule）', not: /日程|噪声时间表|噪声计划/ },
  { want: '噪声（noise）', not: /噪音/ },
  { want: '汇聚（pooling）', not: /池化/, except: /也(?:常译作|叫)“?池化/ },
  { want: '归纳偏置（inductive bias）', not: /归纳偏[好见差]/ },
  { want: '平移等变性（translation equivariance）', not: /平移不变性|平移等变(?!性)/ },
  { want: '自信息（self-information）', not: /惊奇度|惊讶度|惊异度/ },
  { want: '捷径连接（shortcut connection）', not: /短路连接|快捷连接|直连边|恒等连接/ },
  { want: '跳跃连接（skip connection）', not: /跳接|跨层连接|跳连/ },
  { want: '残差连接（residual connection）', not: /剩余连接|残余连接/ },
  { want: '触发词（trigger word）', not: /触发字|激活词|唤醒词/ },
  { want: '潜变量（latent variable）、潜空间', not: /隐变量|潜在变量|隐空间|潜在空间|隐含变量/, except: /也叫隐变量/ },
  { want: '后验坍缩、模式坍缩（collapse）', not: /坍塌|崩塌|模式崩溃/, except: /也叫模式崩溃/ },
  { want: '证据下界（ELBO）', not: /变分下界|证据下限/ },
  { want: '间隙（gap）', not: /空隙|缝隙/ },
  { want: '真实分布、真实后验', not: /真相|真正的(?:后验|分布)/ },
  { want: '词元（token）', not: /令牌|标记符|记号(?!系统)/ },
  { want: '分词器（tokenizer）', not: /标记器|切词器/ },
  { want: '提示词（prompt）', not: /提示语|咒语/ },
  { want: '无分类器引导（classifier-free guidance）', not: /无分类器指导|分类器自由/ },
  { want: '步幅（stride）', not: /步长(?!条)/ },
  { want: '准确率（accuracy）', not: /正确率|精确度/ },
  { want: '查准率（precision）', not: /精准率/ },
  { want: '损失（loss）', not: /丢失函数|代价函数/ },
  { want: '学习率（learning rate）', not: /学习速率|学习速度/ },
  { want: '随机种子（seed）', not: /随机数种子/ },
  { want: '交并比（intersection over union）', not: /重叠率|交集比/ },
  { want: '初始化（initialization）', not: /初始设置/ },
  { want: '小测验、指标卡、先修课、参考答案', not: /预备课|先决条件|度量卡/ },
];

/** Phrases that are English in Chinese words, each with what says it in Chinese. */
const PHRASES: readonly Wording[] = [
  { want: '网络输出、预测', not: /(?:网络|编码器|解码器|判别器|鉴定师|模型)(?:都|会|们)?(?:回答|说出|讲出)/ },
  { want: '输出、预测', not: /(?:回答|说出)(?:噪声|0 |½|μ|一个分布|图片)|两个回答|各自的回答/ },
  { want: '考核只看……', not: /拿报酬|付报酬|领工资/ },
  { want: '输入……；告诉', not: /被告知/ },
  { want: '尖峰', not: /高塔|那座塔/ },
  { want: '权衡', not: /兑换线/ },
  { want: '对……来说', not: /在[^。，；]{1,8}眼中/ },
  { want: '噪声大、噪声小', not: /很吵|更吵|多吵|一样吵|更安静/ },
  { want: '以为是 q、按 q 计算', not: /期待/ },
  { want: '看不出差别', not: /想念/ },
  { want: '前向过程、反向过程', not: /下山|上山/ },
  { want: '核对（对数字的检查不是证明）', not: /训练之前的证明|\*\*证明[：。]/ },
  { want: '每个量都算得出', not: /什么都知道/ },
  { want: '数太少', not: /数字不够/ },
  { want: '各类网络、分布族', not: /各大家族|家族/ },
  { want: '解决、消除', not: /药方|解药|治好/ },
  { want: '指定', not: /点名/ },
  { want: '牺牲多样性，换来更符合要求的图', not: /换听话|更听话/ },
  { want: '训练设置', not: /配方/ },
  { want: '随便猜', not: /瞎猜/ },
  { want: '原因', not: /祸首|罪魁/ },
  { want: '把它弄坏', not: /弄坏它：/ },
  { want: '12%（百分号前没有空格）', not: /\d %/ },
  { want: 'et al.', not: /[A-Z][a-z]+ 等[ ：:（]/ },
];

export const WORDING: readonly Wording[] = [...TERMS, ...PHRASES];

/** What a Chinese text says otherwise than the course does: each place, and what is wanted. */
export function misworded(source: string): string[] {
  const text = withoutMarks(source);
  return WORDING.flatMap(({ want, not, except }) =>
    [...text.matchAll(new RegExp(not, 'gu'))].flatMap(match => {
      const around = text.slice(Math.max(0, match.index - 12), match.index + match[0].length + 12).replace(/\n/g, ' ');
      return except?.test(around) ? [] : [`…${around}… → ${want}`];
    }),
  );
}
