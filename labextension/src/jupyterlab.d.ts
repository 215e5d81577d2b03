/** The small part of JupyterLab's own API that this extension uses. JupyterLab brings the code; these are only its types. */

declare module '@lumino/signaling' {
  export interface ISignal<Sender, Args> {
    connect(slot: (sender: Sender, args: Args) => void): boolean;
    disconnect(slot: (sender: Sender, args: Args) => void): boolean;
  }
  export class Signal<Sender, Args> implements ISignal<Sender, Args> {
    constructor(sender: Sender);
    connect(slot: (sender: Sender, args: Args) => void): boolean;
    disconnect(slot: (sender: Sender, args: Args) => void): boolean;
    emit(args: Args): void;
  }
}

declare module '@jupyterlite/services' {
  import type { KernelOptions, LiteKernel } from '../lite/kernel';
  export interface KernelSpecs {
    register(kernel: {
      spec: { name: string; display_name: string; language: string; argv: string[]; resources: Record<string, string> };
      create(options: KernelOptions): Promise<LiteKernel>;
    }): void;
  }
  export interface KernelClient {
    interrupt(kernel: string): Promise<void>;
  }
  export const IKernelSpecs: unknown;
  export const IKernelClient: unknown;
}

declare module '@lumino/widgets' {
  import type { ISignal } from '@lumino/signaling';
  export class Widget {
    constructor(options?: { node?: HTMLElement });
    id: string;
    readonly node: HTMLElement;
    readonly title: { label: string; closable: boolean; caption: string };
    readonly isDisposed: boolean;
    readonly isAttached: boolean;
    readonly isVisible: boolean;
    readonly disposed: ISignal<Widget, void>;
    addClass(name: string): void;
    dispose(): void;
    protected onAfterShow(message: unknown): void;
    protected onAfterAttach(message: unknown): void;
  }
}

declare module '@jupyterlab/application' {
  import type { ISignal } from '@lumino/signaling';
  import type { Widget } from '@lumino/widgets';
  export interface CommandOptions {
    label: string | (() => string);
    caption?: string;
    execute(args: Record<string, unknown>): unknown;
    isEnabled?(): boolean;
  }
  export interface JupyterFrontEnd {
    commands: {
      addCommand(id: string, options: CommandOptions): void;
      execute(id: string, args?: Record<string, unknown>): Promise<unknown>;
    };
    shell: {
      add(widget: Widget, area: 'main', options?: Record<string, unknown>): void;
      activateById(id: string): void;
      widgets(area: 'main'): Iterable<Widget>;
      collapseLeft?(): void;
      readonly currentWidget: Widget | null;
    };
    restored: Promise<void>;
    serviceManager: { contents: { get(path: string, options: { content: boolean }): Promise<{ type: string }> } };
  }
  export interface JupyterFrontEndPlugin {
    id: string;
    description: string;
    autoStart: boolean;
    requires?: unknown[];
    optional?: unknown[];
    activate(app: JupyterFrontEnd, ...services: never[]): void | Promise<void>;
  }
  export interface Restorer {
    add(widget: Widget, name: string): void;
  }
  export const ILayoutRestorer: unknown;
  export type LayoutChanged = ISignal<unknown, void>;
}

declare module '@jupyterlab/apputils' {
  import { Widget } from '@lumino/widgets';
  export class MainAreaWidget extends Widget {
    constructor(options: { content: Widget });
  }
  export interface Palette {
    addItem(item: { command: string; category: string }): void;
  }
  export const ICommandPalette: unknown;
  export const Notification: {
    /** @param options `autoClose: false`: until it is dismissed */
    emit(message: string, type: 'in-progress', options: { autoClose: false }): string;
    update(about: { id: string; message: string }): boolean;
    dismiss(id: string): void;
  };
}

declare module '@jupyterlab/coreutils' {
  export const PageConfig: { getOption(name: string): string; getBaseUrl(): string };
}

declare module '@jupyterlab/translation' {
  export interface Translator {
    readonly languageCode: string;
  }
  export const ITranslator: unknown;
}

declare module '@jupyterlab/settingregistry' {
  import type { ISignal } from '@lumino/signaling';
  export interface Settings {
    get(key: string): { composite: unknown };
    set(key: string, value: unknown): Promise<void>;
    readonly changed: ISignal<unknown, void>;
  }
  export interface Registry {
    load(plugin: string): Promise<Settings>;
    set(plugin: string, key: string, value: unknown): Promise<void>;
  }
  export const ISettingRegistry: unknown;
}

