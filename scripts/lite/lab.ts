/** JupyterLab's own application, as far as it is asked about the notebook in front. */
export interface Lab {
  commands: { execute(id: string): Promise<unknown> };
  shell: {
    currentWidget: {
      content: {
        activeCellIndex: number;
        widgets: LabCell[];
        activeCell: LabCell;
      };
      sessionContext: { session: { kernel: LabKernel | null } | null };
      /** Of the file in front, a notebook or another. */
      context?: { path: string };
    };
  };
}

interface LabCell {
  node: HTMLElement;
  model: { id: string; sharedModel: { setSource(code: string): void }; outputs?: { toJSON(): Output[] } };
}

interface LabKernel {
  name: string;
  requestComplete(about: { code: string; cursor_pos: number }): Promise<{ content: { matches: string[] } }>;
  requestInspect(about: {
    code: string;
    cursor_pos: number;
    detail_level: 0;
  }): Promise<{ content: { found: boolean } }>;
}

export interface Output {
  output_type: string;
  ename?: string;
  evalue?: string;
}
