/** Sliders that work: loads ipywidgets' own front end when the first widget appears, and passes its messages on. */

import type { ToRunner } from '../../../lib/kernel/messages';
import type { Told } from '../../../lib/kernel/page/link';
import { versioned } from './start';

export type CommMessage = Extract<Told, { kind: 'comm' }>;
export type SendComm = (message: Extract<ToRunner, { kind: 'comm' }>) => void;

/** What the bundle `widgets.js` offers (widgets.ts). */
export interface Manager {
  hear(message: CommMessage): void;
  draw(model: string, into: HTMLElement): Promise<void>;
}

export class Widgets {
  private manager: Promise<Manager> | undefined;

  constructor(
    private readonly base: string,
    private readonly send: SendComm,
  ) {}

  hear(message: CommMessage): void {
    void this.loaded().then(manager => manager.hear(message));
  }

  draw(model: string, into: HTMLElement): void {
    void this.loaded().then(manager => manager.draw(model, into));
  }

  private loaded(): Promise<Manager> {
    this.manager ??= new Promise<Manager>((resolve, reject) => {
      const script = document.createElement('script');
      script.src = versioned(this.base, 'widgets.js');
      script.onload = () =>
        resolve((window as unknown as { latentlabWidgets(send: SendComm): Manager }).latentlabWidgets(this.send));
      script.onerror = () => reject(new Error('widgets.js cannot be loaded'));
      document.head.append(script);
    });
    return this.manager;
  }
}
