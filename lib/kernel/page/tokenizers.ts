/** The reference tokenizers with their vocabularies as a file of its own, which the cells' worker loads when a cell wants one. */
Object.assign(self, {
  latentlabPackages: {
    ...(self as { latentlabPackages?: object }).latentlabPackages,
    'gpt-tokenizer/BytePairEncodingCore': require('gpt-tokenizer/BytePairEncodingCore'),
    'gpt-tokenizer/encoding/r50k_base': require('gpt-tokenizer/encoding/r50k_base'),
    'gpt-tokenizer/encoding/cl100k_base': require('gpt-tokenizer/encoding/cl100k_base'),
    'gpt-tokenizer/encoding/o200k_base': require('gpt-tokenizer/encoding/o200k_base'),
  },
});
