/**
 * The course's vocabulary, one term a line: English :: 中文 :: symbol :: one line in English :: 一句中文.
 * Other forms of a term stand after a comma. Lessons use these Chinese words and no others.
 */
export const TERMS: Record<string, string> = {
  tensors: `
tensor :: 张量 :: :: An array of numbers with any number of axes. :: 任意多个轴的数字数组。
scalar :: 标量 :: :: A tensor without axes: one number. :: 没有轴的张量：一个数。
vector :: 向量 :: x :: A tensor with one axis. :: 一个轴的张量。
matrix :: 矩阵 :: W :: A tensor with two axes, rows and columns. :: 两个轴（行与列）的张量。
rank :: 阶, 秩 :: r :: How many axes a tensor has; of a matrix, how many directions it keeps apart. :: 张量有几个轴，叫阶；矩阵有几个线性无关的方向，叫秩。
axis, dimension :: 轴 :: :: One direction of a tensor, with a length. :: 张量的一个方向，有长度。
shape :: 形状 :: [B, H, W, C] :: The lengths of all axes. :: 各个轴的长度。
channel :: 通道 :: C :: One number a pixel: red, green, blue, or a learned feature. :: 每个像素上的一个数：红、绿、蓝，或学到的特征。
pixel :: 像素 :: :: One point of an image. :: 图像中的一个点。
linear transform, linear map :: 线性变换, 线性映射 :: Wx :: A map that keeps sums and multiples: a matrix. :: 保持加法与数乘的映射，即矩阵。
embedding :: 嵌入 :: :: A vector that stands for a thing, to compare and retrieve it. :: 代表某个事物的向量，用来比较和检索。
feature :: 特征 :: :: A number that says something useful about the input. :: 描述输入有用信息的数。
feature map :: 特征图 :: :: What one kernel finds, at every place of an image. :: 一个卷积核在图像各处的响应。
dot product :: 点积 :: x·y :: Sum of products of paired entries. :: 对应元素乘积之和。
`,
  probability: `
probability :: 概率 :: P(A) :: How much belief an event gets, from 0 to 1. :: 对事件发生的相信程度，从 0 到 1。
event :: 事件 :: A :: Something that happens or does not. :: 可能发生、也可能不发生的事。
random variable :: 随机变量 :: X :: A number that chance decides. :: 取值由随机性决定的量。
distribution, probability distribution :: 分布 :: p(x) :: How probability is spread over values. :: 概率在各个取值上的分配。
probability density, density, probability density function :: 概率密度 :: p(x) :: Probability per unit of x; it integrates to 1. :: 每单位 x 的概率；积分为 1。
normal distribution, Gaussian, Gaussian distribution :: 正态分布, 高斯分布 :: N(μ, σ²) :: The bell curve with mean μ and variance σ². :: 均值 μ、方差 σ² 的钟形曲线。
standard normal :: 标准正态分布, 标准正态 :: N(0, 1) :: Mean 0, variance 1. :: 均值为 0、方差为 1 的正态分布。
Bernoulli distribution, Bernoulli :: 伯努利分布 :: Ber(p) :: One yes-or-no outcome with probability p. :: 一次试验只有“是”与“否”两种结果，“是”的概率为 p。
categorical distribution :: 类别分布 :: Cat(p) :: One of several outcomes. :: 在若干结果中取一个的分布。
prior :: 先验 :: p(z) :: Belief before seeing the data. :: 看到数据之前的信念，即先验概率。
latent prior :: 潜变量先验 :: p(z) :: The prior of a model's latent variable. :: 模型潜变量的先验。
likelihood :: 似然 :: p(x|z) :: How well a hypothesis predicts the data seen. :: 在某个假设下，所见数据出现的概率。
evidence :: 证据 :: p(x) :: Probability of the data under all hypotheses together. :: 数据在所有假设下的总概率。
marginal likelihood :: 边缘似然 :: p(x) = ∫p(x|z)p(z)dz :: Another name of the evidence. :: 证据的另一个名称。
posterior :: 后验 :: p(z|x) :: Belief after seeing the data. :: 看到数据之后的信念，即后验概率。
Bayes' rule, Bayes’ rule, Bayes' theorem :: 贝叶斯公式 :: p(z|x) = p(x|z)p(z)/p(x) :: Posterior is likelihood times prior over evidence. :: 后验 = 似然 × 先验 ÷ 证据。
odds :: 几率 :: p/(1−p) :: Probability for over probability against. :: 成立与不成立的概率之比。
joint distribution, joint probability :: 联合分布 :: p(x, z) :: Probability of two things together. :: 两件事同时发生的概率。
marginal distribution, marginal :: 边缘分布 :: p(x) = ∫p(x, z)dz :: A joint distribution with one variable summed out. :: 对另一个变量求和后的分布。
conditional probability, conditional distribution :: 条件概率 :: p(x|z) :: Probability once z is known. :: 已知 z 时的概率。
chain rule, chain rule of probability :: 链式法则 :: p(x, z) = p(z)p(x|z) :: A joint as a product of steps. :: 把联合概率写成逐步的乘积。
independence, independent :: 独立 :: p(x, z) = p(x)p(z) :: Knowing one says nothing about the other. :: 知道一个对另一个没有帮助。
conditional independence :: 条件独立 :: p(x, y|z) = p(x|z)p(y|z) :: Independent once a third thing is known. :: 已知第三件事时，两件事相互独立。
expectation, expected value :: 期望 :: E[X] :: The mean over a distribution. :: 按概率加权的平均值。
mean :: 均值 :: μ :: Where a distribution balances. :: 分布的平衡点。
variance :: 方差 :: σ² :: Mean squared distance from the mean. :: 到均值距离平方的平均。
standard deviation :: 标准差 :: σ :: Square root of the variance. :: 方差的平方根。
covariance :: 协方差 :: Σ :: How two variables move together. :: 两个变量怎样一起变化。
sample, sampling :: 样本 :: x ~ p :: A value drawn from a distribution. :: 从分布中抽取的一个值。
central limit theorem :: 中心极限定理 :: :: Sums of many small independent parts are nearly normal. :: 许多独立的小量之和近似服从正态分布。
Monte Carlo :: 蒙特卡洛 :: (1/n) Σ f(xᵢ) :: An expectation estimated by the mean over samples. :: 用样本平均估计期望。
importance sampling :: 重要性采样 :: p(x)/q(x) :: Samples from q, weighted to speak for p. :: 从 q 抽样并加权，以代表 p。
quadrature, numerical integration :: 数值积分 :: Σ f(xᵢ)Δx :: An integral as a fine sum. :: 用细密的求和计算积分。
`,
  information: `
self-information, information, surprise, surprisal :: 自信息, 信息量 :: −log p(x) :: How surprising an outcome is. :: 一个结果带来的信息，概率越小越大。
nat :: 奈特 :: :: Unit of information with the natural logarithm; 1.44 bits. :: 以自然对数计的信息单位，约 1.44 比特。
bit :: 比特 :: :: Information of a fair coin toss. :: 一次公平抛硬币的信息量。
entropy :: 熵 :: H(p) :: Mean surprise of a distribution. :: 分布的平均自信息。
cross-entropy, cross entropy :: 交叉熵 :: H(p, q) :: Mean surprise when q is believed and p is true. :: 真实分布是 p、却按 q 计算时的平均信息量。
KL divergence, Kullback-Leibler divergence, Kullback–Leibler divergence, relative entropy :: KL 散度, 相对熵 :: D_KL(p‖q) :: Extra surprise paid for believing q instead of p. :: 真实分布是 p、却用 q 去描述时，平均多出的信息量。
forward KL :: 前向 KL :: D_KL(p‖q) :: Fitting q that covers all of p. :: 让 q 覆盖 p 的全部。
reverse KL :: 反向 KL :: D_KL(q‖p) :: Fitting q that settles on one mode of p. :: 让 q 停在 p 的一个峰上。
Jensen-Shannon divergence, Jensen–Shannon divergence :: JS 散度 :: JS(p, q) :: Symmetric mean of two KL divergences to the mixture. :: 到混合分布的两个 KL 散度的平均，对称。
Jensen's inequality, Jensen’s inequality :: 琴生不等式 :: log E[X] ≥ E[log X] :: The log of a mean is at least the mean of the logs. :: 均值的对数不小于对数的均值。
log-likelihood, log likelihood :: 对数似然 :: log p(x) :: Logarithm of the likelihood; sums instead of products. :: 似然的对数；乘积变求和。
maximum likelihood :: 最大似然 :: :: Choosing the model under which the data are most probable. :: 选出让数据概率最大的模型。
one-hot, one-hot vector :: 独热 :: :: A vector with a single 1 and 0 elsewhere: a label as a distribution. :: 只有一个 1、其余为 0 的向量：把标签写成分布。
Huffman code :: 霍夫曼编码 :: :: The shortest code that gives every symbol a codeword of its own. :: 给每个符号单独分配码字的最短编码。
perplexity :: 困惑度 :: exp H :: Number of equally likely choices with the same entropy. :: 与它熵相同的等可能选项有几个。
mode :: 峰, 模式 :: :: A place where a distribution is highest. :: 分布局部最高的地方；谈 GAN 时叫模式。
`,
  training: `
model :: 模型 :: f_θ :: A function with numbers that training adjusts. :: 带有可训练参数的函数。
parameter :: 参数 :: θ :: A number that training adjusts. :: 训练会调整的数。
weight :: 权重 :: w :: A parameter that multiplies an input. :: 与输入相乘的参数。
bias :: 偏置 :: b :: A parameter that is added. :: 相加的参数。
layer :: 层 :: :: One step of a network, with its own parameters. :: 网络里的一步运算，有自己的参数。
neural network, network, net :: 神经网络, 网络 :: :: Layers, one after the other. :: 依次相连的许多层。
activation function, activation :: 激活函数 :: :: Makes a layer non-linear. :: 让一层变成非线性。
rectified linear unit :: 修正线性单元 :: ReLU :: Keeps positive numbers, makes the rest 0. :: 保留正数，其余为 0。
sigmoid, sigmoid function :: sigmoid 函数, sigmoid :: σ(x) :: Squeezes any number into 0 to 1. :: 把任意数压到 0 与 1 之间。
softmax, softmax function :: softmax 函数, softmax :: softmax(x) :: Turns scores into probabilities that sum to 1. :: 把得分变成和为 1 的概率。
temperature :: 温度 :: T :: Divides scores before softmax: low is sharp, high is flat. :: 得分先除以温度，再做 softmax：温度低则尖锐，温度高则平坦。
logit :: 对数几率, logit :: :: A score before softmax or sigmoid. :: 送进 softmax 或 sigmoid 之前的得分。
loss, loss function :: 损失函数, 损失 :: L :: The number that training makes small. :: 训练要减小的那个数。
mean squared error :: 均方误差 :: MSE :: Mean of squared differences. :: 差的平方的平均。
gradient :: 梯度 :: ∇L :: The direction in which the loss grows fastest. :: 损失增长最快的方向。
partial derivative :: 偏导数 :: ∂L/∂θ :: How the loss changes with one parameter alone. :: 损失随单个参数的变化率。
forward pass :: 前向传播 :: :: Computing outputs from inputs. :: 由输入计算输出。
back-propagation, backpropagation :: 反向传播 :: :: Computing all gradients from the loss backwards. :: 从损失往回计算全部梯度。
automatic differentiation :: 自动微分 :: :: Exact derivatives by the chain rule, done by the program. :: 程序按链式法则求出精确导数。
gradient descent :: 梯度下降 :: θ ← θ − lr·∇L :: Small steps against the gradient. :: 沿梯度反方向走小步。
stochastic gradient descent :: 随机梯度下降 :: SGD :: Gradient descent on batches. :: 每步只用一个小批量的梯度下降。
learning rate :: 学习率 :: lr :: Length of a step. :: 每一步迈多大。
optimizer, optimiser :: 优化器 :: :: Decides the step from the gradient, e.g. Adam. :: 由梯度决定怎样更新参数，例如 Adam。
momentum :: 动量 :: μ :: Adds up past gradients, the old ones fading. :: 把以往的梯度累加起来，越旧的越淡。
Adam :: Adam 优化器, Adam :: :: Momentum, divided by each parameter's own gradient size. :: 动量再除以每个参数自己的梯度大小。
root mean square :: 均方根 :: :: The square root of the mean of the squares. :: 平方的平均值再开方。
bias correction :: 偏差修正 :: :: Dividing a running mean by the weight that it has gathered so far. :: 滑动平均除以它到目前为止攒下的权重。
weight decay :: 权重衰减 :: :: A pull of every weight towards 0 at each step. :: 每一步把所有权重往 0 拉一点。
early stopping :: 早停 :: :: Stopping when the validation loss makes no progress. :: 验证损失不再进步时停止训练。
validation set :: 验证集 :: :: Pictures held out for choosing, not for learning. :: 不参加训练、只用来做选择的数据。
warm-up :: 预热 :: :: Raising the learning rate over the first steps. :: 头几步让学习率慢慢升上去。
batch, mini-batch :: 小批量, 批量 :: B :: The examples of one step. :: 一步所用的样本。
batch size :: 批量大小 :: B :: Examples in one step. :: 一步的样本数。
multiply-add :: 乘加 :: :: One multiplication and the addition that follows it; what the cost of a net is counted in. :: 一次乘法加上紧跟着的一次加法，数网络的运算量时以它为单位。
epoch :: 轮, 轮数 :: :: One pass over the data. :: 把训练数据完整地过一遍。
step, training step :: 步, 步数 :: :: One update of the parameters. :: 更新一次参数。
convergence :: 收敛 :: :: Further steps change next to nothing: the slope is nearly 0. :: 再走几乎不再变化：坡度接近 0。
overfitting, overfit :: 过拟合 :: :: Good on training data, worse on new data. :: 在训练数据上表现好，在新数据上差。
underfitting, underfit :: 欠拟合 :: :: Not even good on training data. :: 连训练数据都没有学好。
regularization, regularisation :: 正则化 :: :: What keeps a model from overfitting. :: 防止过拟合的手段。
normalization, normalisation :: 归一化 :: :: Bringing numbers to mean 0 and variance 1. :: 把数调整为均值 0、方差 1。
group normalization, group normalisation :: 组归一化 :: :: Normalises groups of channels. :: 按通道分组归一化。
layer normalization, layer normalisation :: 层归一化 :: :: Normalises the features of each example. :: 对每个样本的特征归一化。
initialization, initialisation :: 初始化 :: :: The parameters' first values. :: 给参数选定初始值。
exponential moving average, running average :: 指数移动平均, 滑动平均 :: EMA :: A slowly following copy of the weights. :: 对最近许多步的权重取加权平均，得到一份缓慢跟随的副本。
checkpoint :: 检查点 :: :: A training's state on disk, to go on from. :: 存盘的训练状态，可继续训练。
accuracy :: 准确率 :: :: Share of right answers. :: 答对的比例。
training set :: 训练集 :: :: Data to learn from. :: 用来学习的数据。
test set :: 测试集 :: :: Data held back for the final measure. :: 训练时不用、最后用来评估的数据。
supervised learning, supervised :: 监督学习 :: (x, y) :: Learning from examples with answers. :: 从带答案的样本学习。
unsupervised learning, unsupervised :: 无监督学习 :: x :: Learning from examples alone. :: 只从样本学习。
classification :: 分类 :: :: Choosing one of several classes. :: 从若干类别中选出一个。
classifier :: 分类器 :: :: A net that answers with a class. :: 输出类别的模型。
regression :: 回归 :: :: Predicting a number. :: 预测一个数。
detection, object detection :: 目标检测, 检测 :: :: Saying what is in a picture and where, as boxes. :: 用框指出图像里有什么、在哪里。
segmentation :: 分割 :: :: A class for every pixel, as a mask. :: 给每个像素一个类别，用掩膜表示。
intersection over union, overlap :: 交并比, 重叠度 :: IoU :: Pixels that two masks share, of those in either. :: 两个掩膜的交集像素数除以并集像素数。
clustering :: 聚类 :: :: Finding groups without labels. :: 没有标签，把相似的样本归为一组。
k-means :: K 均值 :: :: Clustering by centres that move to the middle of their groups. :: 一种聚类方法：每个中心反复移到本组样本的正中。
dimension reduction, dimensionality reduction :: 降维 :: :: Squeezing many numbers into few. :: 把许多数压成几个数。
principal component analysis, PCA, principal component :: 主成分分析 :: :: The directions in which data spread most. :: 找出数据最分散的方向。
representation learning :: 表示学习 :: :: Finding numbers that carry meaning. :: 学习有含义的特征。
density estimation :: 密度估计 :: p(x) :: Learning how probable each x is. :: 学习每个 x 有多可能出现。
seed :: 随机种子 :: :: Start of a random generator; the same seed repeats a run. :: 随机数发生器的起点；种子相同，结果可以重现。
convolution :: 卷积 :: :: One small kernel, slid over the image. :: 一个小卷积核在图像上滑动。
kernel, filter :: 卷积核 :: k :: The small weight matrix of a convolution. :: 卷积的小权重矩阵。
stride :: 步幅 :: s :: How far a kernel moves each time. :: 卷积核每次移动的距离。
receptive field :: 感受野 :: :: The part of the input on which one output pixel depends. :: 一个输出像素所依赖的那部分输入。
dilation :: 扩张率 :: d :: Gaps between the places that a kernel looks at. :: 卷积核取样位置之间的间隔。
padding :: 填充 :: p :: Zeros around an image. :: 图像四周补的零。
pooling :: 汇聚 :: :: Keeping one number for each block of pixels. :: 每块像素只留一个数；也叫池化。
skip connection :: 跳跃连接 :: :: Carries an early layer's output past the layers between. :: 让前面某层的输出越过中间各层，直接传到后面。
recurrent network, RNN :: 循环网络 :: h_t :: Reads a sequence step by step and hands a memory on. :: 一步步读序列，把记忆往下传。
batch normalization, batch normalisation, batch norm :: 批量归一化 :: BN :: Brings each channel to mean 0 and variance 1 over the batch. :: 在一个批量上把每个通道调成均值 0、方差 1。
residual connection :: 残差连接 :: x + f(x) :: A layer's input added to its output. :: 把一层的输入加到它的输出上。
shortcut connection, shortcut :: 捷径连接 :: x :: The road that carries the input past a residual block. :: 残差块旁边让输入直接通过的那条通路。
group relative policy optimisation, group relative policy optimization :: 组相对策略优化 :: GRPO :: Several answers to one question are measured against each other; no critic. :: 同一道题的多份答案互相比较，不需要评论家网络。
cold start :: 冷启动 :: :: A few good examples before reinforcement begins. :: 强化学习之前，先学少量好的示范。
distillation :: 蒸馏 :: :: A smaller net learns from the answers of a larger one. :: 小网络学习大网络写出的答案。
degradation :: 退化 :: :: A deeper plain net trains worse than a shallow one. :: 更深的普通网络，训练误差反而更高。
vanishing gradient, vanishing gradients :: 梯度消失 :: :: Gradients shrink on their way back. :: 梯度在反向传播中越来越小。
inductive bias :: 归纳偏置 :: :: What a model takes for granted before it sees data. :: 模型在看到数据之前就认定的假设。
greedy decoding :: 贪心解码 :: argmax :: Always taking the likeliest next token. :: 每一步都取最可能的下一个词元。
chain of thought :: 思维链 :: :: Steps that a model writes before its answer. :: 模型在答案之前写出的推理步骤。
tool call :: 工具调用 :: :: Text by which a model asks a program to compute something. :: 模型写出的、请程序代为计算的文本。
translation equivariance :: 平移等变性 :: f(Tx) = Tf(x) :: The input moves, and the output moves by as much. :: 输入平移多少，输出就跟着平移多少。
`,
  vae: `
generative model :: 生成模型 :: p(x) :: A model that makes new data like the old. :: 能生成与训练数据相似的新数据的模型。
auto-encoder, autoencoder :: 自编码器 :: :: Packs its input into a short code and unpacks it. :: 把输入压缩成短编码，再还原出来。
variational autoencoder, variational auto-encoder :: 变分自编码器 :: VAE :: An auto-encoder whose codes follow a known distribution. :: 编码服从已知分布的自编码器。
encoder :: 编码器 :: q_φ(z|x) :: From data to a distribution over codes. :: 由数据到编码的分布。
decoder :: 解码器 :: p_θ(x|z) :: From a code to data. :: 由编码到数据。
latent variable, latent :: 潜变量 :: z :: A cause that is not seen, only inferred. :: 看不见、只能推断的原因；也叫隐变量。
latent space :: 潜空间 :: :: The space of all codes. :: 所有编码所在的空间。
latent code, code :: 潜编码 :: z :: One point of the latent space. :: 潜空间中的一个点。
reparameterization, reparameterisation, reparameterization trick :: 重参数化 :: z = μ + σ·ε :: Randomness moved into ε, so that gradients reach μ and σ. :: 把随机性放进 ε，让梯度到达 μ 和 σ。
evidence lower bound :: 证据下界 :: ELBO :: A bound on log p(x) that can be computed. :: 可计算的 log p(x) 下界。
reconstruction, reconstruction term :: 重构, 重构项 :: E_q[log p(x|z)] :: How well the decoder returns the input. :: 解码器把输入还原得有多好。
KL term :: KL 项 :: D_KL(q(z|x)‖p(z)) :: What a code costs beyond the prior. :: 编码偏离先验要付的代价。
variational inference :: 变分推断 :: :: Inference turned into optimisation. :: 把推断问题变成优化问题。
baseline :: 基线 :: b :: What is subtracted from a noisy estimate to calm it. :: 从估计量中减去、用来降低方差的值。
encode :: 编码 :: z = encode(x) :: To pack data into a code. :: 把数据压成编码。
decode :: 解码 :: x̂ = decode(z) :: To unpack a code into data. :: 由编码还原数据。
retrieval, retrieve :: 检索 :: :: Finding the nearest things in a collection. :: 从一批东西里找出最接近的。
precision :: 查准率 :: :: Share of what was found that is right. :: 找出的结果里，正确的占多少。
least squares :: 最小二乘 :: min ‖y − xW‖² :: The fit with the smallest sum of squared errors. :: 误差平方和最小的拟合。
factor analysis :: 因子分析 :: x = Wz + μ + ε :: Few hidden normal causes explain many numbers, linearly. :: 用少数隐藏的正态原因线性地解释许多数。
importance-weighted bound :: 重要性加权界 :: log (1/k) Σ wⱼ :: A bound on log p(x) from k weighted draws. :: 由 k 个加权样本得到的 log p(x) 下界。
amortised inference, amortized inference :: 摊销推断 :: :: One network guesses the posterior of every x. :: 用同一个网络近似每个 x 的后验。
amortisation gap, amortization gap :: 摊销间隙 :: :: What is lost because one encoder serves all data. :: 所有数据共用一个编码器而造成的损失。
posterior collapse :: 后验坍缩 :: :: Codes that say nothing about the input. :: 编码里不再有输入的信息。
interpolation :: 插值 :: :: Pictures along a line between two codes. :: 沿两个编码之间的连线取点，逐个解码成图片。
score function estimator, score-function estimator :: 得分函数估计 :: REINFORCE :: Gradient through log q, without reparameterisation; noisy. :: 不用重参数化，由 log q 的梯度来估计；方差大。
generative adversarial network :: 生成对抗网络 :: GAN :: A generator against a discriminator. :: 生成器与判别器相互对抗。
generator :: 生成器 :: G(z) :: The net of a GAN that turns noise into pictures. :: GAN 里把噪声变成图片的网络。
discriminator :: 判别器 :: D(x) :: The net of a GAN that tells real pictures from made ones. :: GAN 里分辨真实图片与生成图片的网络。
transposed convolution :: 转置卷积 :: :: A convolution that makes its input larger. :: 让输入变大的卷积。
mode collapse :: 模式坍缩 :: :: A generator that makes only few kinds of pictures. :: 生成器只会生成少数几种图片；也叫模式崩溃。
`,
  diffusion: `
diffusion model, diffusion :: 扩散模型 :: :: Learns to undo noise, step by step. :: 学会一步一步地去除噪声。
noise :: 噪声 :: ε :: Random numbers added to data. :: 加到数据上的随机数。
forward process :: 前向过程, 加噪过程 :: q(x_t|x_0) :: Adding noise until nothing is left. :: 不断加噪声，直到图像什么都不剩。
reverse process :: 反向过程, 去噪过程 :: p(x_{t−1}|x_t) :: Removing noise until data appears. :: 不断去除噪声，直到出现图像。
denoising, denoise :: 去噪 :: :: Predicting what noise was added, and taking it away. :: 预测加了什么噪声，并把它去掉。
denoiser :: 去噪器 :: ε_θ :: The network that removes noise. :: 去除噪声的网络。
noise schedule, schedule :: 噪声调度, 调度 :: β_t, ᾱ_t :: How much noise each step adds. :: 每一步加多少噪声。
signal-to-noise ratio :: 信噪比 :: ᾱ/(1−ᾱ) :: Signal's variance over noise's variance. :: 信号方差与噪声方差之比。
timestep, time step :: 时间步 :: t :: How far the noising has gone. :: 加噪进行到哪一步。
sampler :: 采样器 :: :: The rule that walks from noise to data. :: 从噪声一步步走到图像的规则。
noise prediction :: 噪声预测 :: ε_θ(x_t, t) :: The network answers with the noise. :: 网络输出噪声。
progressive distillation :: 渐进蒸馏 :: :: A student learns to make in one step what its teacher makes in two; then it teaches. :: 学生学着用一步走完教师的两步，再当下一位学生的教师。
velocity prediction :: 速度预测 :: v :: The network answers with a mix of noise and data. :: 网络输出噪声与数据的组合。
U-Net :: U 形网络, U-Net :: :: Down to a small image and up again, with skip connections. :: 先逐级缩小再逐级放大，中间有跳跃连接。
attention :: 注意力 :: softmax(QKᵀ/√d)V :: Every place looks at every other and takes what fits. :: 每个位置都去看其他位置，取来自己需要的。
classifier-free guidance, guidance :: 无分类器引导, 引导 :: w :: Exaggerates the difference that the condition makes. :: 放大条件所带来的差别。
latent scale, scale factor :: 缩放因子 :: 1/std(z) :: What latents are multiplied by so that their variance is 1. :: 与潜变量相乘、使其方差为 1 的数。
diffusion transformer :: 扩散 Transformer :: DiT :: A Transformer on patches that takes the U-Net's place. :: 作用在图块上、取代 U-Net 的 Transformer。
patch, patchify :: 图块, 切块 :: :: A small square of an image or latent map, made into one token. :: 图像或潜变量图上的一小方块，变成一个词元。
adaptive layer norm :: 自适应层归一化 :: adaLN-Zero :: A norm whose shift and scale are chosen by time and class. :: 平移和缩放由时间与类别决定的归一化。
strength :: 强度, 重绘强度 :: :: How far a picture is noised before it is denoised again, 0 to 1. :: 重新去噪之前，先把图片加噪到什么程度，0 到 1。
hi-res fix :: 高清修复 :: :: Enlarge, add some noise, denoise again. :: 放大、加一些噪声、再去噪。
latent diffusion :: 潜空间扩散 :: :: Diffusion on codes of a VAE. :: 在 VAE 的编码上做扩散。
Fréchet distance, Frechet distance :: 弗雷歇距离 :: FD :: Distance of two sets of features, as Gaussians. :: 把两组特征各看作高斯分布，量它们的距离。
token :: 词元 :: :: The piece of text that a language model sees. :: 语言模型看到的文本片段。
conditioning, condition :: 条件 :: c :: What the picture should show. :: 图片应当呈现的内容。
text-to-image :: 文生图 :: :: A picture made from words. :: 由文字生成图片。
image-to-image :: 图生图 :: :: A picture made from another one and words. :: 由另一张图和文字生成图片。
prompt :: 提示词 :: :: The words that a picture is asked for with. :: 用来要求画面的文字。
negative prompt :: 负面提示词 :: :: The words that guidance moves away from. :: 引导要远离的文字。
text encoder :: 文本编码器 :: :: Turns a text into vectors, one for each token. :: 把文字变成向量，每个词元一个。
tokenizer :: 分词器 :: :: Turns a text into tokens and their numbers. :: 把文字变成词元及其编号。
byte-pair encoding, BPE :: 字节对编码 :: :: Frequent neighbours become one token, again and again. :: 反复把经常相邻的两段合成一个词元。
bits per byte :: 每字节比特数 :: :: What a text costs under a model, whatever the tokenizer. :: 一段文字在模型下的代价，与分词器无关。
contrastive learning, contrastive :: 对比学习 :: :: Learning only which things belong together. :: 只学习哪些样本是一对。
zero-shot :: 零样本 :: :: A task that no training example was given for. :: 没有为这项任务提供过训练样本。
held-out, held out, hold out :: 留出 :: :: Kept back from training, to test with. :: 训练时留着不用，专供测试。
rotary position embedding, rotary position, rotary positions, RoPE :: 旋转位置编码 :: :: Queries and keys are turned, pair by pair, by an angle that grows with the position. :: 按位置的大小，把查询和键的数两两一对转过一个角度。
cross-attention :: 交叉注意力 :: :: Attention from one sequence to another, e.g. from picture to words. :: 一个序列对另一个序列的注意力，例如图看词。
CLIP score :: CLIP 分数 :: 100·cos :: How well a picture fits a text, judged by CLIP. :: 由 CLIP 判断图片与文字有多相符。
inpainting :: 局部重绘 :: :: Painting only inside a mask, to fit the rest. :: 只重画掩膜里的部分，使它与其余部分衔接。
outpainting :: 外扩绘制 :: :: Continuing a picture beyond its frame. :: 把图画到画框之外。
fine-tuning :: 微调 :: :: Training a finished model further, on other data. :: 用别的数据继续训练已有的模型。
repeats :: 重复次数 :: :: How often a picture counts within one epoch. :: 一轮之内每张图片用几次。
low-rank adaptation :: 低秩适配 :: ΔW = (α/r)·BA :: A change of weights written as two thin matrices. :: 把权重的改变量写成两个瘦长矩阵的乘积，简称 LoRA。
adapter :: 适配器 :: :: A small net beside a frozen layer. :: 加在冻结的层旁边的小网络。
trigger word :: 触发词 :: :: The rare word that calls up what a LoRA has learnt. :: 用来唤起 LoRA 所学内容的少见词。
textual inversion :: 文本反演 :: :: A new word for a finished model: one more vector, and nothing else is trained. :: 给训练好的模型添一个新词：只训练这一个向量。
DreamBooth :: DreamBooth 方法, DreamBooth :: :: Teaching a model one subject from a few pictures, by training all of its weights a little. :: 用一个对象的几张图，把模型的全部权重训练一点点，让它认识这个对象。
ControlNet :: ControlNet 方法, ControlNet :: :: A copy of half of a frozen net that sees a second picture and steers the net with it. :: 冻结网络的半边副本：它看一张提示图，并据此控制网络画在哪里。
zero convolution :: 零卷积 :: Z :: A convolution whose weights and bias start at zero, so that at first it adds nothing. :: 权重与偏置都从零开始的卷积，起初什么也不加。
prior preservation, regularisation pictures :: 先验保持, 正则化图片 :: :: Ordinary pictures in each batch, so that the old skill stays. :: 在每个批量里加入普通图片，保住模型原有的能力。
`,
  language: `
supervised fine-tuning :: 监督微调 :: SFT :: Fine-tuning on texts that people wrote to be imitated. :: 用人写的示范文本做微调。
loss mask :: 损失掩码 :: w_t :: Says which tokens count in the loss. :: 规定哪些词元计入损失。
reward model :: 奖励模型 :: r :: A net that scores answers as people would. :: 像人那样给答案打分的网络。
reward hacking :: 奖励作弊 :: :: Earning the reward without doing what was meant. :: 奖励拿到了，本来要的事却没有做。
direct preference optimization, direct preference optimisation :: 直接偏好优化 :: DPO :: Learning from pairs of answers without a reward model. :: 不用奖励模型，直接从成对的答案学习。
autoregression, autoregressive :: 自回归 :: :: Each output becomes an input of the next step. :: 每一步的输出都成为下一步的输入。
bigram :: 二元语法 :: :: A token together with the one before it. :: 一个词元连同它前面的那个词元。
back-off :: 回退 :: :: Where a longer context was never counted, the count of a shorter one stands in. :: 长的上文没有计数时，改用较短上文的计数。
long short-term memory :: 长短期记忆网络 :: :: A recurrent network with a memory cell that gates write to and read from. :: 带记忆单元的循环网络，由几个门控制读写。
`,
  programming: `
special method, hook :: 特殊方法, 钩子 :: __len__ :: A method with an agreed name, written by you and called by the language. :: 名字由语言约定、由你来写、由语言来调用的方法。
encapsulation :: 封装 :: :: State that only the code of its own class can change. :: 状态只能由本类的代码来改动。
inheritance :: 继承 :: :: A class takes over another one and changes a part of it. :: 一个类接过另一个类的全部内容，再改其中一部分。
polymorphism :: 多态 :: :: One call, and each object answers in its own way. :: 同一种调用，各种对象各按自己的方式应答。
operator overloading :: 运算符重载 :: a + b :: A class says what an operator does with its objects. :: 由类来规定运算符对自己的对象做什么。
name mangling :: 名称改写 :: _Till__cash :: Python puts the class's name before a name with two underscores in front. :: Python 在以两个下划线开头的名字前面加上类名。
environment variable :: 环境变量 :: :: A named text that a program gets when it starts, and hands down to those that it starts. :: 程序启动时得到的一段有名字的文本，并传给它启动的程序。
virtual environment :: 虚拟环境 :: :: A folder with a Python of its own and a place for its packages. :: 一个文件夹，有自己的 Python 和放包的地方。
interpreter :: 解释器 :: :: The program that runs a program's text: python, node. :: 运行程序文本的程序：python、node。
lock file :: 锁定文件 :: :: A list of every package with its version and the checksum of its bytes. :: 一张清单：每个包的版本和字节的校验和。
`,
};
