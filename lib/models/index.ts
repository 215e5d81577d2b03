/** One file a model family; lessons take the models from here, readers open the files. */
export * from './atlas';
export * from './autoencoder';
export * from './autoencoder-kl';
export * from './bert';
export * from './classifier';
export * from './clip';
export {
  type Added,
  ConditionalUNet,
  type ConditionalUNetConfig,
  SD15_UNET,
  SDXL_UNET,
  wordMaps,
} from './conditional-unet';
export * from './controlnet';
export * from './dcgan';
export * from './decoder';
export * from './digits';
export * from './dit';
export * from './emoji';
export * from './flux';
export * from './gpt';
export * from './grpo';
export * from './judge';
export * from './language-model';
export * from './linear';
export * from './llama';
export { ggufSettings, llamaSettings, readLlamaFolder, readLlamaGguf } from './llama-files';
export { captionTokens, JointBlock, MMDIT, Mmdit, type MmditConfig } from './mmdit';
export { fluxSettings, mmditSettings, readFluxFolder, readMmditFolder } from './mmdit-files';
export * from './new-word';
export * from './pair-solver';
export * from './portions';
export * from './pretrained';
export * from './resnet';
export * from './rnn';
export * from './rollouts';
export * from './sampling';
export * from './stable-diffusion';
export * from './t5';
export * from './tang';
export * from './thing-painter';
export { CIFAR10_UNET, type Control, GUIDED_MNIST_UNET, MNIST_UNET, UNet, type UNetConfig } from './unet';
export * from './vae';
export * from './vit';
export * from './vq-vae';