declare module '@jupyterlab/rendermime' {
  /** What a renderer draws from, and may write back to. */
  export interface MimeModel {
    readonly data: Record<string, unknown>;
    readonly metadata: Record<string, unknown>;
    setData(options: { data?: Record<string, unknown>; metadata?: Record<string, unknown> }): void;
  }
  export interface Renderer {
    renderModel(model: MimeModel): Promise<void>;
  }
  export interface RendererOptions {
    mimeType: string;
    /** Knows where the notebook lies. */
    resolver?: { readonly path?: string } | null;
  }
  export interface RendererFactory {
    readonly mimeTypes: readonly string[];
    createRenderer(options: RendererOptions): Renderer;
  }
  export interface RenderMime {
    readonly mimeTypes: readonly string[];
    getFactory(mimeType: string): RendererFactory | undefined;
    addFactory(factory: RendererFactory, rank?: number): void;
  }
  export const IRenderMimeRegistry: unknown;
}

declare module '@jupyterlab/services' {
  import type { ISignal } from '@lumino/signaling';
  export interface KernelMessage {
    header: { msg_type: string; msg_id: string; date: string };
    parent_header: { msg_id?: string };
    channel: string;
    content: Record<string, unknown>;
  }
  export interface CommChannel {
    onMsg: (message: KernelMessage) => void;
    open(data: Record<string, unknown>): unknown;
    close(): unknown;
  }
  export interface KernelConnection {
    readonly id: string;
    readonly name: string;
    readonly clientId: string;
    readonly isDisposed: boolean;
    readonly handleComms: boolean;
    readonly iopubMessage: ISignal<KernelConnection, KernelMessage>;
    createComm(target: string): CommChannel;
  }
}

declare module '@jupyterlab/notebook' {
  import type { RenderMime } from '@jupyterlab/rendermime';
  import type { KernelConnection } from '@jupyterlab/services';
  import type { ISignal } from '@lumino/signaling';
  import type { Widget } from '@lumino/widgets';

  export interface OutputArea {
    readonly length: number;
    add(output: Record<string, unknown>): number;
    set(index: number, output: Record<string, unknown>): void;
    clear(wait?: boolean): void;
    fromJSON(outputs: Record<string, unknown>[]): void;
    toJSON(): Record<string, unknown>[];
  }
  export interface CellModel {
    readonly id: string;
    readonly type: string;
    readonly sharedModel: { getSource(): string };
    readonly outputs?: OutputArea;
    executionCount: number | null;
    executionState: 'idle' | 'running';
    trusted: boolean;
  }
  export interface NotebookCell extends Widget {
    readonly model: CellModel;
  }
  export interface NotebookModel {
    readonly cells: Iterable<CellModel>;
    dirty: boolean;
    getMetadata(key: string): unknown;
    setMetadata(key: string, value: unknown): void;
    deleteMetadata(key: string): void;
  }
  export interface Notebook extends Widget {
    readonly model: NotebookModel | null;
    readonly widgets: readonly NotebookCell[];
    readonly activeCell: NotebookCell | null;
    activeCellIndex: number;
    readonly rendermime: RenderMime;
    scrollToItem(...place: unknown[]): Promise<void>;
  }
  export interface SessionContext {
    readonly ready: Promise<void>;
    readonly session: { kernel: KernelConnection | null } | null;
    readonly kernelChanged: ISignal<SessionContext, { newValue: KernelConnection | null }>;
  }
  export interface NotebookContext {
    readonly path: string;
    readonly model: NotebookModel;
    readonly ready: Promise<void>;
    readonly contentsModel: { last_modified: string } | null;
    readonly isDisposed: boolean;
    readonly disposed: ISignal<unknown, void>;
    save(): Promise<void>;
  }
  export interface NotebookPanel extends Widget {
    readonly content: Notebook;
    readonly context: NotebookContext;
    readonly sessionContext: SessionContext;
  }
  export interface NotebookTracker {
    readonly widgetAdded: ISignal<NotebookTracker, NotebookPanel>;
    readonly currentWidget: NotebookPanel | null;
    find(test: (panel: NotebookPanel) => boolean): NotebookPanel | undefined;
  }
  type Run = (notebook: Notebook, ...rest: unknown[]) => Promise<boolean>;
  export const NotebookActions: {
    run: Run;
    runAndAdvance: Run;
    runAndInsert: Run;
    runAll: Run;
    runAllAbove: Run;
    runAllBelow: Run;
    runCells: (notebook: Notebook, cells: readonly NotebookCell[], ...rest: unknown[]) => Promise<boolean>;
    readonly executed: ISignal<unknown, { notebook: Notebook; cell: NotebookCell; success: boolean }>;
  };
  export const INotebookTracker: unknown;
}

declare module '*.svg' {
  const text: string;
  export default text;
}

declare module '*.css' {
  const text: string;
  export default text;
}
