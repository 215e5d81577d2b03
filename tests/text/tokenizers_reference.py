"""What Hugging Face's tokenizers does with small vocabularies of the kinds of SmolLM2, GPT-2, Qwen2.5, Llama 3 and CLIP.
Run: python tests/text/tokenizers_reference.py   (tokenizers 0.23.3; writes tokenizers-reference.json beside this file; tests/packed.ts packs it)"""
import json
import pathlib

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

here = pathlib.Path(__file__).parent
TEXT = ("The strawberry in the bowl is redder than the other strawberries; there are three r's in it, aren't there? "
        '床前明月光，疑是地上霜。举头望明月，低头思故乡。 12345 + 67890 = 80235, aaaa aaa aaaaa  bananas and ananas. '
        "She said: \"it's the one that we're reading\", and then the rain in Spain stayed mainly in the plain. ")
SAMPLES = ['The strawberry', ' strawberry\n\n  and  the\train ', "It'S we'RE aren't", '明月光 12345', 'aaaaaaa', 'é e\u0301 \ufb01 Å', '👩‍👩‍👧 😀!',
           '\u00a0\u2003x\ufeffy\u0085z', '<|end|>the<|end|>', '', ' ', 'ǅ ʰ ا ١٢٣ Ⅷ ½', 'WORDS Words wOrDs', 'a\r\nb\r\n\r\nc', '!!!...---', '\u0301\u0302x', 'İ ẞ ß']

byte_level = lambda **more: pre_tokenizers.ByteLevel(add_prefix_space=False, **more)
trained = Tokenizer(models.BPE())
trained.pre_tokenizer = byte_level()
trainer = trainers.BpeTrainer(vocab_size=256 + 90, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
trained.train_from_iterator([TEXT], trainer)
model = json.loads(trained.to_str())['model']
vocab, merges = model['vocab'], [tuple(m) for m in model['merges']]

QWEN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA = QWEN.replace(r'|\p{N}|', r'|\p{N}{1,3}|')
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
R1 = [r'[\r\n]', r'\s?\p{L}+', r'\s?\p{P}+', r'[一-龥ࠀ-一가-퟿]+']


def build(name):
    bpe = dict(vocab=vocab, merges=merges)
    if name == 'clip':
        ends = {w + '</w>': len(vocab) + i for i, w in enumerate(vocab)}
        bpe = dict(vocab=vocab | ends | {'<unk>': 2 * len(vocab)}, merges=[*merges, ('t', 'h</w>'), ('t', 'he</w>')][:len(merges)], unk_token='<unk>', end_of_word_suffix='</w>')
        bpe['merges'] = [m for m in merges if m[0][0] != 'Ġ'] + [('a', 'n</w>')]
        bpe['vocab']['an</w>'] = 2 * len(vocab) + 1
    t = Tokenizer(models.BPE(**bpe, **({'ignore_merges': True} if name == 'llama3' else {})))
    t.decoder = decoders.ByteLevel()
    split = lambda pattern, **how: pre_tokenizers.Split(Regex(pattern), **({'behavior': 'isolated'} | how))
    if name == 'gpt2':
        t.pre_tokenizer, t.post_processor = byte_level(), processors.ByteLevel(trim_offsets=False)
    elif name == 'smollm2':
        t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(True), byte_level()])
    elif name == 'qwen2':
        t.normalizer = normalizers.NFC()
        t.pre_tokenizer = pre_tokenizers.Sequence([split(QWEN), byte_level(use_regex=False)])
    elif name == 'r1':
        t.normalizer = normalizers.Sequence([])
        t.pre_tokenizer = pre_tokenizers.Sequence([*map(split, R1), pre_tokenizers.Digits(False), byte_level(use_regex=False)])
    elif name == 'llama3':
        t.pre_tokenizer = pre_tokenizers.Sequence([split(LLAMA), byte_level(use_regex=False)])
    else:
        t.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r'\s+'), ' '), normalizers.Lowercase()])
        t.pre_tokenizer = pre_tokenizers.Sequence([split(CLIP, behavior='removed', invert=True), byte_level()])
    t.add_special_tokens([AddedToken('<|begin|>', normalized=False, special=True), AddedToken('<|end|>', normalized=name == 'clip', special=True)])
    if name == 'llama3':
        begin = t.token_to_id('<|begin|>')
        template = processors.TemplateProcessing(single='<|begin|> $A', pair='<|begin|> $A <|begin|>:1 $B:1', special_tokens=[('<|begin|>', begin)])
        t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    if name == 'clip':
        t.post_processor = processors.RobertaProcessing(('<|end|>', t.token_to_id('<|end|>')), ('<|begin|>', t.token_to_id('<|begin|>')), False, False)
    return t


kinds = {}
for name in ('gpt2', 'smollm2', 'qwen2', 'r1', 'llama3', 'clip'):
    t = build(name)
    file = json.loads(t.to_str())
    shared = file['model'].pop('vocab'), file['model'].pop('merges')
    own = {} if name != 'clip' else {'merges': shared[1]}
    kinds[name] = {'file': file, **own, 'samples': [[s, t.encode(s, add_special_tokens=True).ids, t.decode(t.encode(s).ids)] for s in SAMPLES]}

(here / 'tokenizers-reference.json').write_text(json.dumps({'text': TEXT, 'vocab': list(vocab), 'merges': merges, 'kinds': kinds}, ensure_ascii=False, separators=(',', ':')) + '\n')
