/** One file a model family; lessons take the models from here, readers open the files. */
export * from './autoencoder';
export * from './autoencoder-kl';
export * from './classifier';
export * from './clip';
export * from './conditional-unet';
export * from './dcgan';
export * from './digits';
export * from './dit';
export * from './emoji';
export * from './emoji-painter';
export * from './gpt';
export * from './linear';
export * from './pretrained';
export * from './resnet';
export * from './stable-diffusion';
export { CIFAR10_UNET, GUIDED_MNIST_UNET, MNIST_UNET, UNet, type UNetConfig } from './unet';
export * from './vae';
export * from './vit';
