/** The things of datasets/things.json: English name, Chinese name, code point. Names that a child knows. */
export const THINGS: [string, string, string][] = `
dog 小狗 1f436|cat 小猫 1f431|mouse 老鼠 1f42d|rabbit 兔子 1f430|fox 狐狸 1f98a|bear 熊 1f43b|panda 熊猫 1f43c|koala 考拉 1f428
tiger 老虎 1f42f|lion 狮子 1f981|cow 奶牛 1f42e|pig 小猪 1f437|frog 青蛙 1f438|monkey 猴子 1f435|penguin 企鹅 1f427|chick 小鸡 1f424
duck 鸭子 1f986|owl 猫头鹰 1f989|horse 马 1f434|unicorn 独角兽 1f984|bee 蜜蜂 1f41d|butterfly 蝴蝶 1f98b|snail 蜗牛 1f40c
ladybug 瓢虫 1f41e|spider 蜘蛛 1f577|turtle 乌龟 1f422|snake 蛇 1f40d|octopus 章鱼 1f419|crab 螃蟹 1f980|fish 鱼 1f420
dolphin 海豚 1f42c|whale 鲸鱼 1f433|elephant 大象 1f418|giraffe 长颈鹿 1f992|sheep 绵羊 1f411|hedgehog 刺猬 1f994|dinosaur 恐龙 1f995
sunflower 向日葵 1f33b|rose 玫瑰 1f339|tulip 郁金香 1f337|cactus 仙人掌 1f335|palm 棕榈树 1f334|tree 大树 1f333|mushroom 蘑菇 1f344|clover 四叶草 1f340
apple 苹果 1f34e|pear 梨 1f350|lemon 柠檬 1f34b|banana 香蕉 1f34c|watermelon 西瓜 1f349|grapes 葡萄 1f347|strawberry 草莓 1f353|cherry 樱桃 1f352
peach 桃子 1f351|pineapple 菠萝 1f34d|tomato 番茄 1f345|eggplant 茄子 1f346|carrot 胡萝卜 1f955|corn 玉米 1f33d|bread 面包 1f35e
cheese 奶酪 1f9c0|hamburger 汉堡 1f354|pizza 披萨 1f355|egg 煎蛋 1f373|icecream 冰淇淋 1f366|doughnut 甜甜圈 1f369|cake 蛋糕 1f382|lollipop 棒棒糖 1f36d
coffee 咖啡 2615|candy 糖果 1f36c|car 汽车 1f697|bus 公交车 1f68c|tractor 拖拉机 1f69c|bicycle 自行车 1f6b2|rocket 火箭 1f680|airplane 飞机 2708
helicopter 直升机 1f681|sailboat 帆船 26f5|anchor 船锚 2693|house 房子 1f3e0|castle 城堡 1f3f0|tent 帐篷 26fa|ufo 飞碟 1f6f8
sun 太阳 1f31e|moon 月亮 1f319|star 星星 2b50|cloud 云 2601|rainbow 彩虹 1f308|lightning 闪电 26a1|snowflake 雪花 2744|fire 火焰 1f525
drop 水滴 1f4a7|umbrella 雨伞 2602|snowman 雪人 26c4|football 足球 26bd|basketball 篮球 1f3c0|balloon 气球 1f388|gift 礼物 1f381|teddy 泰迪熊 1f9f8
guitar 吉他 1f3b8|trumpet 小号 1f3ba|bell 铃铛 1f514|key 钥匙 1f511|clock 闹钟 23f0|bulb 灯泡 1f4a1|pencil 铅笔 270f|scissors 剪刀 2702
crown 皇冠 1f451|hat 礼帽 1f3a9|glasses 眼镜 1f453|shirt 衬衫 1f455|dress 裙子 1f457|shoe 运动鞋 1f45f|trophy 奖杯 1f3c6|heart 爱心 2764
ghost 幽灵 1f47b|robot 机器人 1f916|alien 外星人 1f47d|skull 骷髅 1f480|pumpkin 南瓜 1f383|lock 锁 1f512|camera 照相机 1f4f7|bomb 炸弹 1f4a3
`
  .trim()
  .split(/[|\n]/)
  .map(row => row.trim().split(' ') as [string, string, string]);
